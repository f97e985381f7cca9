"""Access tokens: one request for each scope, a fresh one where Azure refuses the kept one, and no more than that."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import ClientAuthenticationError

from loader.azure import sessions
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.settings import AzureSettings
from loader.azure.tokens import Tokens
from loader.azure.transport.wire import Exchange, WireAnswer, WireRequest
from loader.model import At, Call, Json, Status, Vault
from tests.azure.contoso import LIST_USERS, LIST_VNETS, names, two_pages
from tests.fakeazure import FakeAzure, Fault
from tests.fakeazure.server import GRAPH, VAULTS

REFUSED = Fault(status=401, body='{"error": {"code": "ExpiredAuthenticationToken", "message": "It has expired."}}')
VAULT_CALLS = {
    kind: Vault(
        client=f"azure.keyvault.{package}.aio:{client}",
        operation=operation,
        endpoint=At("properties.vaultUri"),
        permission="Key Vault Reader",
        parent="azure_keyvault_service",
    )
    for kind, package, client, operation in (
        ("keys", "keys", "KeyClient", "list_properties_of_keys"),
        ("secrets", "secrets", "SecretClient", "list_properties_of_secrets"),
        ("certificates", "certificates", "CertificateClient", "list_properties_of_certificates"),
    )
}
MANY = 12


def vault(number: int) -> Json:
    return {"properties": {"vaultUri": f"https://kv-{number}{VAULTS}/"}}


@pytest.fixture
def azure() -> Iterator[FakeAzure]:
    lists = [
        Exchange.of_json(f"https://kv-{number}{VAULTS}/{kind}", {"value": [{"id": f"https://kv-{number}{VAULTS}/x/a"}]})
        for number in range(MANY)
        for kind in VAULT_CALLS
    ]
    users = Exchange.of_json(f"{GRAPH}/v1.0/users", {"value": [{"id": "1", "displayName": "Ada"}]})
    with FakeAzure([*two_pages(), users, *lists]) as fake:
        yield fake


def live(azure: FakeAzure, monkeypatch: pytest.MonkeyPatch) -> AzureSession:
    for name, value in azure.proxied_environment.items():
        monkeypatch.setenv(name, value)
    return sessions.live(AzureSettings.from_environment(azure.proxied_environment))


async def test_one_token_request_for_each_scope_and_no_challenge_for_each_vault(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def of_vault(number: int, call: Call) -> int:
        pages = session.pages(call, subscription=None, parent=vault(number))
        return sum([len(page) async for page in pages])

    async with live(azure, monkeypatch) as session:
        lists = [of_vault(number, call) for number in range(MANY) for call in VAULT_CALLS.values()]
        found = await asyncio.gather(*lists, *(names(session, call) for call in [LIST_VNETS, LIST_USERS] * 9))
    assert found[: MANY * 3] == [1] * MANY * 3
    # Azure Resource Manager, Microsoft Graph, key vaults.
    assert azure.tokens == 3
    assert azure.challenges == 1


@pytest.mark.parametrize("call", [LIST_VNETS, LIST_USERS, *VAULT_CALLS.values()], ids=["arm", "graph", *VAULT_CALLS])
async def test_a_token_that_ends_in_the_middle_is_renewed_once(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    async with live(azure, monkeypatch) as session:
        before = await names(session, call, vault(0))
        given = azure.tokens
        azure.expire_tokens()
        together = await asyncio.gather(*(names(session, call, vault(0)) for _ in range(5)))
        assert together == [before] * 5
        assert azure.tokens == given + 1
        # And it is the token of all that follows.
        sent = session.retried
        assert await names(session, call, vault(0)) == before
        assert session.retried == sent


@pytest.mark.parametrize(
    ("call", "ending"),
    [(LIST_VNETS, "/virtualnetworks"), (LIST_USERS, "/users"), (VAULT_CALLS["keys"], f"kv-0{VAULTS}/keys")],
    ids=["arm", "graph", "vault"],
)
async def test_a_second_refusal_is_final_and_costs_no_more_tokens(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch, call: Call, ending: str
) -> None:
    async with live(azure, monkeypatch) as session:
        before = await names(session, call, vault(0))
        given = azure.tokens
        azure.break_next(ending, *[REFUSED] * 3)
        asked = len(azure.requests)
        with pytest.raises(AzureError, match="did not accept the sign-in") as caught:
            await names(session, call, vault(0))
        assert caught.value.status is Status.FORBIDDEN
        assert caught.value.http_status == 401
        assert len(azure.requests) == asked + 2
        with pytest.raises(AzureError):
            await names(session, call, vault(0))
        assert len(azure.requests) == asked + 3
        assert azure.tokens == given + 1
        assert await names(session, call, vault(0)) == before


class Issuer:
    """Credentials that keep what they got, as azure-identity's do, over one place that issues tokens."""

    def __init__(self, seconds: float = 3600) -> None:
        self.issued = self.closed = self.tried = 0
        self.seconds = seconds
        self.broken = False

    def make(self) -> Any:
        issuer = self

        class Keeping:
            kept: AccessTokenInfo | None = None

            async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
                raise AssertionError("the newer way is used where there is one")

            async def get_token_info(self, *scopes: str, options: TokenRequestOptions) -> AccessTokenInfo:
                await asyncio.sleep(0)
                issuer.tried += 1
                if issuer.broken:
                    raise ClientAuthenticationError("no")
                if self.kept is None or options.get("claims") or self.kept.expires_on - time.time() < 300:
                    issuer.issued += 1
                    self.kept = AccessTokenInfo(f"token-{issuer.issued}", int(time.time() + issuer.seconds))
                return self.kept

            async def close(self) -> None:
                issuer.closed += 1

        return Keeping()


