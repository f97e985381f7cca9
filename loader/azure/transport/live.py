"""Live HTTP for both SDK families: one connection pool, one set of timeouts."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx

from loader.azure.transport.wire import ConnectionBrokenError, WireAnswer, WireRequest
from loader.reaching import is_distrust, why_unreached

# Azure answers slow lists in up to a minute; a connection that stays silent for longer will not answer at all.
TIMEOUT = httpx.Timeout(connect=10, read=90, write=30, pool=None)
# Headers of the encoded body: the body is handed on decompressed and whole, so they would be wrong.
_ENCODED = {"content-encoding", "content-length", "transfer-encoding"}


class LiveSender:
    """Sends over HTTPS. Proxies come from the usual variables (HTTPS_PROXY, NO_PROXY).

    ca_file: a PEM file of certificate authorities to trust instead of the built-in ones.
    """

    def __init__(self, ca_file: Path | None = None, timeout: httpx.Timeout = TIMEOUT) -> None:
        verify = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
        # Our own limiter decides what is in flight; the pool must not queue behind its back.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
        self._client = httpx.AsyncClient(verify=verify, timeout=timeout, limits=limits, follow_redirects=False)

    async def send(self, request: WireRequest) -> WireAnswer:
        try:
            response = await self._client.request(
                request.method, request.url, headers=dict(request.headers), content=request.body
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            host = _host(request.url)
            why = why_unreached(error)
            raise ConnectionBrokenError(
                f"{type(error).__name__} from {host}", why=why and f"{host}: {why}", final=is_distrust(error)
            ) from error
        headers = {name.lower(): value for name, value in response.headers.items() if name.lower() not in _ENCODED}
        return WireAnswer(response.status_code, headers, response.content, str(response.url))

    async def close(self) -> None:
        await self._client.aclose()


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return "an unreadable address"
