"""When parts of a step were last read, where they may be read less often than in each run: `SyncReading` nodes.

What is not noted here is read again. So a note is written only when all that was read stands in the graph, deletions
included, and goes as soon as anything was read in another way, or not whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loader.areas import stored_area
from loader.graph.database import Database
from loader.graph.writer import GraphWriter

_AT_ONCE = 2_000
# Of an entity that somebody took out of the graph there is nothing to keep.
_KNOWN = """
MATCH (r:SyncReading) WHERE r.scope IN $scopes AND r.schema = $schema
MATCH (n:Entity {_key: r.key}) WHERE n._stub IS NULL
RETURN r.scope AS scope, r.key AS key, r.at AS at, r.sign AS sign, r.changed AS changed, r.count AS count,
  r.link AS link, r.runs AS runs
"""
_NOTED = "MATCH (r:SyncReading) RETURN DISTINCT r.scope AS scope"
_DELETE = """
MATCH (r:SyncReading) WHERE r.scope = $scope AND r.seq <> $seq AND NOT r.key IN $kept
WITH r LIMIT $limit DELETE r RETURN count(*) AS deleted
"""
_NOTE = """
UNWIND $rows AS row MERGE (r:SyncReading {id: row.id})
SET r.scope = $scope, r.step = $step, r.area = $area, r.key = row.key, r.at = $at, r.seq = $seq, r.schema = $schema,
    r.sign = row.sign, r.changed = row.changed, r.count = row.count,
    r.link = row.link, r.runs = row.runs
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """When something was read. sign: what its resource looked like then; changed: when Azure said that it had been
    changed last, empty where it did not say; count: how many entities were read. link: of a whole list, where Azure
    tells what has changed since; runs: for how many runs that has been enough.
    """

    at: datetime
    sign: str
    changed: str = ""
    count: int = 0
    link: str = ""
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Older:
    """What of a step was not read again in a run: of so many resources; the oldest of it is of `since`."""

    count: int = 0
    since: datetime | None = None

    @classmethod
    def of(cls, times: Iterable[datetime]) -> Older:
        """That of readings that were kept."""
        kept = list(times)
        return cls(len(kept), min(kept)) if kept else NOT_OLDER

    @property
    def stored(self) -> dict[str, Any]:
        """As properties of a step's node."""
        return {"older": self.count or None, "olderAt": self.since}


NOT_OLDER = Older()


@dataclass(frozen=True, slots=True)
class StepReading:
    """How a step ended: what was read whole, by key, and the keys of what was not read again. area: as it is stored."""

    step: str
    area: str
    read: Mapping[str, Reading]
    kept: Collection[str]

    @property
    def scope(self) -> str:
        """The id of its `SyncScope`."""
        return f"{self.step}|{self.area}"


class Readings:
    """What earlier runs noted, and what is taken in this one. Safe for threads.

    schema: how answers are mapped in this run. usable: whether what was noted may be believed; after a run that was
    killed it may not, since what that one wrote is repaired only where it is met again. taken: how steps ended so far,
    by scope.
    """

    def __init__(self, database: Database, schema: str, tenant: str | None, *, usable: bool) -> None:
        self._database, self._schema, self._tenant, self._usable = database, schema, tenant, usable
        self.taken: dict[str, StepReading] = {}

    def known(self, area: str, steps: Iterable[str]) -> dict[str, dict[str, Reading]]:
        """What was noted of steps in an area, by step and key, as far as it may be believed."""
        found: dict[str, dict[str, Reading]] = {}
        if not self._usable:
            return found
        wanted = {f"{step}|{stored_area(area, self._tenant)}": step for step in steps}
        for row in self._database.stream(_KNOWN, {"scopes": sorted(wanted), "schema": self._schema}):
            told = row["sign"], row["changed"] or "", row["count"], row["link"] or "", row["runs"] or 0
            reading = Reading(row["at"].to_native(), *told)
            found.setdefault(wanted[row["scope"]], {})[row["key"]] = reading
        return found

    def take(self, step: str, area: str, read: Mapping[str, Reading], kept: Collection[str]) -> None:
        """Keeps, until the run is at its end, how a step ended: what was read whole, and what was not read again."""
        self.add(StepReading(step, stored_area(area, self._tenant), read, frozenset(kept)))

    def add(self, ended: StepReading) -> None:
        """The same, of a step whose area is as it is stored. One that is taken twice counts as it ended last."""
        self.taken[ended.scope] = ended


class ReadingLog(Readings):
    """The readings of the process that leads the run: those of its parts are added, and all are written."""

    def __init__(
        self, database: Database, writer: GraphWriter, seq: int, schema: str, tenant: str | None, *, usable: bool
    ) -> None:
        super().__init__(database, schema, tenant, usable=usable)
        self._writer, self._seq = writer, seq
        self._noted = frozenset(row["scope"] for row in database.read(_NOTED))

    def add(self, ended: StepReading) -> None:
        """As that of its base; steps of which there is nothing to write, most of all, are not kept."""
        if ended.read or ended.scope in self._noted:
            super().add(ended)
        else:
            self.taken.pop(ended.scope, None)

    def write(self) -> None:
        """Notes what was read, and forgets the rest of the steps that were taken."""
        for scope, taken in self.taken.items():
            rows = [
                {"id": f"{scope}|{key}", "key": key, "sign": one.sign, "changed": one.changed, "count": one.count,
                 "link": one.link or None, "runs": one.runs or None}
                for key, one in taken.read.items()
            ]  # fmt: skip
            at = next((one.at for one in taken.read.values()), None)
            about = {"scope": scope, "step": taken.step, "area": taken.area, "seq": self._seq, "schema": self._schema}
            for begin in range(0, len(rows), _AT_ONCE):
                self._note({**about, "at": at, "rows": rows[begin : begin + _AT_ONCE]})
            if scope in self._noted:
                self._forget(scope, taken.kept)

    def _note(self, asked: dict[str, Any]) -> None:
        self._writer.leased(lambda transaction: transaction.run(_NOTE, **asked))

    def _forget(self, scope: str, kept: Collection[str]) -> None:
        asked = {"scope": scope, "seq": self._seq, "kept": list(kept), "limit": _AT_ONCE}
        deleted = _AT_ONCE
        while deleted == _AT_ONCE:
            deleted = self._writer.leased(lambda transaction: transaction.run(_DELETE, **asked)[0]["deleted"])
