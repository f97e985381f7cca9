"""Steps that have ended: of each only what its run asks at its end, small enough for thousands of subscriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from loader.graph.database import Database
from loader.graph.links import memory_digest

_KEYS = "MATCH (n:Entity) WHERE n._scope STARTS WITH $prefix RETURN n._key AS key"


@dataclass(frozen=True, slots=True)
class EndedStep:
    """A step that ended in another process: how many it had before, and the keys of those that it did not meet."""

    name: str
    area: str
    stored_before: int
    unlisted: frozenset[str]


class EndedSteps:
    """The steps of a run, or of a part of it, that have ended."""

    def __init__(self) -> None:
        self._stored: dict[str, dict[str, int]] = {}
        self._unlisted: dict[tuple[str, str], frozenset[int]] = {}

    def add(self, name: str, area: str, stored_before: int, unlisted: Collection[int]) -> None:
        """Takes a step. stored_before: how many entities the graph had of it before the run; unlisted: the digests of
        the keys of those that the step did not meet.
        """
        self._stored.setdefault(area, {})[name] = stored_before
        if unlisted:
            self._unlisted[name, area] = frozenset(unlisted)

    def take(self, step: EndedStep) -> None:
        """Takes a step of another process."""
        self.add(step.name, step.area, step.stored_before, [memory_digest(key) for key in step.unlisted])

    def lists(self, name: str, area: str, key: str) -> bool:
        """Whether a step was taken and has met a key in this run, which is known to stand in it."""
        taken = name in self._stored.get(area, ())
        return taken and memory_digest(key) not in self._unlisted.get((name, area), ())

    def stored(self) -> Counter[str]:
        """How many entities each area had before the run."""
        return Counter({area: sum(steps.values()) for area, steps in self._stored.items()})

    def told(self, database: Database) -> Iterator[EndedStep]:
        """The same for another process: keys are read anew from the graph, since in memory there are digests only."""
        for area, steps in self._stored.items():
            for name, stored in steps.items():
                unlisted = self._unlisted.get((name, area), frozenset())
                rows = database.stream(_KEYS, {"prefix": f"{name}|{area}|"}) if unlisted else ()
                keys = frozenset(row["key"] for row in rows if memory_digest(row["key"]) in unlisted)
                yield EndedStep(name, area, stored, keys)