def carrying(token: str, host: str = "management.azure.com") -> WireRequest:
    return WireRequest("GET", f"https://{host}/x", {"authorization": f"Bearer {token}"})


def refusal(challenge: str = "") -> WireAnswer:
    return WireAnswer(401, {"www-authenticate": challenge} if challenge else {}, b"{}")


async def test_many_at_once_are_one_request_and_all_hear_of_its_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    found = await asyncio.gather(*(tokens.get_token("a") for _ in range(50)))
    assert ({token.token for token in found}, issuer.issued) == ({"token-1"}, 1)
    issuer.broken = True
    failed = await asyncio.gather(*(tokens.get_token("b") for _ in range(50)), return_exceptions=True)
    assert all(isinstance(one, ClientAuthenticationError) for one in failed)
    issuer.broken = False
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert (await tokens.get_token("b")).token == "token-1"


async def test_a_refused_sign_in_is_not_tried_for_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    issuer.broken = True
    now = time.monotonic()

    async def refused(scope: str, later: float) -> bool:
        monkeypatch.setattr(time, "monotonic", lambda: now + later)
        with pytest.raises(ClientAuthenticationError, match="no"):
            await tokens.get_token(scope)
        return True

    assert all([await refused("a", second / 10) for second in range(300)])
    assert issuer.tried == 1
    # Of another kind nothing is known, and a minute later it may have been mended.
    await refused("b", 30)
    assert issuer.tried == 2
    await refused("a", 61)
    assert issuer.tried == 3
    issuer.broken = False
    monkeypatch.setattr(time, "monotonic", lambda: now + 122)
    assert (await tokens.get_token("a")).token == "token-1"


async def test_a_token_that_is_refused_is_not_renewed_again_and_again_in_vain() -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    token = (await tokens.get_token("a")).token
    issuer.broken = True
    assert [await tokens.renewed(carrying(token), refusal()) for _ in range(300)] == [None] * 300
    assert issuer.tried == 2
    await tokens.close()
    assert issuer.closed == 2, "a credential is not made for each call either"


