"""The running state of one step in one area, and what it leaves for its children."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from loader.model import Embedded, EntityType, Json, Outcome
from loader.services import parents_of
from loader.sync.reading import MOST_NAMED, Odd, odd_outcome
from loader.sync.report import worst
from loader.sync.sink import Sink


@dataclass(slots=True)
class Loaded:
    """What a finished step leaves for its children: its answers, where they need them, and whether it was whole.

    alone: nothing is missing but single entities, or something of them. unread: the keys of those of which nothing was
    loaded.
    """

    outcome: Outcome
    answers: list[Json] = field(default_factory=list)
    alone: bool = False
    unread: frozenset[str] = frozenset()


@dataclass(slots=True)
class Part:
    """A type of entities embedded in a step's answers: its sink, and as for a step how scopes ended, and the odd."""

    entity_type: EntityType
    sink: Sink
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    odd: dict[str, list[Odd]] = field(default_factory=dict)

    @property
    def of_details(self) -> bool:
        """Whether they stand in a detail's answer, so that each entity has a scope of its own."""
        return isinstance(self.entity_type.fetch, Embedded) and self.entity_type.fetch.at.startswith("$")

    def doubt(self, scope: str, odd: Iterable[Odd], answer: Json) -> None:
        """Keeps what was odd in an answer; what has no key of its own is known by that of the answer."""
        if named := [replace(one, key=one.key or str(answer["@key"])) for one in odd]:
            self.odd.setdefault(scope, []).extend(named)

    async def finish(self, listed: Outcome, unread: frozenset[str]) -> Outcome:
        """Ends it, and tells how it ended.

        listed: how the list of its answers ended; unread: the keys of the entities that alone are missing in it.
        """
        for scope, odd in self.odd.items():
            self.outcomes[scope] = odd_outcome(odd)
        ended = self.outcomes or {"": listed}
        doubted = {scope: {one.key for one in odd} for scope, odd in self.odd.items()}
        if unread and self.of_details:
            ended = {**dict.fromkeys(unread, listed), **self.outcomes}
        elif unread:
            # All of them are one scope, in which only what belongs to these is in doubt.
            doubted[""] = doubted.get("", set()) | unread
        whole = listed.settled or bool(unread)
        alone = {scope: keys for scope, keys in doubted.items() if whole and len(keys) <= MOST_NAMED}
        await self.sink.finish(ended, parents_whole=whole, unread=alone)
        return worst([listed, *self.outcomes.values()], "parents") if self.outcomes else listed


@dataclass(slots=True)
class Step:
    """The running state of one step: its sink, the parts of its answers that are entities themselves, its counts.

    outcomes: how each scope ended, by parent; details: how each detail ended, by its name and the entity's key. odd:
    items that could not be made entities or not be read whole, by scope. unread: how scopes ended of which nothing else
    was not read, and the keys of those items. kept: the keys of `answers`, since a list that
    is begun again gives its items twice. met: the keys in each scope that is being read, where they are counted.
    """

    entity_type: EntityType
    sink: Sink
    parts: list[Part]
    keep: bool
    answers: list[Json] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    details: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    odd: dict[str, list[Odd]] = field(default_factory=dict)
    unread: dict[str, tuple[Outcome, frozenset[str]]] = field(default_factory=dict)
    lists: dict[str, object] = field(default_factory=dict)
    met: dict[str, set[str]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    @property
    def whole(self) -> bool:
        """Whether all that was asked was read: the lists, their details, and the parts of their answers."""
        spare = {one.name for one in self.entity_type.details if one.spare}
        ended = [
            *self.outcomes.values(),
            *(one for name, found in self.details.items() if name not in spare for one in found.values()),
            *(one for part in self.parts for one in part.outcomes.values()),
        ]
        return all(one.whole for one in ended) and not any(odd for part in self.parts for odd in part.odd.values())

    @property
    def lost(self) -> frozenset[str]:
        """The keys of the items that could not be made entities."""
        return frozenset(one.key for odd in self.odd.values() for one in odd if one.lost)

    def unread_in(self, ended: Mapping[str, Outcome]) -> dict[str, frozenset[str]]:
        """The keys of the entities that alone are missing in a scope, by scope. ended: how all scopes ended."""
        return {scope: keys for scope, (made, keys) in self.unread.items() if ended.get(scope) == made}


def parents_first(types: list[EntityType]) -> list[EntityType]:
    """A type's task must exist before its children look for it."""
    ordered: list[EntityType] = []
    waiting = {one.type: one for one in types}
    while waiting:
        ready = [one for one in waiting.values() if not any(name in waiting for name in parents_of(one))]
        if not ready:
            raise ValueError(f"the fetches of {sorted(waiting)} depend on each other in a circle")
        ordered.extend(waiting.pop(one.type) for one in ready)
    return ordered
