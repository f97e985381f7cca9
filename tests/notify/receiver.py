"""A web server on loopback that keeps what it gets and answers as it is told."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What is answered. cut: the connection is closed without a word."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


class Receiver:
    """with Receiver(answer) as server: …; `server.got` are the requests in order. context: serves TLS."""

    def __init__(
        self, answer: Callable[[Got], Answer] = lambda _got: Answer(), context: ssl.SSLContext | None = None
    ) -> None:
        self.answer, self._context = answer, context
        self.got: list[Got] = []
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://localhost:{self.port}"

    def __enter__(self) -> Receiver:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _start(self) -> None:
        application = web.Application()
        application.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "localhost", 0, ssl_context=self._context)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        got = Got(request.method, request.path, dict(request.query), dict(request.headers), await request.read())
        self.got.append(got)
        told = self.answer(got)
        if told.cut:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        text = "" if told.body is None else json.dumps(told.body)
        return web.Response(status=told.status, text=text, headers=told.headers, content_type="application/json")


def in_turn(*answers: Answer) -> Callable[[Got], Answer]:
    """These answers one after the other, and the last one from then on."""
    left = list(answers)
    return lambda _got: left.pop(0) if len(left) > 1 else left[0]
