"""One worker's way to Azure and to the graph: opened with the first task of a run, kept from task to task."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import AsyncExitStack
from typing import Any, ClassVar, TypeVar

from loader.azure.session import AzureSession
from loader.cluster.orders import Order
from loader.errors import AzgraphError, UsageError, first_of
from loader.graph import Database
from loader.sync import StepReport
from loader.sync.elsewhere import Sent, Taken, sent_by, take
from loader.sync.memory import memory_of_a_run
from loader.sync.sink import SharedKept

T = TypeVar("T")
Told = Callable[[StepReport, Sent | None], None]

# Seconds in which what a task is writing is finished, when the run stops.
_GRACE = 20.0
# Seconds between two tellings of what was asked of Azure: that is long where there are many subscriptions.
_TELL = 1.0


class Station:
    """All tasks of one run in this process, in one event loop with one session, whichever thread brings them."""

    _now: ClassVar[Station | None] = None
    _changing: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def of(cls, order: Order) -> Station:
        """This process's station for the run of an order; one of another run is closed."""
        with cls._changing:
            if cls._now is not None and cls._now.run != order.run:
                cls._now.close()
                cls._now = None
            if cls._now is None:
                cls._now = Station(order)
            return cls._now

    @classmethod
    def leave(cls, run: str) -> None:
        """Ends what is done for a run: what is being written is finished, nothing more is begun."""
        with cls._changing:
            if cls._now is not None and cls._now.run == run:
                cls._now.close()
                cls._now = None

    def __init__(self, order: Order) -> None:
        self.run = order.run
        self.process = f"{socket.gethostname()} {os.getpid()}"
        self._order = order
        self._seen: set[tuple[str, str]] = set()
        self._claimed: set[tuple[str, str]] = set()
        self._told_at = 0.0
        self._opened: asyncio.Task[tuple[AzureSession, Database]] | None = None
        self._kept = AsyncExitStack()
        self._kept.enter_context(memory_of_a_run())
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="azgraph-station", daemon=True)
        self._thread.start()

    def do(self, order: Order, told: Told) -> Taken:
        """Does a task. told: hears of each of its steps, and at times of what this process has asked of Azure so far.

        Raises AzgraphError as `take` does, and where the run is stopped.
        """
        try:
            return asyncio.run_coroutine_threadsafe(self._do(order, told), self._loop).result()
        except CancelledError as error:
            raise AzgraphError("The run was stopped.") from error
        except BaseExceptionGroup as group:
            raise first_of(group) from group

    def close(self) -> None:
        """Breaks the tasks off, and closes session and connection."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_GRACE)

    async def _do(self, order: Order, told: Told) -> Taken:
        if self._opened is None:
            self._opened = asyncio.create_task(self._open())
        session, database = await asyncio.shield(self._opened)
        expected = order.message.job.token.tenant
        if session.tenant_id != expected:
            raise UsageError(
                f"A worker ({self.process}) signs in to tenant {session.tenant_id}, the run to {expected}. "
                "Give all machines the same settings."
            )
        shared = SharedKept(self._seen, self._claimed)
        return await take(
            order.message, session, database, shared, lambda step: told(step, self._sent(session)), self.process
        )

    def _sent(self, session: AzureSession) -> Sent | None:
        now = time.monotonic()
        if now - self._told_at < _TELL:
            return None
        self._told_at = now
        return sent_by(session, self.process)

    async def _open(self) -> tuple[AzureSession, Database]:
        opened = self._order.where.opened()
        database = await asyncio.to_thread(opened.__enter__)
        self._kept.push_async_callback(asyncio.to_thread, opened.__exit__, None, None, None)
        made = await asyncio.to_thread(self._order.source.session, self._order.processes)
        return await self._kept.enter_async_context(made), database

    async def _close(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        if others:
            await asyncio.wait(others, timeout=_GRACE)
        await self._kept.aclose()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(2 * _GRACE)
