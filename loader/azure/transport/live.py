"""Live HTTP for both SDK families: one pool of connections, one set of timeouts.

aiohttp sends, since it takes a quarter of the processor time that httpx does for a request (docs/scale.md).
"""

from __future__ import annotations

import re
from asyncio import sslproto
from pathlib import Path
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from loader.azure.transport.wire import ConnectionBrokenError, WireAnswer, WireRequest
from loader.reaching import is_distrust, why_unreached
from loader.trusted import tls_context

# Azure answers slow lists in up to a minute; a connection that stays silent for longer will not answer at all.
# aiohttp counts TCP and TLS together as connecting, which takes long on a busy machine and while SDKs are imported.
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=30, sock_connect=20, sock_read=90)
# Headers of the encoded body: the body is handed on decompressed and whole, so they would be wrong.
_ENCODED = {"content-encoding", "content-length", "transfer-encoding"}
# What the client says for itself: of the connection, and of the encodings that it can read.
_OF_CONNECTION = {"host", "connection", "accept-encoding", "content-length", "transfer-encoding"}
_PLAIN = re.compile(r"[\w.~!*'();:@&=+$,/?\[\]%#-]+", re.ASCII)
# Headers of an answer: some of Azure's list what is left of a dozen limits.
_LONGEST_HEADER = 65_536
# Each key vault is a host of its own, which is asked for some seconds and never again: with aiohttp's 15 seconds there
# were 500 connections at a time, most of them idle, of 0.1 MB each. What is asked all the while is asked sooner.
_IDLE_SECONDS = 4
# asyncio holds so much for each connection over TLS, as it comes sixteen times that. A record of TLS is no longer.
sslproto.SSLProtocol.max_size = 16_384


class LiveSender:
    """Sends over HTTPS. Proxies come from the usual variables (HTTPS_PROXY, NO_PROXY).

    ca_file: a PEM file of certificate authorities to trust instead of the built-in ones.
    """

    def __init__(self, ca_file: Path | None = None, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._trust = tls_context(ca_file)
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, URL | None] = {}

    async def send(self, request: WireRequest) -> WireAnswer:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_CONNECTION}
        try:
            url = _address(request.url)
            async with self._opened().request(
                request.method,
                url,
                headers=headers,
                data=request.body,
                proxy=self._proxy(url),
                allow_redirects=False,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            host = _host(request.url)
            why = why_unreached(error)
            raise ConnectionBrokenError(
                f"{type(error).__name__} from {host}", why=why and f"{host}: {why}", final=is_distrust(error)
            ) from error
        answered: dict[str, str] = {}
        for name, value in response.headers.items():
            lower = name.lower()
            if lower not in _ENCODED:
                answered[lower] = f"{answered[lower]}, {value}" if lower in answered else value
        return WireAnswer(response.status, answered, body, str(response.url))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """The session, which can only be made where an event loop runs."""
        if self._session is None:
            # Our own limiter decides what is in flight; the pool must not queue behind its back.
            connector = aiohttp.TCPConnector(
                ssl=self._trust, limit=0, resolver=ThreadedResolver(), keepalive_timeout=_IDLE_SECONDS
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                max_line_size=_LONGEST_HEADER,
                max_field_size=_LONGEST_HEADER,
            )
            # A request is sent once: what is tried again is counted, and waits, in one place (`Traffic`).
            self._session._retry_connection = False
        return self._session

    def _proxy(self, url: URL) -> URL | None:
        """The proxy for a host, as the environment says. aiohttp's own way (trust_env) would read ~/.netrc as well."""
        host = url.host or ""
        if host not in self._proxies:
            named = getproxies()
            proxy = named.get("https") or named.get("all")
            if proxy and "://" not in proxy:
                proxy = f"http://{proxy}"
            self._proxies[host] = URL(proxy) if proxy and not proxy_bypass(host) else None
        return self._proxies[host]


def _address(url: str) -> URL:
    """The address as the SDK wrote it, in which only what no request may hold is escaped.

    Raises ValueError for one that names no host.
    """
    found = URL(url if _PLAIN.fullmatch(url) else quote(url, safe="/%:=&?~#+!$,;'@()*[]"), encoded=True)
    if not found.host:
        raise ValueError("an address without a host")
    return found


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "an unreadable address"
    except ValueError:
        return "an unreadable address"
