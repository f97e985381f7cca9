"""Key Vault asks for a sign-in with a challenge before it answers; its clients must get through it to the list."""

from __future__ import annotations

import json

import pytest

from loader.azure.credential import ReplayCredential
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.settings import AzureSettings
from loader.azure.transport.replay import ReplaySender, ReplayStore
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.traffic import Traffic
from loader.azure.transport.wire import WireAnswer, WireRequest
from loader.model import At, Json, Status, Vault

JSON = {"content-type": "application/json"}
CHALLENGE = {
    **JSON,
    "www-authenticate": 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"',
}
KEYS = Vault(
    client="azure.keyvault.keys.aio:KeyClient",
    operation="list_properties_of_keys",
    endpoint=At("properties.vaultUri"),
    permission="Key Vault Reader",
    parent="azure_keyvault_service",
)


class ChallengingVault:
    """Answers 401 with a challenge to whoever brings no token, and `answer` to all others."""

    def __init__(self, status: int, body: Json) -> None:
        self.answer = WireAnswer(status, JSON, json.dumps(body).encode())
        self.asked: list[bool] = []

    async def send(self, request: WireRequest) -> WireAnswer:
        signed = any(name.lower() == "authorization" for name in request.headers)
        self.asked.append(signed)
        return self.answer if signed else WireAnswer(401, CHALLENGE, b"{}")

    async def close(self) -> None: ...


def session_with(vault: ChallengingVault) -> AzureSession:
    traffic = Traffic(vault, RetryPolicy(tries=1))
    return AzureSession(traffic, ReplayCredential(), AzureSettings(), ReplaySender(ReplayStore([])))


async def keys(session: AzureSession, name: str) -> list[Json]:
    parent = {"properties": {"vaultUri": f"https://{name}.vault.azure.net/"}}
    return [item async for page in session.pages(KEYS, subscription=None, parent=parent) for item in page]


async def test_a_challenge_is_answered() -> None:
    vault = ChallengingVault(200, {"value": [{"kid": "https://one.vault.azure.net/keys/a"}]})
    assert [item["kid"] for item in await keys(session_with(vault), "one")] == ["https://one.vault.azure.net/keys/a"]
    assert vault.asked == [False, True]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [("two", "ForbiddenByFirewall", "firewall"), ("three", "ForbiddenByRbac", "Key Vault Reader")],
)
async def test_refusals_behind_the_challenge(name: str, code: str, words: str) -> None:
    vault = ChallengingVault(403, {"error": {"code": "Forbidden", "message": "No.", "innererror": {"code": code}}})
    with pytest.raises(AzureError, match=words) as caught:
        await keys(session_with(vault), name)
    assert caught.value.status is Status.FORBIDDEN
    assert caught.value.code == code
