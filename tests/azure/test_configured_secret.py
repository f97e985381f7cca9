"""azgraph's own secret in a key vault: read through the real client, and each refusal in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loader.azure.configured_secret import read_secret
from loader.azure.settings import AzureSettings
from loader.azure.sign_in import SignIn
from loader.azure.transport.wire import Exchange
from loader.errors import UnreachableError
from tests.fakeazure import FakeAzure, Fault

ADDRESS = "https://contoso.vault.azure.net/secrets/azgraph"
ANSWER = {"value": "hush", "id": f"{ADDRESS}/0123456789abcdef0123456789abcdef", "attributes": {"enabled": True}}


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAzure]:
    asked = [Exchange.of_json(f"{ADDRESS}{end}", ANSWER) for end in ("", "/", "/0123456789abcdef0123456789abcdef")]
    with FakeAzure(asked) as fake:
        for name, value in fake.proxied_environment.items():
            monkeypatch.setenv(name, value)
        yield fake


async def read(azure: FakeAzure, address: str = ADDRESS) -> str:
    environment = azure.proxied_environment
    return await read_secret(address, AzureSettings.from_environment(environment), SignIn.from_environment(environment))


async def test_it_is_read_with_the_machines_own_identity(azure: FakeAzure) -> None:
    assert await read(azure) == "hush"
    assert await read(azure, f"{ADDRESS}/0123456789abcdef0123456789abcdef") == "hush"
    assert azure.tokens >= 1
    assert all(one.startswith("GET /secrets/azgraph") for one in azure.requests)


async def test_a_refusal_names_the_right(azure: FakeAzure) -> None:
    azure.break_next("", *[Fault(status=403, body='{"error": {"code": "Forbidden", "message": "no"}}')] * 9)
    with pytest.raises(UnreachableError, match="Key Vault Secrets User") as caught:
        await read(azure)
    assert "hush" not in str(caught.value)
