"""How old the evidence is: what a run did not read again, since the configuration lets it be older, and what else is
older than somebody demands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from loader.coverage.steps import ancestors

if TYPE_CHECKING:
    from loader.graph import Database

# All that is older than the run that told of it last.
OLDER = "MATCH (s:SyncScope) WHERE s.olderAt IS NOT NULL AND s.step IS NOT NULL AND s.area IS NOT NULL"
_EACH = """
MATCH (s:SyncScope) WHERE s.step IN $steps AND s.olderAt IS NOT NULL
MATCH (r:SyncReading) WHERE r.scope = s.id AND r.seq < s.seq
RETURN r.step AS step, r.area AS area, r.key AS key, r.at AS at
"""
_READ = """
MATCH (s:SyncScope) WHERE s.step IN $steps AND s.area IS NOT NULL AND s.lastCompleteAt IS NOT NULL
OPTIONAL MATCH (run:SyncRun {seq: s.lastCompleteSeq})
RETURN s.step AS step, s.area AS area, coalesce(run.answersFrom, run.answersAt, s.lastCompleteAt) AS at
"""


@dataclass(frozen=True, slots=True)
class Older:
    """What of a step in an area the latest run did not read: of so many resources, the oldest of it read at `at`."""

    step: str
    area: str
    count: int
    at: datetime

    def sentence(self, place: str) -> str:
        """For people. place: what they call the area."""
        return (
            f"{self.step} of {place} is as of {moment(self.at)} for {self.count:,} of its resources, or younger: the "
            "latest run did not read it again (freshness)."
        )


@dataclass(frozen=True, slots=True)
class Ages:
    """When the parts of some steps were read, where that was not the latest run: by step and area, then by the key of
    the resource. read: when each step was last read whole, where somebody asked for that.
    """

    parts: Mapping[tuple[str, str], Mapping[str, datetime]] = field(default_factory=dict)
    read: Mapping[tuple[str, str], datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, database: Database, steps: Iterable[str], *, demanded: Iterable[str] = ()) -> Ages:
        """Those of some steps. demanded: steps of which also what the latest run has read is asked for."""
        parts: dict[tuple[str, str], dict[str, datetime]] = {}
        for row in database.read(_EACH, {"steps": list(steps)}):
            parts.setdefault((row["step"], row["area"]), {})[row["key"]] = row["at"]
        wanted = list(demanded)
        read = database.read(_READ, {"steps": wanted}) if wanted else []
        return cls(parts, {(row["step"], row["area"]): row["at"] for row in read})

    def older(
        self, areas: Mapping[str, Collection[str]], kinds: Iterable[str], key: str, parent: str
    ) -> dict[str, datetime]:
        """Of each step that the verdict on a resource of these types rests on, when its oldest part was read; only
        where that was not in the latest run. areas: of each step, where it is taken for the resource.
        """
        kinds = tuple(kinds)
        found: dict[str, datetime] = {}
        for (step, place), parts in self.parts.items():
            times = list(_touching(parts, step, kinds, key, parent)) if place in areas.get(step, ()) else []
            if times:
                found[step] = min([*times, *([found[step]] if step in found else [])])
        return found


def _touching(
    parts: Mapping[str, datetime], step: str, kinds: tuple[str, ...], key: str, parent: str
) -> Iterator[datetime]:
    name = step.partition(".")[0]
    kin = ancestors(name) | {name}
    if not all(one in kin or name in ancestors(one) for one in kinds):
        yield from parts.values()  # it may be tied to any of them
        return
    for one, at in parts.items():
        if one in (key, parent) or key.startswith(f"{one}/") or one.startswith(f"{key}/"):
            yield at


def moment(at: datetime) -> str:
    """A time as people read it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
