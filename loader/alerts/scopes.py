"""What an evaluation stands on: the latest finished run, and whether a rule's needs were loaded whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from loader.alerts.alert import Alert
from loader.alerts.rule import Rule
from loader.coverage.coverage import Coverage, Gap
from loader.coverage.steps import closure
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.graph import Database


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest finished run. settled: no later run is in the middle of its work, or ended there."""

    id: str
    seq: int
    settled: bool


def last_run(database: Database) -> LastRun:
    """The latest run that finished. Raises UsageError where none ever did."""
    rows = database.read(
        "MATCH (r:SyncRun) WHERE r.id IS NOT NULL AND r.seq IS NOT NULL "
        "RETURN r.id AS id, r.seq AS seq, r.status AS status ORDER BY r.seq DESC"
    )
    for position, row in enumerate(rows):
        if row["status"] != "running":
            return LastRun(row["id"], row["seq"], settled=position == 0 and row["status"] != "failed")
    raise UsageError("There is nothing to evaluate yet: no run has finished. Run `azgraph sync` first.")


def last_seq_before(database: Database, moment: datetime) -> int:
    """The latest run that finished before a point in time; 0 where there is none."""
    rows = database.read(
        "MATCH (r:SyncRun) WHERE r.finishedAt < $moment RETURN coalesce(max(r.seq), 0) AS seq", {"moment": moment}
    )
    return int(rows[0]["seq"])


_NEWEST = "UNWIND $ids AS id MATCH (s:SyncScope {id: id}) RETURN max(s.seq) AS seq"


class Needs:
    """Answers for one rule: was all that it needs loaded whole, for one alert or altogether?

    settled: as in `LastRun`; while a run is at work, or where it died, nothing counts as whole.
    """

    def __init__(self, rule: Rule, coverage: Coverage, *, settled: bool) -> None:
        self._coverage, self.settled = coverage, settled
        self._steps = closure(rule.needs)

    @property
    def areas(self) -> frozenset[str]:
        """Every area in which one of the needs was ever loaded."""
        return frozenset[str]().union(*map(self._coverage.loaded, self._steps))

    def gaps(self) -> list[Gap]:
        """Every need that was not loaded whole, in any area."""
        return self._coverage.gaps(self._steps, "")

    def older(self) -> list[str]:
        """What of the needs is older than the latest run, in sentences."""
        return self._coverage.told_older(self._steps, "")

    def whole_for(self, alert: Alert) -> bool:
        """Whether nothing is missing that the alert can depend on. Of an entity of unknown place everything counts."""
        if not self.settled:
            return False
        gaps = self._coverage.gaps(self._steps, alert.area)
        if not alert.scope:  # what it was fetched under is not known, so anything may touch it
            return not gaps
        return not any(gap.touches((alert.entity_type,), alert.entity_key, alert.parent) for gap in gaps)

    def newest(self, database: Database, alert: Alert) -> int | None:
        """The latest run that loaded anything the alert can depend on; None where the graph does not tell."""
        places = {f"{step}|{area}" for step in self._steps for area in self._coverage.areas(step, alert.area)}
        rows = database.read(_NEWEST, {"ids": sorted(places)})
        return None if rows[0]["seq"] is None else int(rows[0]["seq"])

    def whole(self) -> bool:
        """Whether nothing at all is missing."""
        return self.settled and not self.gaps()
