"""Signing requests to Azure Resource Manager."""

from __future__ import annotations

from azure.core.credentials_async import AsyncTokenCredential

from loader.azure.challenge import challenge_in
from loader.azure.transport.wire import Sender, UnusableAnswerError, WireAnswer, WireRequest


class ArmSignIn:
    """Sends requests with a token for `endpoint`; where an answer demands one that states more, once more with it."""

    def __init__(self, sender: Sender, credential: AsyncTokenCredential, endpoint: str) -> None:
        self._sender, self._credential, self._scope = sender, credential, f"{endpoint}/.default"

    async def send(self, request: WireRequest) -> WireAnswer:
        """The answer to the signed request. Raises `UnusableAnswerError` for an address that gets no token."""
        refuse_plain_http(request)
        answer = await self._sender.send(await self._signed(request, None))
        challenge = challenge_in(answer.headers) if answer.status == 401 else None
        if challenge is None or not challenge.claims:
            return answer
        # Continuous access evaluation: the token must state something new.
        return await self._sender.send(await self._signed(request, challenge.claims))

    async def _signed(self, request: WireRequest, claims: str | None) -> WireRequest:
        token = await self._credential.get_token(self._scope, claims=claims)
        return signed(request, token.token)


def signed(request: WireRequest, token: str) -> WireRequest:
    """The request with the token."""
    return WireRequest(
        request.method, request.url, {**request.headers, "Authorization": f"Bearer {token}"}, request.body
    )


def refuse_plain_http(request: WireRequest) -> None:
    """Raises `UnusableAnswerError` where a token would go over the wire for all to read."""
    if not request.url.lower().startswith("https://"):
        raise UnusableAnswerError("tokens are not sent over plain http; the address must begin with https.")
