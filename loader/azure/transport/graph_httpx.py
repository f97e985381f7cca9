"""The Microsoft Graph side: an `httpx` transport over a `Sender`, for the adapter of `msgraph-sdk`."""

from __future__ import annotations

import httpx

from loader.azure.transport.wire import Sender, WireRequest


class GraphTransport(httpx.AsyncBaseTransport):
    """Hands httpx's requests to the session's sender; closing the httpx client leaves the sender open."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        wire = WireRequest(request.method, str(request.url), dict(request.headers), body or None)
        answer = await self._sender.send(wire)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body, request=request)
