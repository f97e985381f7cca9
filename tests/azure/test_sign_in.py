"""Each refusal of a sign-in, and each way in which its host cannot be reached, has words of its own."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.azure import sessions
from loader.azure.refusals import REFUSALS, sentence
from loader.azure.settings import AzureSettings
from loader.errors import AzgraphError, UnreachableError, UsageError
from tests.fakeazure import FakeAzure

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def azure() -> Iterator[FakeAzure]:
    with FakeAzure() as fake:
        yield fake


async def sign_in(environment: dict[str, str]) -> str:
    """What is said; the sign-in must fail."""
    with pytest.raises(AzgraphError) as told:
        async with sessions.live(AzureSettings.from_environment(environment), environment=environment):
            pass
    assert isinstance(told.value, UnreachableError | UsageError)
    return str(told.value)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: one.anchor)
def test_each_refusal_is_told_and_stands_in_the_page(refusal) -> None:
    for code in refusal.codes:
        told = sentence(f"AADSTS{code}: Pl4nted secret. Trace ID: x", "login.example")
        assert told is not None
        assert refusal.says in told
        assert refusal.do in told
        assert "Pl4nted" not in told
        assert f"AADSTS{code}" in PAGE
    assert re.search(rf"^#+ {re.escape(refusal.topic)}$", PAGE, re.MULTILINE)


def test_no_code_has_two_causes() -> None:
    codes = [code for refusal in REFUSALS for code in refusal.codes]
    assert len(codes) == len(set(codes))


async def test_an_untrusted_certificate_names_the_setting(azure: FakeAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    own = {name: value for name, value in azure.environment.items() if name != "SSL_CERT_FILE"}
    told = await sign_in(own)
    assert "certificate is not trusted" in told
    assert "SSL_CERT_FILE" in told


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("http://ada:Pl4nted@127.0.0.1:9", "127.0.0.1:9"),
        ("http://nowhere.invalid:3128", "nowhere.invalid:3128"),
    ],
)
async def test_a_dead_proxy_is_named_soon(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch, proxy: str, says: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "")
    began = time.monotonic()
    told = await sign_in(azure.environment)
    assert says in told
    assert "HTTPS_PROXY" in told
    assert "Pl4nted" not in told
    assert time.monotonic() - began < 15


async def test_a_host_that_says_nothing_is_not_waited_for_without_end(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("loader.azure.credential._SILENCE", 0.2)
    monkeypatch.setattr("loader.azure.credential._FIRST_SIGN_IN", 0.6)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        told = await sign_in({**azure.environment, "AZURE_AUTHORITY_HOST": f"127.0.0.1:{mute.getsockname()[1]}"})
    assert "did not answer" in told
    assert "Waiting for the sign-in" in caplog.text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"AZURE_TENANT_ID": "contoso/onmicrosoft com"}, r"AZURE_TENANT_ID is 'contoso/onmicrosoft com'"),
        ({"AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE_PATH": "/no/such.pem"}, r"/no/such\.pem, which cannot"),
        ({"AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE_PATH": __file__}, "PEM or PKCS #12"),
    ],
)
async def test_what_cannot_be_used_is_named(azure: FakeAzure, changed: dict[str, str], says: str) -> None:
    assert re.search(says, await sign_in({**azure.environment, **changed}))
