"""/healthz, /readyz and /metrics over plain HTTP: on loopback, unless the configuration says otherwise."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from loader.config.words import LISTEN
from loader.errors import UsageError
from loader.files import reason_of

Page = Callable[[], tuple[int, str, bytes]]
TEXT = "text/plain; version=0.0.4; charset=utf-8"
# A client that says nothing is not waited for.
_PATIENCE = 10


class Endpoint:
    """A server in a thread of its own. pages: by path, each giving status, content type and body.

    Raises UsageError where `listen` is no address, or nothing can listen there.
    """

    def __init__(self, listen: str, pages: dict[str, Page]) -> None:
        if not re.fullmatch(LISTEN[0], listen):
            raise UsageError(f"{listen!r}, where /metrics shall be served, is not {LISTEN[1]}.")
        host, _, port = listen.rpartition(":")
        host = host.strip("[]")

        class Handler(BaseHTTPRequestHandler):
            timeout = _PATIENCE
            server_version, sys_version = "azgraph", ""

            def do_GET(self) -> None:
                page = pages.get(self.path.partition("?")[0])
                status, kind, body = page() if page else (404, TEXT, b"There are /healthz, /readyz and /metrics.\n")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Whoever asks every few seconds is not worth a line each time."""

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
            daemon_threads = True

        try:
            self._server = Server((host, int(port)), Handler)
        except OSError as error:
            raise UsageError(
                f"/metrics cannot be served on {listen}: {reason_of(error)}. Name another address as watch.listen in "
                "the configuration, or with --listen."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="azgraph-endpoint", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it is, with the port that was taken."""
        host, port = self._server.server_address[:2]
        return f"[{host!s}]:{port}" if ":" in str(host) else f"{host!s}:{port}"

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()


def as_json(status: int, value: Any) -> tuple[int, str, bytes]:
    """A page of JSON."""
    return status, "application/json", (json.dumps(value, indent=2) + "\n").encode()
