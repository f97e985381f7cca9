"""The requests of azure-core's clients, without their pipelines: what a client would send is taken, and sent by us.

The clients' pipelines would do nothing that is wanted: those of their own register resource providers when a list
answers 409, follow redirects, and retry with numbers of their own. So each client gets `TAKING` for its pipeline, and
one operation of a client makes one request.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

from azure.core.rest import HttpRequest

from loader.azure.transport.wire import WireRequest


class _TakenError(Exception):
    """The SDK has made its request. There its part ends."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self.request = request


class _Taking:
    """Stands where the clients expect their pipeline."""

    async def run(self, request: Any, **options: Any) -> NoReturn:
        raise _TakenError(request)


TAKING = _Taking()


async def request_of(operation: Awaitable[Any]) -> WireRequest | None:
    """The request that the operation of a client with `TAKING` makes; None where it makes none."""
    try:
        await operation
    except _TakenError as taken:
        return as_wire(taken.request)
    return None


def as_wire(request: Any) -> WireRequest:
    """A request of azure-core, of today's class or of that which clients generated before 2024 use."""
    # The older class names its body otherwise.
    body = request.content if isinstance(request, HttpRequest) else getattr(request, "body", None)
    return wire_request(
        request.method,
        _single_slashes(request.url),
        dict(request.headers),
        body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else None,
    )


def wire_request(method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> WireRequest:
    """A request with what azgraph says of itself, and the name by which Microsoft's support can find it."""
    told = {"User-Agent": "azgraph", "x-ms-client-request-id": str(uuid.uuid4())}
    return WireRequest(method, url, {**headers, **told}, body)


def _single_slashes(url: str) -> str:
    """SDKs put an ARM id with its leading slash behind a slash; Azure's gateways do not all forgive the double one."""
    if "//" not in url.partition("?")[0].partition("://")[2]:
        return url
    parts = urlsplit(url)
    path = parts.path
    while "//" in path:
        path = path.replace("//", "/")
    return urlunsplit(parts._replace(path=path))
