"""Signing in to key vaults: told by the first vault how, then known for all vaults beside it.

The three SDKs (keys, secrets, certificates) each ask each vault for themselves, with a request that is refused. What
they verify is verified here as well: a vault gets tokens only for the service whose domain its own host is in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential

from loader.azure.challenge import Challenge, challenge_in
from loader.azure.signing import refuse_plain_http, signed
from loader.azure.transport.wire import Sender, UnusableAnswerError, WireAnswer, WireRequest

# A vault that is out of reach must not hold up the others for longer.
_PATIENCE = 30
_NO_SIGN_IN = Challenge("", "", "")


class VaultSignIn:
    """Sends the requests of all key vault clients of a session, with the tokens that their vaults want."""

    def __init__(self, sender: Sender, credential: AsyncTokenCredential) -> None:
        self._sender, self._credential = sender, credential
        # By host, and by the domain that vaults share.
        self._known: dict[str, Challenge] = {}
        self._first: dict[str, asyncio.Event] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, request: WireRequest) -> WireAnswer:
        """The answer to the signed request. Raises `UnusableAnswerError` where a vault asks for another's token."""
        refuse_plain_http(request)
        host = urlsplit(request.url).netloc.lower()
        known = await self._learnt(host)
        if known is None:
            async with self._asking[host]:
                known = self._find(host)
                if known is None:
                    answer = await self._unsigned(host, request)
                    known = self._find(host)
                    if known is None or known is _NO_SIGN_IN:
                        return answer
        answer = await self._signed(request, known)
        told = _challenge(answer)
        if told is None or told == known:
            return answer
        # Another tenant's vault, or one that has moved.
        self._learn(host, told)
        return await self._signed(request, told)

    async def _learnt(self, host: str) -> Challenge | None:
        """How to sign in to the vault; where another vault is just being asked, its answer is waited for."""
        domain = host.partition(".")[2]
        if self._find(host) is None and domain in self._first:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._first[domain].wait()
        self._first.setdefault(domain, asyncio.Event())
        return self._find(host)

    def _find(self, host: str) -> Challenge | None:
        return self._known.get(host) or self._known.get(host.partition(".")[2])

    async def _unsigned(self, host: str, request: WireRequest) -> WireAnswer:
        """The answer to a request without a token, which tells what token is due."""
        domain = host.partition(".")[2]
        try:
            answer = await self._sender.send(request)
            told = _challenge(answer)
            if told is not None:
                self._learn(host, told)
                self._known.setdefault(domain, told)
            elif answer.status != 401:
                # A recording has no challenges.
                self._known[host] = _NO_SIGN_IN
            return answer
        finally:
            self._first[domain].set()

    def _learn(self, host: str, told: Challenge) -> None:
        name, domain = urlsplit(f"//{host}").hostname or "", urlsplit(told.scope).hostname or ""
        if not domain or not name.endswith(f".{domain}"):
            raise UnusableAnswerError(
                f"{name} asks for a token for {domain or 'an unnamed service'}, which is not the service that it "
                "belongs to, so it gets none. Check the vault's address."
            )
        self._known[host] = told

    async def _signed(self, request: WireRequest, known: Challenge) -> WireAnswer:
        if not known.scope:
            return await self._sender.send(request)
        # The tenant of AD FS is called so in challenges, and is none.
        tenant = None if known.tenant.lower() in ("", "adfs") else known.tenant
        token = await self._credential.get_token(known.scope, tenant_id=tenant)
        return await self._sender.send(signed(request, token.token))


def _challenge(answer: WireAnswer) -> Challenge | None:
    told = challenge_in(answer.headers) if answer.status == 401 else None
    return told if told is not None and told.scope else None
