"""The running state of one step in one area, and what it leaves for its children."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from loader.model import EntityType, Json, Outcome
from loader.services import parents_of
from loader.sync.reading import Odd
from loader.sync.sink import Sink


@dataclass(slots=True)
class Loaded:
    """What a finished step leaves for its children: its answers, where they need them, and whether it was whole.

    unread: where nothing but some entities could not be read, their keys.
    """

    outcome: Outcome
    answers: list[Json] = field(default_factory=list)
    unread: frozenset[str] = frozenset()


@dataclass(slots=True)
class Step:
    """The running state of one step: its sink, the sinks of the types embedded in its answers, its counts.

    outcomes: how each scope ended, by parent; details: how each detail ended, by its name and the entity's key. odd:
    items that could not be made entities, by scope. unread: how scopes ended of which nothing else was not read, and
    the keys of those items. kept: the keys of `answers`, since a list that
    is begun again gives its items twice. met: the keys in each scope that is being read, where they are counted.
    """

    entity_type: EntityType
    sink: Sink
    parts: list[tuple[EntityType, Sink, dict[str, Outcome]]]
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
            *(one for _, _, found in self.parts for one in found.values()),
        ]
        return all(one.whole for one in ended)

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
