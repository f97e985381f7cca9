"""The azure-core side: an `AsyncHttpTransport` over a `Sender`, for all `azure-mgmt-*` and Key Vault clients."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.core.utils import case_insensitive_dict

from loader.azure.transport.wire import Sender, WireAnswer, WireRequest


class CoreTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """Shared by all clients of a session, so closing a client leaves it open; the session closes the sender."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, request: HttpRequest, **kwargs: Any) -> AsyncHttpResponse:
        # Clients generated before 2024 send azure-core's older request class, which names its body otherwise.
        body = request.content if isinstance(request, HttpRequest) else getattr(request, "body", None)
        wire = WireRequest(
            request.method,
            _single_slashes(request.url),
            dict(request.headers),
            body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else None,
        )
        return CoreResponse(request, await self._sender.send(wire))

    async def open(self) -> None:
        """Nothing to open: connections are made when needed."""

    async def close(self) -> None:
        """Stays open for the other clients."""

    async def __aexit__(self, *exception: object) -> None:
        """Stays open for the other clients."""


def _single_slashes(url: str) -> str:
    """SDKs put an ARM id with its leading slash behind a slash; Azure's gateways do not all forgive the double one."""
    if "//" not in url.partition("?")[0].partition("://")[2]:
        return url
    parts = urlsplit(url)
    path = parts.path
    while "//" in path:
        path = path.replace("//", "/")
    return urlunsplit(parts._replace(path=path))


class CoreResponse(AsyncHttpResponse):
    """An answer read whole, as azure-core's clients old and new expect it."""

    def __init__(self, request: HttpRequest, answer: WireAnswer) -> None:
        self._request = request
        self._answer = answer
        self._headers = case_insensitive_dict(answer.headers)
        self._encoding: str | None = None

    @property
    def request(self) -> HttpRequest:
        return self._request

    @property
    def status_code(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> MutableMapping[str, str]:
        return self._headers

    @property
    def reason(self) -> str:
        return ""

    @property
    def content_type(self) -> str | None:
        return self._headers.get("content-type")

    @property
    def is_closed(self) -> bool:
        return True

    @property
    def is_stream_consumed(self) -> bool:
        return True

    @property
    def encoding(self) -> str | None:
        return self._encoding

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        self._encoding = value

    @property
    def url(self) -> str:
        return self._request.url

    @property
    def content(self) -> bytes:
        return self._answer.body

    def body(self) -> bytes:
        """The older generated clients ask for the body by this name."""
        return self._answer.body

    def text(self, encoding: str | None = None) -> str:
        return self._answer.body.decode(encoding or self._encoding or "utf-8-sig", errors="replace")

    def json(self) -> Any:
        return json.loads(self.text())

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise HttpResponseError(response=self)

    async def read(self) -> bytes:
        return self._answer.body

    async def iter_raw(self, **kwargs: Any) -> AsyncIterator[bytes]:
        yield self._answer.body

    async def iter_bytes(self, **kwargs: Any) -> AsyncIterator[bytes]:
        yield self._answer.body

    async def close(self) -> None:
        """Nothing is open."""

    async def __aexit__(self, *exception: object) -> None:
        """Nothing is open."""
