"""What an evaluation stands on: the latest finished run, and whether a rule's needs were loaded whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from loader.alerts.alert import Alert
from loader.alerts.rule import Rule
from loader.coverage.coverage import Coverage, Gap
from loader.coverage.steps import HISTORY, closure
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.graph import Database


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest finished run. settled: no later run is in the middle of its work, or ended there. newest: the number
    of the latest run of all.
    """

    id: str
    seq: int
    settled: bool
    newest: int = 0


def last_run(database: Database) -> LastRun:
    """The latest run that finished. Raises UsageError where none ever did."""
    rows = database.read(
        "MATCH (r:SyncRun) WHERE r.id IS NOT NULL AND r.seq IS :: INTEGER NOT NULL "
        "RETURN r.id AS id, r.seq AS seq, r.status AS status ORDER BY r.seq DESC"
    )
    for position, row in enumerate(rows):
        if row["status"] != "running":
            settled = position == 0 and row["status"] != "failed"
            return LastRun(row["id"], row["seq"], settled, newest=rows[0]["seq"])
    raise UsageError("There is nothing to evaluate yet: no run has finished. Run `azgraph sync` first.")


def standing(database: Database, run: LastRun, coverage: Coverage) -> tuple[LastRun, Coverage]:
    """Both as they are now: a run that has begun since they were read may have written what a rule has just read."""
    rows = database.read("MATCH (r:SyncRun) WHERE r.seq > $seq RETURN max(r.seq) AS newest", {"seq": run.newest})
    if rows[0]["newest"] is None:
        return run, coverage
    return replace(run, settled=False, newest=rows[0]["newest"]), Coverage.read(database)


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
        self._of_runs = HISTORY in rule.needs
        self._unfinished: dict[str, bool] = {}

    @property
    def areas(self) -> frozenset[str]:
        """Every area in which one of the needs was ever loaded."""
        return frozenset[str]().union(*map(self._coverage.loaded, self._steps))

    @property
    def begun(self) -> frozenset[str]:
        """The areas in which the rule could look at all that it needs, whether it was there or refused."""
        return frozenset(area for area in self.areas if not self.unfinished(area))

    def unfinished(self, area: str) -> bool:
        """Whether the run that loads anything the area depends on is not at its end: what is there may be half of it.

        What a rule over runs themselves finds is as it is, whatever run is at work.
        """
        if area not in self._unfinished:
            # Mostly no run is at work at all, and areas are many.
            somewhere = not self._of_runs and any(gap.unfinished for gap in self._gaps)
            here = self._coverage.gaps(self._steps, area) if somewhere else ()
            self._unfinished[area] = any(gap.unfinished for gap in here)
        return self._unfinished[area]

    def gaps(self) -> list[Gap]:
        """Every need that was not loaded whole, in any area."""
        return self._gaps

    @cached_property
    def _gaps(self) -> list[Gap]:
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
