"""One live sync in a process of its own; prints what it cost as JSON.

`python -m bench.azure.run URI USER`, the password in NEO4J_PASSWORD, the simulated Azure in the usual variables. With
AZGRAPH_PROFILE=FILE it runs under cProfile, whose numbers then go there.
"""

# ruff: noqa: E402
from __future__ import annotations

from loader.garbage import seldom

# As `azgraph` itself does before it imports anything else.
seldom()

import asyncio
import contextlib
import cProfile
import json
import os
import random
import sys
import threading
import time
from typing import Any

import psutil

from bench.azure.floor import seconds_a_request
from loader.azure import sessions
from loader.azure.session import AzureSession
from loader.azure.transport.gate import _SPARE
from loader.azure.transport.wire import WireAnswer, WireRequest
from loader.graph import Database
from loader.model import Status
from loader.sync import Options, Summary, sync

# Looked at more often, memory costs a twentieth of the processor time that is measured.
_EVERY_SECONDS = 0.5
# So many requests are sent once more, by aiohttp alone.
_KEPT = 2_000


class _Flight:
    """The HTTP requests of a session: the most in flight, the seconds in which each was, and some of them."""

    def __init__(self, session: AzureSession) -> None:
        # Below what puts requests of Microsoft Graph together.
        sender: Any = session._traffic._sender
        live = sender._sender
        self._send, self._now, self.greatest, self.count, self.seconds = live.send, 0, 0, 0, 0.0
        self._chance, self.some = random.Random(1), list[WireRequest]()
        live.send = self.send

    async def send(self, request: WireRequest) -> WireAnswer:
        self.count += 1
        if len(self.some) < _KEPT:
            self.some.append(request)
        elif (place := self._chance.randrange(self.count)) < _KEPT:
            self.some[place] = request
        self._now += 1
        self.greatest = max(self.greatest, self._now)
        began = time.monotonic()
        try:
            answer: WireAnswer = await self._send(request)
            return answer
        finally:
            self._now -= 1
            self.seconds += time.monotonic() - began


def _allowed(session: AzureSession) -> float:
    """The seconds in which Azure's documented buckets give all that was asked, full at first."""
    given = 0.0
    for gate in session._traffic._gates:
        if gate._documented:
            rate = gate._documented / _SPARE
            # All documented ones hold what they give in ten seconds, but Storage's, which are windows of 300.
            size = rate * (300 if "microsoft.storage" in gate.name else 10)
            given = max(given, (gate.let_through + gate.throttled - size) / rate)
    return given


def main(uri: str, user: str) -> None:
    process, peak, stop = psutil.Process(), [0], threading.Event()

    def look() -> None:
        while not stop.wait(_EVERY_SECONDS):
            peak[0] = max(peak[0], process.memory_info().rss)

    threading.Thread(target=look, daemon=True).start()
    profile = cProfile.Profile(time.thread_time) if os.environ.get("AZGRAPH_PROFILE") else None

    async def run(database: Database) -> tuple[Summary, _Flight, AzureSession, float]:
        async with sessions.live() as session:
            flight = _Flight(session)
            began = time.thread_time()
            with profile or contextlib.nullcontext():
                summary = await sync(session, database, Options(), lambda _step: None)
            return summary, flight, session, time.thread_time() - began

    with Database(uri, user, os.environ["NEO4J_PASSWORD"]) as database:
        began = time.monotonic()
        summary, flight, session, loop = asyncio.run(run(database))
        seconds = time.monotonic() - began
    stop.set()
    if profile is not None:
        profile.dump_stats(os.environ["AZGRAPH_PROFILE"])
    used = time.process_time()
    bare = asyncio.run(seconds_a_request(flight.some, os.environ.get("HTTPS_PROXY")))
    told = {
        "status": summary.status,
        "calls": session.calls,
        "sent": session.sent,
        "throttled": session.throttled,
        "retried": session.retried,
        "seconds": seconds,
        "cpu": used,
        "bare": bare,
        "loop": loop,
        "peak": peak[0],
        "greatest": flight.greatest,
        "allowed": _allowed(session),
        "mean": flight.seconds / seconds,
        "entities": sum(summary.entities.values()),
        "relationships": sum(summary.relationships.values()),
        "waited": [dict(one) for one in summary.throttling[:5]],
        "incomplete": [
            f"{one.name} in {one.scope}: {one.status}. {one.reason}"
            for one in summary.steps
            if one.status is not Status.COMPLETE
        ],
        "notes": summary.notes,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
