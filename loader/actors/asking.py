"""One run's question who made its changes: the logs that can tell are asked once, what they tell is joined."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from loader.actors.deeds import Deed
from loader.actors.feeds import ACTIVITY, CONTAINERS, DIRECTORY, RESOURCES, Feed, between
from loader.actors.join import Changed, Deeds, Known, candidates, places, verdict
from loader.areas import TENANT
from loader.azure.errors import AzureError
from loader.graph.actors import ActorBook, OpenChange, principals
from loader.graph.changes import far_end
from loader.model import AnyCall, Embedded, EntityType, Json, Outcome, Quiet, Status

_AT_ONCE = 8
# A log that is longer says too much in too many calls; who did it is then not known.
_MOST_PAGES = 400
# What Resource Graph does not record: https://learn.microsoft.com/azure/governance/resource-graph/changes/resource-graph-changes
_ACTIVITY_ONLY = re.compile(
    r"/providers/(microsoft\.authorization|microsoft\.insights/diagnosticsettings)/", re.IGNORECASE
)
_CONTAINER = re.compile(r"/subscriptions/[^/]+(/resourcegroups/[^/]+)?")
# The directory audit of a tenant with a licence goes back so far; one record of the second week shows that it does.
_LICENSED = timedelta(days=29)


class Session(Protocol):
    """What the Azure room offers."""

    @property
    def replayed(self) -> bool: ...

    @property
    def answers_at(self) -> datetime | None: ...

    def pages(
        self, call: AnyCall, *, subscription: str | None, parent: Json | None, one: bool | None = None
    ) -> AsyncIterator[list[Json]]: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """How one log of one area was read. calls: pages; deeds: those that were about what changed."""

    step: str
    area: str
    outcome: Outcome
    calls: int
    deeds: int


@dataclass(slots=True)
class Asked:
    """What came of it. told, unclear, unknown: changes with an actor, with several candidates, with neither."""

    listings: list[Listing] = field(default_factory=list)
    told: int = 0
    unclear: int = 0
    unknown: int = 0


async def ask_who(session: Session, book: ActorBook, types: Mapping[str, EntityType]) -> Asked:
    """Asks who made the changes of a run, and stores it. types: the declared ones, for what is a part of what.

    What Azure does not answer leaves changes without an actor and ends as the outcome of its listing; nothing is raised
    but what the graph raises.
    """
    found = await asyncio.to_thread(book.changes)
    asking = _Asking(session, [_changed(one, types) for one in found if one.since is not None])
    if asking.changes:
        await asking.listen()
        values = await asyncio.to_thread(_values, asking, book)
        await asyncio.to_thread(book.tell, values)
        asking.asked.told = sum("actor" in one for one in values.values())
        asking.asked.unclear = len(values) - asking.asked.told
    asking.asked.unknown = len(found) - asking.asked.told - asking.asked.unclear
    return asking.asked


class _Asking:
    def __init__(self, session: Session, changes: list[Changed]) -> None:
        self.changes, self.asked = changes, Asked()
        self.logs: list[Deeds] = []
        self._session = session
        self._now = (session.answers_at if session.replayed else None) or datetime.now(UTC)

    async def listen(self) -> None:
        """Asks the logs that can tell of these changes."""
        resources = [one for one in self.changes if one.key.startswith("/subscriptions/")]
        subscriptions = tuple(sorted({_subscription(one) for one in resources}))
        await self._ask(RESOURCES, TENANT, resources, subscriptions)
        containers = [one for one in resources if _CONTAINER.fullmatch(one.key)]
        await self._ask(CONTAINERS, TENANT, containers, tuple(sorted({_subscription(one) for one in containers})))
        by_area: dict[str, list[Changed]] = {}
        for one in resources:
            by_area.setdefault(_subscription(one), []).append(one)
        before = [*self.logs]
        slots = asyncio.Semaphore(_AT_ONCE)

        async def of_subscription(area: str) -> None:
            if any(_needs_activity(one) or not candidates(one, before) for one in by_area[area]):
                async with slots:
                    await self._ask(ACTIVITY, area, by_area[area])

        await asyncio.gather(*(of_subscription(area) for area in sorted(by_area)))
        await self._ask(DIRECTORY, TENANT, [one for one in self.changes if not one.key.startswith("/")])

    async def _ask(self, feed: Feed, area: str, about: list[Changed], subscriptions: tuple[str, ...] = ()) -> None:
        """Reads one log as far back as these changes reach, and it does."""
        most = _LICENSED if feed is DIRECTORY else timedelta(days=feed.days)
        due = [one for one in about if one.since >= self._now - most]
        if not due:
            return
        begin = min(one.since for one in due)
        if feed is DIRECTORY and begin < self._now - timedelta(days=feed.days - 1):
            begin -= timedelta(days=1)
        wanted = {key for one in due for key in places(one)}
        call = between(feed, begin, self._now, subscriptions)
        log, calls, outcome = Deeds(self._now - timedelta(days=feed.days)), 0, Outcome()
        kept = 0
        try:
            pages = self._session.pages(call, subscription=None if area == TENANT else area, parent=None)
            async for page in pages:
                calls += 1
                for deed in _read(feed, page):
                    if feed is DIRECTORY and deed.at < log.since:
                        log.since = self._now - _LICENSED
                    if wanted & deed.targets:
                        kept += 1
                        log.add(deed)
                if calls >= _MOST_PAGES:
                    raise AzureError(Status.FAILED, f"{feed.step} has more than {calls} pages since the run before.")
        except AzureError as error:
            outcome = self._outcome(error)
            calls += 1
        else:
            # A list that broke off may lack those who would make one candidate two.
            self.logs.append(log)
        self.asked.listings.append(Listing(feed.step, area, outcome, calls, kept))

    def _outcome(self, error: AzureError) -> Outcome:
        if self._session.replayed and error.http_status is None and error.status is Status.UNAVAILABLE:
            return Outcome(Status.SKIPPED, f"Not asked. {error.reason}", Quiet.OPTIONAL)
        return Outcome(error.status, error.reason, error.quiet or Quiet.OPTIONAL)


def _read(feed: Feed, page: Iterable[Json]) -> list[Deed]:
    return [deed for item in page if (deed := feed.read(item)) is not None]


def _values(asking: _Asking, book: ActorBook) -> dict[str, dict[str, Any]]:
    """What is to be stored of the makers of changes, by the changes' ids."""
    found = {one.id: candidates(one, asking.logs) for one in asking.changes}
    names = {name for deeds in found.values() for deed in deeds if deed.actor for name in deed.actor.also}
    known = {name: Known(*one) for name, one in principals(book.database, names).items()}
    values: dict[str, dict[str, Any]] = {}
    for change, deeds in found.items():
        said = verdict(deeds, known.get)
        if said is None:
            continue
        if said.deed is None or said.actor is None:
            values[change] = {"actorCandidates": list(said.candidates)}
            continue
        values[change] = {
            "actor": said.actor.name,
            "actorType": said.actor.type,
            "actorKey": said.known.key if said.known else "",
            "actorName": said.known.name if said.known else "",
            "client": said.client,
            "operation": said.deed.operation,
            "correlationId": said.deed.correlation_id,
            "azureTime": said.deed.at,
        }
    return values


def _changed(change: OpenChange, types: Mapping[str, EntityType]) -> Changed:
    assert change.since is not None
    far = far_end(change.op, change.path).lower()
    return Changed(change.id, change.op, change.key, change.since, tuple(_wholes(change, types)), far)


def _wholes(change: OpenChange, types: Mapping[str, EntityType]) -> Iterable[str]:
    """The ids of the resources as parts of whose answers this one is answered: to change it is to change them."""
    key, declared = change.key, types.get(change.type)
    while declared is not None and isinstance(declared.fetch, Embedded) and key.count("/") > 8:
        key = key.rsplit("/", 2)[0]
        yield key
        declared = types.get(declared.fetch.parent)


def _needs_activity(change: Changed) -> bool:
    return change.op == "deleted" or bool(_ACTIVITY_ONLY.search(change.key))


def _subscription(change: Changed) -> str:
    return change.key.split("/")[2]
