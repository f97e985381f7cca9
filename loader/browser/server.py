"""A small web server on loopback that gives Neo4j Browser the guide and the style: it loads them from nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from loader.errors import UsageError

# Neo4j's own list of hosts that Browser may load from has `localhost`, and not 127.0.0.1 (see docs/browser.md).
HOST = "localhost"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Page:
    """What is served at a path."""

    content_type: str
    text: str


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    pages: Mapping[str, Page]
    origins: frozenset[str]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """The page of the path, for a Browser of ours."""
        page = self.server.pages.get(urlsplit(self.path).path)
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = page.text.encode()
        self.send_response(HTTPStatus.OK)
        self._allow()
        self.send_header("Content-Type", f"{page.content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_OPTIONS(self) -> None:
        """A web browser asks first, because Neo4j Browser sends `cache-control`."""
        self.send_response(HTTPStatus.NO_CONTENT)
        self._allow()
        self.send_header("Access-Control-Allow-Methods", "GET")
        self.send_header("Access-Control-Allow-Headers", "*")
        self.end_headers()

    def _allow(self) -> None:
        """Lets the Browser that this is for read the answer, and no other page."""
        origin = self.headers.get("Origin", "")
        if origin in self.server.origins:
            self.send_header("Access-Control-Allow-Origin", origin)
        self.send_header("Vary", "Origin")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Says nothing: the terminal is the user's."""


def origins_of(browser: str) -> frozenset[str]:
    """The origin of a Browser's address; one on loopback goes by two names."""
    place = urlsplit(browser)
    port = f":{place.port}" if place.port else ""
    hosts = {place.hostname, HOST, _LOOPBACK} if place.hostname in (HOST, _LOOPBACK) else {place.hostname}
    return frozenset(f"{place.scheme}://{host}{port}" for host in hosts)


@contextmanager
def serving(pages: Callable[[str], Mapping[str, Page]], origins: frozenset[str], port: int = 0) -> Iterator[str]:
    """Serves pages until the block ends; gives the address they are under, such as `http://localhost:8123`.

    pages: makes them, by path, once that address is known. port: 0 takes a free one. Raises UsageError where the port
    is taken.
    """
    try:
        server = _Server((_LOOPBACK, port), _Handler)
    except OSError as error:
        raise UsageError(f"Port {port} cannot be listened on: {error.strerror}. Give another with `--port`.") from error
    address = f"http://{HOST}:{server.server_port}"
    server.pages, server.origins = pages(address), origins
    thread = Thread(target=server.serve_forever, name="guide", daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
