"""Signing in to key vaults: told by the first vault how, then known for all vaults beside it.

The three SDKs (keys, secrets, certificates) each ask each vault for themselves, with a request that is refused. What
they verify is verified here as well: a vault gets tokens only for the service whose domain its own host is in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from loader.azure.challenge import Challenge, challenge_in
from loader.azure.transport.wire import UnusableAnswerError

# A vault that is out of reach must not hold up the others for longer.
_PATIENCE = 30
_NO_SIGN_IN = Challenge("", "", "")


class VaultSignIn(AsyncHTTPPolicy[Any, Any]):
    """The authentication policy of all key vault clients of a session."""

    def __init__(self, credential: AsyncTokenCredential) -> None:
        super().__init__()
        self._credential = credential
        # By host, and by the domain that vaults share.
        self._known: dict[str, Challenge] = {}
        self._first: dict[str, asyncio.Event] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """The answer to the signed request. Raises `UnusableAnswerError` where a vault asks for another's token."""
        url = urlsplit(request.http_request.url)
        if url.scheme != "https":
            raise UnusableAnswerError("tokens are not sent over plain http; the vault's address must begin with https.")
        host = url.netloc.lower()
        known = await self._learnt(host)
        if known is None:
            async with self._asking[host]:
                known = self._find(host)
                if known is None:
                    response = await self._unsigned(host, request)
                    known = self._find(host)
                    if known is None or known is _NO_SIGN_IN:
                        return response
        response = await self._signed(request, known)
        told = _challenge(response)
        if told is None or told == known:
            return response
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

    async def _unsigned(self, host: str, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """The answer to a request without a token, which tells what token is due."""
        domain = host.partition(".")[2]
        try:
            request.http_request.headers.pop("Authorization", None)
            response = await self.next.send(request)
            told = _challenge(response)
            if told is not None:
                self._learn(host, told)
                self._known.setdefault(domain, told)
            elif response.http_response.status_code != 401:
                # A recording has no challenges.
                self._known[host] = _NO_SIGN_IN
            return response
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

    async def _signed(self, request: PipelineRequest[Any], known: Challenge) -> PipelineResponse[Any, Any]:
        if known.scope:
            # The tenant of AD FS is called so in challenges, and is none.
            tenant = None if known.tenant.lower() in ("", "adfs") else known.tenant
            token = await self._credential.get_token(known.scope, tenant_id=tenant)
            request.http_request.headers["Authorization"] = f"Bearer {token.token}"
        return await self.next.send(request)


def _challenge(response: PipelineResponse[Any, Any]) -> Challenge | None:
    http = response.http_response
    told = challenge_in({"www-authenticate": http.headers.get("WWW-Authenticate", "")})
    return told if http.status_code == 401 and told is not None and told.scope else None
