"""Dask's scheduler with its workers, as a run sees them: tasks go out, what came of them comes back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Never

import dask
from distributed import Client, LocalCluster
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker
from distributed.security import Security

from loader.cluster.orders import Order, Source, Where
from loader.cluster.work import heard, leave_run, load_area, topic_of
from loader.errors import UnreachableError
from loader.sync import StepReport
from loader.sync.elsewhere import Message, Sent, Taken
from loader.sync.loading import SUBSCRIPTIONS_AT_ONCE
from loader.sync.task import AreaTask

# Dask would tell of each connection; what a user must hear of its troubles is said by the run.
for _name in ("distributed", "distributed.client", "distributed.gc"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# The tenant's part goes beside the subscriptions, as in one process.
TASKS_AT_ONCE = SUBSCRIPTIONS_AT_ONCE + 1
# A task whose worker died is begun again so often before it is given up.
_BEGUN_AGAIN = 3
# Seconds: for workers to come, and for them to finish what they are writing when a run stops.
_PATIENCE, _GRACE = 60, 30
# Seconds: between two looks at who is there; until a worker that nobody replaced is; until a run without any ends.
_LOOK, _UNREPLACED, _WITHOUT = 5, 40, 180
_LOCAL = {
    "distributed.scheduler.allowed-failures": _BEGUN_AGAIN,
    "distributed.worker.profile.enabled": False,
    # Dask's web servers cannot be left out, but need tell nobody anything.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # What Dask notes of itself for its display, by the second or fifty times in one, took a third of what the run's
    # own process did, and a tenth of a worker (docs/scale.md). Nobody looks at it here.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "1m",
    "distributed.scheduler.active-memory-manager.start": False,
}
_ANY = {"distributed.admin.large-graph-warning-threshold": "1GB"}


@asynccontextmanager
async def on_this_machine(workers: int, source: Source, where: Where) -> AsyncIterator[Engine]:
    """So many processes of this machine. They talk over TLS with a certificate made for this run: whoever
    else is on the machine can neither listen nor give them work.
    """
    security = Security.temporary()
    with dask.config.set({**_ANY, **_LOCAL}):
        async with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=TASKS_AT_ONCE,
                host="127.0.0.1",
                protocol="tls://",
                security=security,
                dashboard_address=None,
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                memory_limit=0,
                preload=["loader.cluster.deaf"],
                silence_logs=logging.CRITICAL,
                asynchronous=True,
            ) as cluster,
            Client(cluster, asynchronous=True, security=security) as client,
        ):
            yield Engine(client, source, where, workers, dashboard="", renew=lambda: cluster.scale(workers))


@asynccontextmanager
async def on_many_machines(address: str, source: Source, where: Where) -> AsyncIterator[Engine]:
    """The workers of a scheduler that somebody has started. Raises UnreachableError where there are none."""
    with dask.config.set(_ANY):
        try:
            client = await Client(address, asynchronous=True, timeout=_PATIENCE)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            raise UnreachableError(
                f"Dask's scheduler at {address} cannot be reached ({_short(error)}). See docs/scale.md."
            ) from error
        async with client:
            try:
                await client.wait_for_workers(1, timeout=_PATIENCE)
            except TimeoutError as error:
                raise UnreachableError(
                    f"The scheduler at {address} has no workers; start some, as docs/scale.md says."
                ) from error
            count = len(client.scheduler_info(n_workers=-1)["workers"])
            yield Engine(client, source, where, count, dashboard=str(client.dashboard_link or ""))


class Engine:
    """The workers, for one run. count: how many they were at the beginning; dashboard: the address of Dask's own
    display, empty where it has none; renew: starts those that are missing.
    """

    def __init__(
        self,
        client: Client,
        source: Source,
        where: Where,
        count: int,
        *,
        dashboard: str,
        renew: Callable[[], object] = lambda: None,
    ) -> None:
        self._client, self._source, self._where, self._renew = client, source, where, renew
        self.count, self.dashboard = count, dashboard
        self._sent: dict[str, tuple[float, Sent]] = {}

    @property
    def sent(self) -> Sequence[Sent]:
        """What the workers have asked of Azure, as far as they have told."""
        now = time.monotonic()
        return [
            replace(one, waiting={name: left - (now - at) for name, left in one.waiting.items() if left > now - at})
            for at, one in self._sent.values()
        ]

    async def load(
        self, messages: Sequence[Message], told: Callable[[StepReport], None]
    ) -> AsyncGenerator[tuple[AreaTask, Taken | None]]:
        """As `Elsewhere.load`."""
        if not messages:
            return
        run = messages[0].job.token.id
        self._client.subscribe_topic(topic_of(run), lambda event: self._hear(event[1], told))
        places = asyncio.Semaphore(max(1, await self._threads()))
        tasks = [asyncio.create_task(self._one(one, places, -number)) for number, one in enumerate(messages)]
        watching = asyncio.create_task(self._watch())
        waiting = set(tasks)
        try:
            while waiting:
                done, _ = await asyncio.wait({*waiting, watching}, return_when=asyncio.FIRST_COMPLETED)
                if watching in done:
                    watching.result()
                for task in done & waiting:
                    waiting.discard(task)
                    yield task.result()
        finally:
            for task in (*tasks, watching):
                task.cancel()
            await asyncio.gather(*tasks, watching, return_exceptions=True)
            self._client.unsubscribe_topic(topic_of(run))
            await self._leave(run)

    async def _one(self, message: Message, places: asyncio.Semaphore, priority: int) -> tuple[AreaTask, Taken | None]:
        """As many are given out as there are places, so that each goes to whoever is free first."""
        async with places:
            order = Order(message, self._source, self._where, self.count)
            key = f"azgraph-{order.run}-{message.task.name}"
            future = self._client.submit(load_area, order, key=key, priority=priority, pure=False)
            try:
                taken: Taken = await future
            except KilledWorker:
                return message.task, None
            except FutureCancelledError as error:
                raise UnreachableError("Dask's scheduler was lost. Start it, and run azgraph sync again.") from error
            finally:
                future.release()
            self._keep(taken.sent)
            return message.task, taken

    async def _watch(self) -> Never:
        """Starts workers that nobody replaced, and ends the run where none is left: Dask would wait for ever."""
        full = seen = time.monotonic()
        while True:
            await asyncio.sleep(_LOOK)
            now, there = time.monotonic(), len(await self._client.nthreads())
            full = now if there >= self.count else full
            seen = now if there else seen
            if now - full > _UNREPLACED:
                full = now
                self._renew()
            if now - seen > _WITHOUT:
                raise UnreachableError("No worker is left. What was loaded stays; run azgraph sync again.")

    async def _threads(self) -> int:
        found = await self._client.nthreads()
        return sum(found.values())

    async def _leave(self, run: str) -> None:
        """The workers finish what they are writing, and close what they opened."""
        try:
            async with asyncio.timeout(_GRACE):
                await self._client.run(leave_run, run, on_error="ignore")
        except (OSError, TimeoutError, ValueError):
            return  # who does not answer is held off by the fence

    def _hear(self, message: dict[str, Any], told: Callable[[StepReport], None]) -> None:
        step, sent = heard(message)
        if sent is not None:
            self._keep(sent)
        told(step)

    def _keep(self, sent: Sent) -> None:
        before = self._sent.get(sent.process)
        if before is None or before[1].calls <= sent.calls:
            self._sent[sent.process] = time.monotonic(), sent


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
