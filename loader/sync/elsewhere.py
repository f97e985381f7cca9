"""Tasks that other processes take: what they are told, what they give back, and what the run hears meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from loader import __version__
from loader.azure.transport.gates import Throttling
from loader.graph import Database
from loader.graph.bookkeeping import ScopeState
from loader.graph.hashing import version_of
from loader.graph.part import PartEnd, RunPart
from loader.graph.workplace import Token
from loader.model import Record
from loader.services import entity_types, type_of
from loader.sync.freshness import Ages
from loader.sync.plan import Plan
from loader.sync.progress import Traffic
from loader.sync.report import StepReport
from loader.sync.session import Session
from loader.sync.sink import SharedKept
from loader.sync.standing import Standing
from loader.sync.task import AreaEnd, AreaTask, Place


@dataclass(frozen=True, slots=True)
class Job:
    """What a process must know of a run to take tasks of it; none of it is secret. types: names of those to load."""

    token: Token
    types: tuple[str, ...]
    standing: Standing
    inventory: bool
    account_name: str | None
    ages: Ages


@dataclass(frozen=True, slots=True)
class Message:
    """One task for another process. scopes: what is remembered of the area's steps, as it was when the run began."""

    job: Job
    task: AreaTask
    scopes: Mapping[str, ScopeState]


@dataclass(frozen=True, slots=True)
class Sent:
    """What one process has asked of Azure so far, for all of a run's tasks that it took. process: which one it is."""

    process: str
    calls: int = 0
    requests: int = 0
    throttled: int = 0
    retried: int = 0
    buckets: tuple[Throttling, ...] = ()
    waiting: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Taken:
    """What a process gives back of a task. shared: records that no subscription owns, as far as it has met them."""

    end: AreaEnd
    part: PartEnd
    steps: list[StepReport]
    shared: list[Record]
    sent: Sent


class Elsewhere(Protocol):
    """Other processes."""

    def load(
        self, messages: Sequence[Message], told: Callable[[StepReport], None]
    ) -> AsyncGenerator[tuple[AreaTask, Taken | None]]:
        """Has the tasks done, in this order; gives each as it ends, with None where all who took it died.

        told: hears of steps while they end, perhaps twice. Raises what ended a task; then no other goes on.
        """
        ...

    @property
    def sent(self) -> Sequence[Sent]:
        """What the processes have asked of Azure so far."""
        ...


@dataclass(frozen=True, slots=True)
class Together:
    """The requests of a run's own session and of the other processes, as one."""

    own: Traffic
    elsewhere: Elsewhere | None = None

    @property
    def calls(self) -> int:
        return self.own.calls + sum(one.calls for one in self._others)

    @property
    def sent(self) -> int:
        return self.own.sent + sum(one.requests for one in self._others)

    @property
    def throttled(self) -> int:
        return self.own.throttled + sum(one.throttled for one in self._others)

    @property
    def retried(self) -> int:
        return self.own.retried + sum(one.retried for one in self._others)

    @property
    def throttling(self) -> list[Throttling]:
        """Each bucket once, the dearest first."""
        found: dict[str, Throttling] = {}
        for one in [*self.own.throttling, *(bucket for sent in self._others for bucket in sent.buckets)]:
            before = found.get(one.bucket, Throttling(one.bucket, 0, 0.0))
            found[one.bucket] = Throttling(one.bucket, before.throttled + one.throttled, before.waited + one.waited)
        return sorted(found.values(), key=lambda one: -one.waited)

    @property
    def waiting(self) -> dict[str, float]:
        found = dict(self.own.waiting)
        for sent in self._others:
            for name, seconds in sent.waiting.items():
                found[name] = max(seconds, found.get(name, 0.0))
        return found

    @property
    def _others(self) -> Sequence[Sent]:
        return self.elsewhere.sent if self.elsewhere is not None else ()


class LiveSession(Session, Traffic, Protocol):
    """A session with Azure, and what it has asked."""


def sent_by(session: Traffic, process: str) -> Sent:
    """What a session has asked so far."""
    return Sent(
        process,
        session.calls,
        session.sent,
        session.throttled,
        session.retried,
        tuple(session.throttling),
        dict(session.waiting),
    )


@cache
def _mapping() -> str:
    """How this process maps answers: reading all declarations takes a second."""
    return version_of(entity_types(), __version__)


async def take(
    message: Message,
    session: LiveSession,
    database: Database,
    shared: SharedKept,
    told: Callable[[StepReport], None],
    process: str,
) -> Taken:
    """Does a task in this process. Raises AzgraphError where its run has ended or is another version's."""
    job, types = message.job, entity_types()
    part = await asyncio.to_thread(
        RunPart,
        database,
        job.token,
        message.task.name,
        message.scopes,
        schema_version=_mapping(),
        entity_types=types,
        resolve_type=type_of,
    )
    ended: list[StepReport] = []

    def keep(step: StepReport) -> None:
        ended.append(step)
        told(step)

    chosen: dict[str, Any] = {name: types[name] for name in job.types}
    try:
        place = Place(session, part, Plan(chosen), keep, job.standing, job.inventory, job.account_name, job.ages)
        end = await place.load(message.task, shared)
        left = await asyncio.to_thread(part.finish)
    finally:
        await asyncio.to_thread(part.close)
    return Taken(end, left, ended, shared.records, sent_by(session, process))
