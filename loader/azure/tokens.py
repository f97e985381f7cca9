"""The access tokens of a session: asked for once a scope, kept until shortly before they end, renewed if refused.

azure-identity keeps tokens too, but lets any number of callers ask at once for one that it does not have, and hands out
a kept token however often it was refused: only a credential that was just made has nothing kept. (A managed identity
and the Azure CLI keep tokens outside of this process as well; where they hand out the refused one again, it stays
refused.)
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError as CoreError
from azure.core.exceptions import ClientAuthenticationError

from loader.azure.challenge import Challenge, challenge_in
from loader.azure.token import tenant_of_token
from loader.azure.transport.wire import WireAnswer, WireRequest

# Azure's clients ask for the next token so long before one ends; one that lives shorter is kept for most of its life.
_BEFORE_ITS_END = 300
# A host that refused a fresh token is believed for so long; without that, each request to it would ask for a token.
_BELIEVED = 60
# A sign-in that was refused is not tried again for so long; without that, each of thousands of calls would try it.
_REFUSED_FOR = 60
# A token that its issuer would have renewed by now is asked for this often at most, as azure-identity does it.
_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class _Kind:
    """What makes tokens interchangeable."""

    scopes: tuple[str, ...]
    tenant: str | None
    claims: str | None
    continuous: bool

    @property
    def options(self) -> TokenRequestOptions:
        """As credentials are asked."""
        options: TokenRequestOptions = {"enable_cae": self.continuous}
        if self.tenant:
            options["tenant_id"] = self.tenant
        if self.claims:
            options["claims"] = self.claims
        return options

    def suits(self, challenge: Challenge) -> bool:
        """Whether the challenge asks for nothing else than this."""
        return challenge.scope in self.scopes and challenge.tenant == (self.tenant or challenge.tenant)


@dataclass(slots=True)
class _Kept:
    token: AccessTokenInfo
    got: float

    @property
    def fit(self) -> bool:
        now = time.time()
        margin = min(_BEFORE_ITS_END, (self.token.expires_on - self.got) / 10)
        renewable = self.token.refresh_on is not None and self.token.refresh_on <= now
        return now < self.token.expires_on - margin and not (renewable and now - self.got > _PATIENCE)


class Tokens:
    """A credential over credentials that `make` makes; shared by all clients of a session, and safe to ask at once.

    It is an `AsyncTokenCredential` for the SDKs and a `Signer` for the traffic.
    """

    def __init__(self, make: Callable[[], AsyncTokenCredential]) -> None:
        self._make = make
        self._credentials = [make()]
        self._kept: dict[_Kind, _Kept] = {}
        self._kinds: dict[str, _Kind] = {}
        self._asking: dict[_Kind, asyncio.Task[AccessTokenInfo]] = {}
        self._renewing: defaultdict[_Kind, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._refused: dict[_Kind, tuple[float, str]] = {}
        self._believed: dict[tuple[str, _Kind], float] = {}
        self._home = ""

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        found = await self._find(_Kind(scopes, tenant_id, claims, enable_cae))
        return AccessToken(found.token, found.expires_on)

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        asked = options or {}
        claims, tenant = asked.get("claims"), asked.get("tenant_id")
        return await self._find(_Kind(scopes, tenant, claims, bool(asked.get("enable_cae"))))

    async def close(self) -> None:
        for task in self._asking.values():
            task.cancel()
        for credential in self._credentials:
            await credential.close()

    async def __aenter__(self) -> Tokens:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def newest(self, request: WireRequest) -> WireRequest:
        """The request with the token that has taken the place of the one it carries: SDK clients keep theirs."""
        carried = _carried(request)
        kind = self._kinds.get(carried)
        newest = carried if kind is None else self._kept[kind].token.token
        return request if newest == carried else _carrying(request, newest)

    async def renewed(self, request: WireRequest, answer: WireAnswer) -> WireRequest | None:
        """The request with a token that was issued after `answer` refused the one it carries.

        None where the refusal is final: it carries no token of ours, a fresh one was refused by this host a moment ago,
        none is to be had, or the answer asks for another sign-in, which the SDK gives (another tenant, claims).
        """
        refused = _carried(request)
        kind = self._kinds.get(refused)
        if kind is None or time.monotonic() - self._believed.get((_host(request), kind), -_BELIEVED) < _BELIEVED:
            return None
        challenge = challenge_in(answer.headers)
        if challenge is not None and (challenge.claims or (challenge.scope and not kind.suits(challenge))):
            return None
        async with self._renewing[kind]:
            if self._kept[kind].token.token == refused:
                if self._refusal(kind) is not None:
                    return None
                self._credentials.append(self._make())
                try:
                    await self._ask(kind)
                except CoreError:
                    return None
        fresh = self._kept[kind].token.token
        return None if fresh == refused else _carrying(request, fresh)

    def believe(self, request: WireRequest) -> None:
        """The fresh token was refused too: the refusal is the host's word, and no token's age."""
        kind = self._kinds.get(_carried(request))
        if kind is not None:
            self._believed[_host(request), kind] = time.monotonic()

    async def _find(self, kind: _Kind) -> AccessTokenInfo:
        if kind.tenant is not None and kind.tenant.lower() == self._home:
            # A key vault names the tenant by its id. Who signed in by the tenant's domain is refused that by
            # azure-identity, which takes the id for another tenant.
            kind = replace(kind, tenant=None)
        kept = self._kept.get(kind)
        if kept is not None and kept.fit:
            return kept.token
        if kind not in self._asking:
            self._asking[kind] = asyncio.create_task(self._ask(kind))
            self._asking[kind].add_done_callback(lambda _: self._asking.pop(kind, None))
        try:
            # One who is cancelled while waiting does not cancel it for the others.
            return await asyncio.shield(self._asking[kind])
        except CoreError:
            if kept is not None and time.time() < kept.token.expires_on:
                return kept.token
            raise

    def _refusal(self, kind: _Kind) -> str | None:
        """What was said a moment ago, where the sign-in for this was refused then."""
        at, said = self._refused.get(kind, (-_REFUSED_FOR, ""))
        return said if time.monotonic() - at < _REFUSED_FOR else None

    async def _ask(self, kind: _Kind) -> AccessTokenInfo:
        said = self._refusal(kind)
        if said is not None:
            # A new one each time: an error holds the frames that it went through.
            raise ClientAuthenticationError(said)
        try:
            token = await self._issued(kind)
        except ClientAuthenticationError as error:
            self._refused[kind] = (time.monotonic(), error.message)
            raise
        if kind.tenant is None:
            self._home = (tenant_of_token(token.token) or "").lower()
        # One that states what was demanded is the better one for those, too, of whom it was not demanded yet.
        usual = replace(kind, claims=None)
        self._kept[kind] = self._kept[usual] = _Kept(token, time.time())
        self._kinds[token.token] = usual
        return token

    async def _issued(self, kind: _Kind) -> AccessTokenInfo:
        options = kind.options
        credential: Any = self._credentials[-1]
        if hasattr(credential, "get_token_info"):
            found: AccessTokenInfo = await credential.get_token_info(*kind.scopes, options=options)
            return found
        plain = await credential.get_token(*kind.scopes, **options)
        return AccessTokenInfo(plain.token, plain.expires_on)


def _host(request: WireRequest) -> str:
    return urlsplit(request.url).netloc.lower()


def _carried(request: WireRequest) -> str:
    """The bearer token of a request; empty where there is none."""
    value = next((value for name, value in request.headers.items() if name.lower() == "authorization"), "")
    return value.partition(" ")[2] if value.lower().startswith("bearer ") else ""


def _carrying(request: WireRequest, token: str) -> WireRequest:
    headers = {name: value for name, value in request.headers.items() if name.lower() != "authorization"}
    return replace(request, headers={**headers, "Authorization": f"Bearer {token}"})