async def test_a_waiter_that_gives_up_stops_nobody() -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    first, second = asyncio.create_task(tokens.get_token("a")), asyncio.create_task(tokens.get_token("a"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).token == "token-1"


async def test_a_token_is_kept_until_shortly_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    now = time.time()
    for later, token in ((0, "token-1"), (3200, "token-1"), (3400, "token-2"), (3500, "token-2")):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        assert (await tokens.get_token("a")).token == token
    # While the sign-in host is away a token that is still good serves on.
    issuer.broken = True
    monkeypatch.setattr(time, "time", lambda: now + 3400 + 3400)
    assert [(await tokens.get_token("a")).token for _ in range(3)] == ["token-2"] * 3


async def test_a_renewed_token_is_fresh_and_takes_the_place_of_the_old_one() -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    old = (await tokens.get_token("a")).token
    fresh = await tokens.renewed(carrying(old), refusal())
    assert fresh is not None
    assert fresh.headers == {"Authorization": "Bearer token-2"}
    assert tokens.newest(carrying(old)).headers == {"Authorization": "Bearer token-2"}
    # One that comes late with the old token gets the new one, and no third is issued.
    assert await tokens.renewed(carrying(old), refusal()) == fresh
    assert issuer.issued == 2
    await tokens.close()
    assert issuer.closed == 2


async def test_what_is_not_renewed() -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    token = (await tokens.get_token("a/.default", tenant_id="t")).token
    assert await tokens.renewed(carrying("a stranger's"), refusal()) is None
    assert await tokens.renewed(carrying(token), refusal('Bearer error="insufficient_claims", claims="e30="')) is None
    other = 'Bearer authorization="https://login.microsoftonline.com/other", resource="a"'
    assert await tokens.renewed(carrying(token), refusal(other)) is None
    same = 'Bearer authorization="https://login.microsoftonline.com/t", resource="a"'
    fresh = await tokens.renewed(carrying(token), refusal(same))
    assert fresh is not None
    tokens.believe(fresh)
    assert await tokens.renewed(fresh, refusal()) is None
    assert await tokens.renewed(carrying(token, "graph.microsoft.com"), refusal()) is not None
    issuer.broken = True
    assert await tokens.renewed(tokens.newest(carrying(token, "third")), refusal()) is None
    assert issuer.issued == 2


async def test_a_token_with_the_claims_that_were_demanded_serves_all() -> None:
    issuer = Issuer()
    tokens = Tokens(issuer.make)
    old = (await tokens.get_token("a", enable_cae=True)).token
    assert (await tokens.get_token("a", enable_cae=True, claims="{}")).token == "token-2"
    assert (await tokens.get_token("a", enable_cae=True)).token == "token-2"
    assert tokens.newest(carrying(old)).headers == {"Authorization": "Bearer token-2"}


async def test_a_tenant_that_was_named_by_its_domain_is_not_another_one() -> None:
    """As azure-identity does it: a tenant that is spelled otherwise than the own one is refused."""
    claims = base64.urlsafe_b64encode(json.dumps({"tid": "7C9F0A52-1111-4222-8333-444455556666"}).encode()).decode()

    class ByDomain:
        async def get_token(self, *scopes: str, tenant_id: str = "", **_: Any) -> AccessToken:
            if tenant_id:
                raise ClientAuthenticationError(f"The current credential is not configured for {tenant_id}")
            return AccessToken(
                f"x.{claims.rstrip('=')}.{'vault' if 'vault' in scopes[0] else 'arm'}", int(time.time()) + 3600
            )

    tokens = Tokens(ByDomain)  # type: ignore[arg-type]
    await tokens.get_token("https://management.azure.com/.default")
    own = await tokens.get_token("https://vault.azure.net/.default", tenant_id="7c9f0a52-1111-4222-8333-444455556666")
    assert own.token.endswith(".vault")
    with pytest.raises(ClientAuthenticationError):
        await tokens.get_token("https://vault.azure.net/.default", tenant_id="00000000-1111-4222-8333-444455556666")
