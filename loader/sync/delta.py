"""Lists of the directory of which Microsoft Graph tells what has changed: these are not read whole in each run.

A delta query names the objects that were made, changed or deleted since it was asked last; what it leaves out is as it
was. It is asked for nothing else: objects that changed are read as the list itself would answer them, so that each is
mapped from a whole answer, with what the delta does not tell. A query that broke off tells nothing: then the list is
read whole, and what was noted before stays noted until that is done.
Source: https://learn.microsoft.com/graph/delta-query-overview
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from loader.areas import TENANT
from loader.graph.readings import Reading
from loader.guids import is_guid
from loader.model import DELTA_FROM_NOW, DELTA_LINK, Embedded, EntityType, Graph, Json, Outcome
from loader.services import entity_types
from loader.sync.freshness import SIGN, sign_of
from loader.sync.plan import Plan
from loader.sync.reading import key_of
from loader.sync.session import Asking, all_of
from loader.sync.step import Step

# So many values `in` takes: https://learn.microsoft.com/graph/filter-query-parameter
IDS_AT_ONCE = 15
# So many objects a list gives at once, so that reading it whole may take fewer calls than reading what changed.
_PAGE = 999
_ORGANIZATION = Graph(builder="organization", permission="Organization.Read.All", select=("id", "tenantType"))
# https://learn.microsoft.com/graph/api/resources/organization: `tenantType`
_OF_EMPLOYEES = "AAD"


def delta_step(entity_type: EntityType) -> str:
    """Under which name the readings of a list are noted, beside those of its details."""
    return f"{entity_type.type}/delta"


def delta_steps() -> list[str]:
    """Those of all types."""
    return [delta_step(one) for one in entity_types().values() if one.delta is not None]


@dataclass(slots=True)
class Changes:
    """What has changed of a list: the ids that were told of, and those of objects that are gone. link: the address of
    the next query; empty where this one broke off.
    """

    told: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    link: str = ""

    def take(self, item: Json) -> None:
        """Takes an item of a delta query. An object may come several times, in any order."""
        identity = str(item.get("id") or "").lower()
        if identity:
            (self.gone if "@removed" in item else self.told).add(identity)
        self.link = str(item.get(DELTA_LINK) or self.link)


# Hears of each list what is to be noted of it once all of the run stands in the graph.
Noted = Callable[[str, str, Mapping[str, Reading], Collection[str]], None]


@dataclass(slots=True)
class Deltas:
    """The delta queries of the tenant. known: what earlier runs noted; tenant: the key under which; at: when this run
    began; every: a list is read whole once in so many runs, `anew` in this one; asked: calls so far, by type.
    """

    session: Asking
    known: Mapping[str, Mapping[str, Reading]]
    tenant: str
    at: datetime
    every: int
    noted: Noted
    anew: bool = False
    asked: Counter[str] = field(default_factory=Counter)

    def is_about(self, entity_type: EntityType, plan: Plan) -> bool:
        """Whether the changes of a list are asked for: in runs that load all that its answers tell."""
        if entity_type.delta is None or self.every < 2:
            return False
        others = entity_types().items()
        parts = [
            name for name, one in others if isinstance(one.fetch, Embedded) and one.fetch.parent == entity_type.type
        ]
        return all(name in plan.types for name in parts)

    async def fetch(
        self, step: Step, *, whole: Callable[[], Awaitable[Outcome]], take: Callable[[list[Json]], Awaitable[None]]
    ) -> Outcome:
        """Reads what has changed of a list and keeps the rest, or all of it. whole: reads all; take: takes a page."""
        entity_type = step.entity_type
        changes = await self._fetch_changes(step, take)
        # What changes while the list is read is told the next time.
        link = changes.link if changes is not None else await self.begin(entity_type)
        outcome = Outcome() if changes is not None else await whole()
        if link and outcome.whole and step.whole:
            self.note(entity_type, link, await step.sink.met(), whole=changes is None)
        step.calls[entity_type.type] += self.asked[entity_type.type]
        return outcome

    async def _fetch_changes(self, step: Step, take: Callable[[list[Json]], Awaitable[None]]) -> Changes | None:
        """Reads what has changed of a list, and keeps the rest of it; None where the list is to be read whole.

        Parts of answers have changes of their own, which nobody tells: what has any is read again. So is what has a
        link to something that is gone: whether Graph tells that of both ends, no page of its own says.
        """
        entity_type, fetch = step.entity_type, step.entity_type.fetch
        also = {scope for part in step.parts for scope in part.sink.scopes() if scope}
        also |= set(await step.sink.linked_to_stubs())
        changes = await self.changes(entity_type, stored=step.sink.stored_in(""), also=also)
        if changes is None or not isinstance(fetch, Graph):
            return None
        # Of few objects each is asked for what one list tells of all.
        step.lists = {detail.name: {} for detail in entity_type.details if detail.by}
        read = set[str]()
        for call in by_ids(fetch, changes.told):
            items = await self._read(call, entity_type)
            read |= {key_of(entity_type, answer) for answer in items or ()}
            await take(items or [])
        if step.odd.get("") or changes.told - read - changes.gone:
            step.lists = {}
            return None
        gone = changes.gone - read
        await step.sink.keep_rest(gone=gone)
        for part in step.parts:
            await part.sink.keep_rest(gone=(), read=read | gone)
        if step.keep:
            stored = await step.sink.stored()
            step.answers += [self._stand_in(entity_type, one) for one in stored if one["_key"] not in step.kept | gone]
        return changes

    def _stand_in(self, entity_type: EntityType, stored: Json) -> Json:
        return {**stand_in(entity_type, stored), "@tenant": self.tenant, "@subscription": ""}

    async def changes(self, entity_type: EntityType, *, stored: int, also: Collection[str]) -> Changes | None:
        """What has changed since the list was read; None where it is to be read whole.

        stored: how many entities the graph had of it before the run. also: ids that are read whatever is told of them.
        """
        before = self._before(entity_type)
        if before is None or self.anew or before.runs + 1 >= self.every or before.count != stored:
            return None
        found = await self._ask(entity_type, before.link)
        if not found.link:
            return None
        found.told |= set(also)
        if not all(map(is_guid, found.told)):
            return None
        # The list gives more at once than can be read by their ids.
        dear = len(found.told) > IDS_AT_ONCE and len(found.told) * _PAGE > stored * IDS_AT_ONCE
        return None if dear else found

    async def begin(self, entity_type: EntityType) -> str:
        """The address of a query for what changes from now on; empty where Microsoft Graph gives none.

        External tenants and those of Azure AD B2C have no change tracking (the page named at the top).
        """
        tenants = await self._read(_ORGANIZATION, entity_type)
        if not any(one.get("tenantType") == _OF_EMPLOYEES for one in tenants or ()):
            return ""
        return (await self._ask(entity_type, DELTA_FROM_NOW)).link

    def note(self, entity_type: EntityType, link: str, count: int, *, whole: bool) -> None:
        """Notes that the list, or what had changed of it, was read to its end, with all that belongs to it.

        count: how many entities the graph has of it then. whole: the list was read.
        """
        before = self._before(entity_type)
        runs = 0 if whole or before is None else before.runs + 1
        reading = Reading(self.at, "", count=count, link=link, runs=runs)
        self.noted(delta_step(entity_type), TENANT, {self.tenant: reading}, ())

    def _before(self, entity_type: EntityType) -> Reading | None:
        return self.known.get(delta_step(entity_type), {}).get(self.tenant)

    async def _ask(self, entity_type: EntityType, since: str) -> Changes:
        fetch, delta = entity_type.fetch, entity_type.delta
        if not isinstance(fetch, Graph) or delta is None:
            return Changes()
        call = Graph(
            builder=delta.builder,
            permission=fetch.permission,
            select=(*fetch.select, *delta.relationships),
            since=since,
        )
        found = Changes()
        for item in await self._read(call, entity_type) or ():
            found.take(item)
        return found

    async def _read(self, call: Graph, entity_type: EntityType) -> list[Json] | None:
        return await all_of(self.session, call, entity_type.type, self.asked)


def by_ids(fetch: Graph, ids: Collection[str]) -> list[Graph]:
    """Calls for these objects of a list, as the list answers them."""
    listed = sorted(ids)
    quoted = [f"'{one}'" for one in listed]
    return [
        replace(fetch, filter=f"id in ({', '.join(quoted[begin : begin + IDS_AT_ONCE])})")
        for begin in range(0, len(quoted), IDS_AT_ONCE)
    ]


def stand_in(entity_type: EntityType, stored: Json) -> Json:
    """What the graph has of an unchanged entity, as its answer, so far as it tells that: for what is listed for it."""
    told = {source: stored[name] for source, name in _as_answered(entity_type) if name in stored}
    return {"id": stored.get("id"), "@key": stored["_key"], "@unchanged": True, **told}


def as_stand_in(entity_type: EntityType, answer: Json) -> Json:
    """Of an answer what one that stands in for it would have, where that can be: nothing else is kept in memory.

    A group with its members takes ten times as much, and all groups wait for what is listed for each of them.
    """
    if entity_type.delta is None:
        return answer
    read = {"id", *(source for source, _ in _as_answered(entity_type))}
    told = {name: value for name, value in answer.items() if name in read or name.startswith("@")}
    # Of all that was answered: whoever is in the group, too.
    return {**told, SIGN: sign_of(answer)}


def _as_answered(entity_type: EntityType) -> Iterator[tuple[str, str]]:
    """What an answer names as it stands, and the property that has it."""
    for one in entity_type.properties:
        if isinstance(one.source, str) and one.source.isidentifier():
            yield one.source, one.name
