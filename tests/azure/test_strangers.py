"""A vault that sends its readers to another host: no client follows, and the stranger's list is nobody's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loader.azure.credential import ReplayCredential
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.settings import AzureSettings
from loader.azure.transport.replay import ReplaySender, ReplayStore
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.traffic import Traffic
from loader.azure.transport.wire import WireAnswer, WireRequest
from loader.model import Call, Status
from tests.azure.contoso import LIST_USERS, LIST_VNETS, SUB
from tests.azure.test_tokens import VAULT_CALLS

VAULT = {"properties": {"vaultUri": "https://kv-contoso.vault.azure.net/"}}
STRANGER = "https://stranger.vault.azure.net/secrets"


class Redirecting:
    """Sends everybody on, to a stranger that has a list of its own; asks for a sign-in first where told so."""

    def __init__(self, status: int, resource: str = "") -> None:
        self.status = status
        self.resource = resource
        self.asked: list[WireRequest] = []

    async def send(self, request: WireRequest) -> WireAnswer:
        self.asked.append(request)
        if request.url.startswith(STRANGER):
            return WireAnswer(200, {}, json.dumps({"value": [{"id": f"{STRANGER}/forged"}]}).encode())
        if self.resource and not any(name.lower() == "authorization" for name in request.headers):
            told = f'Bearer authorization="https://login.microsoftonline.com/t", resource="{self.resource}"'
            return WireAnswer(401, {"www-authenticate": told}, b"{}")
        return WireAnswer(self.status, {"location": STRANGER}, b"")

    async def close(self) -> None: ...


def session_with(sender: Redirecting, policy: RetryPolicy | None = None) -> AzureSession:
    traffic = Traffic(sender, policy or RetryPolicy())
    return AzureSession(traffic, ReplayCredential(), AzureSettings(), ReplaySender(ReplayStore([])))


async def read(session: AzureSession, call: Call) -> list[Any]:
    return [item async for page in session.pages(call, subscription=SUB, parent=VAULT) for item in page]


@pytest.mark.parametrize("call", [LIST_VNETS, LIST_USERS, *VAULT_CALLS.values()], ids=["arm", "graph", *VAULT_CALLS])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_client_follows_a_redirect(status: int, call: Call) -> None:
    sender = Redirecting(status, "https://vault.azure.net")
    with pytest.raises(AzureError, match=rf"redirect to stranger\.vault\.azure\.net \({status}\)") as caught:
        await read(session_with(sender), call)
    assert caught.value.status is Status.FAILED
    assert not [request for request in sender.asked if request.url.startswith(STRANGER)]


@pytest.mark.parametrize(
    "resource", ["https://stranger.example", "https://graph.microsoft.com", "https://ault.azure.net", "vault.azure.net"]
)
async def test_a_vault_gets_no_token_of_another_service(resource: str) -> None:
    sender = Redirecting(200, resource)
    with pytest.raises(AzureError, match="gets none") as caught:
        await read(session_with(sender), VAULT_CALLS["secrets"])
    assert caught.value.status is Status.FAILED
    assert not [request for request in sender.asked if "Authorization" in request.headers]


async def test_no_token_goes_over_plain_http() -> None:
    sender = Redirecting(200)
    parent = {"properties": {"vaultUri": "http://kv-contoso.vault.azure.net/"}}
    with pytest.raises(AzureError, match="https"):
        async for _ in session_with(sender).pages(VAULT_CALLS["keys"], subscription=SUB, parent=parent):
            pass
    assert not sender.asked


async def test_a_vault_of_another_tenant_is_signed_in_to_there() -> None:
    class Abroad(Redirecting):
        async def send(self, request: WireRequest) -> WireAnswer:
            self.asked.append(request)
            tenant = "away" if request.url.startswith("https://kv-away.") else "home"
            if request.headers.get("Authorization") == f"Bearer {tenant}":
                return WireAnswer(200, {}, b'{"value": []}')
            told = (
                f'Bearer authorization="https://login.microsoftonline.com/{tenant}", resource="https://vault.azure.net"'
            )
            return WireAnswer(401, {"www-authenticate": told}, b"{}")

    class ByTenant(ReplayCredential):
        async def get_token(self, *scopes: str, **kwargs: Any) -> Any:
            assert scopes == ("https://vault.azure.net/.default",)
            return (await super().get_token())._replace(token=kwargs["tenant_id"])

    sender = Abroad(200)
    session = AzureSession(Traffic(sender, RetryPolicy()), ByTenant(), AzureSettings(), ReplaySender(ReplayStore([])))
    for _ in range(2):
        for name in ("kv-one", "kv-two", "kv-away"):
            parent = {"properties": {"vaultUri": f"https://{name}.vault.azure.net/"}}
            async for _ in session.pages(VAULT_CALLS["keys"], subscription=SUB, parent=parent):
                pass
    # One challenge at home, one abroad, and both are remembered.
    assert len(sender.asked) == 6 + 2
