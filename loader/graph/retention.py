"""Keeping the history small: changes, runs and resolved alerts that are too old or too many go, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loader.graph.archive import Archive
from loader.graph.database import Database, Transaction
from loader.graph.writer import GraphWriter

KEEP_DAYS = 90
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """How many days, and how many at most; None for any."""

    days: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the graph remembers. archive: a folder into which changes are written before they go."""

    changes: Kept = field(default_factory=lambda: Kept(days=KEEP_DAYS))
    runs: Kept = field(default_factory=Kept)
    resolved_alerts: Kept = field(default_factory=Kept)
    archive: Path | None = None


_FIRST_KEPT = "MATCH (r:SyncRun) WHERE r.startedAt >= datetime() - duration({days: $days}) RETURN min(r.seq)"
# Newest first along the index; the one after the last that is kept is the first that goes.
_LAST_GONE = (
    "MATCH (c:Change) WHERE c.runSeq IS NOT NULL RETURN c.runSeq AS seq ORDER BY c.runSeq DESC SKIP $count LIMIT 1"
)
_OLD_CHANGES = """
MATCH (c:Change) WHERE c.runSeq < $before
RETURN c.id AS id, properties(c) AS change ORDER BY c.runSeq LIMIT $limit
"""
_DROP_CHANGES = "UNWIND $ids AS id MATCH (c:Change {id: id}) DETACH DELETE c"

# What later runs and checks still look at stays: the newest of each tenant, what is at work or has to be repaired, and
# what has changes.
_OLD_RUNS = """
MATCH (newest:SyncRun) WITH newest.tenant AS tenant, newest.refused AS refused, max(newest.seq) AS seq
WITH collect(seq) AS newest
MATCH (r:SyncRun)
WHERE r.seq <= $last AND NOT r.seq IN newest AND r.status <> 'running' AND r.linksPending IS NULL
  AND NOT EXISTS { (r)-[:RECORDED]->(:Change) }
WITH r ORDER BY r.seq LIMIT $limit
OPTIONAL MATCH (result:PackResult {runSeq: r.seq})
DETACH DELETE r, result
"""
# Not the last that looks old: the clock may have been wrong when it began.
_LAST_RUN_BY_AGE = f"{_FIRST_KEPT} - 1 AS seq"
# What was refused takes no other run's place: it is tried again every few minutes.
_LAST_RUN_BY_COUNT = (
    "MATCH (r:SyncRun) WHERE r.refused IS NULL RETURN r.seq AS seq ORDER BY r.seq DESC SKIP $count LIMIT 1"
)

_OLD_ALERTS = """
MATCH (a:Alert {state: 'resolved'}) WHERE a.resolvedAt < $before WITH a LIMIT $limit DETACH DELETE a
"""
_ALERTS_BY_AGE = "RETURN datetime() - duration({days: $days}) AS at"
_ALERTS_BY_COUNT = """
MATCH (a:Alert {state: 'resolved'}) WHERE a.resolvedAt IS NOT NULL
RETURN a.resolvedAt + duration({milliseconds: 1}) AS at ORDER BY a.resolvedAt DESC SKIP $count LIMIT 1
"""


def prune(database: Database, writer: GraphWriter, retention: Retention | None = None) -> dict[str, int]:
    """Deletes what `retention` does not keep; gives the numbers of changes, runs and alerts that went.

    Changes of one run go together: those of the run in which the count is exceeded stay. Raises OSError where the
    archive cannot be written; then no change went that is not in it.
    """
    kept = retention or Retention()
    changes = _prune_changes(database, writer, kept)
    return {
        "changes": changes,
        "runs": _prune_runs(database, writer, kept.runs),
        "alerts": _prune_alerts(database, writer, kept.resolved_alerts),
    }


def _prune_changes(database: Database, writer: GraphWriter, retention: Retention) -> int:
    before = _limit(database, retention.changes, by_age=_FIRST_KEPT, by_count=_LAST_GONE)
    if before is None:
        return 0
    archive = Archive(retention.archive) if retention.archive else None
    gone = 0
    while rows := database.read(_OLD_CHANGES, {"before": before, "limit": _BATCH}):
        if archive is not None:
            archive.add(row["change"] for row in rows)
        ids = [row["id"] for row in rows]
        writer.leased(lambda transaction, ids=ids: transaction.run(_DROP_CHANGES, ids=ids))  # type: ignore[misc]
        gone += len(ids)
    return gone


def _prune_runs(database: Database, writer: GraphWriter, kept: Kept) -> int:
    last = _limit(database, kept, by_age=_LAST_RUN_BY_AGE, by_count=_LAST_RUN_BY_COUNT)
    return 0 if last is None else _in_batches(writer, _OLD_RUNS, last=last)


def _prune_alerts(database: Database, writer: GraphWriter, kept: Kept) -> int:
    before = _limit(database, kept, by_age=_ALERTS_BY_AGE, by_count=_ALERTS_BY_COUNT)
    return 0 if before is None else _in_batches(writer, _OLD_ALERTS, before=before)


def _limit(database: Database, kept: Kept, *, by_age: str, by_count: str) -> Any:
    """Up to where all goes: whichever of the two takes more; None where nothing is too old or too much."""
    asked = [(by_age, {"days": kept.days}), (by_count, {"count": kept.count})]
    found = [database.read(query, given) for query, given in asked if None not in given.values()]
    limits = [next(iter(rows[0].values())) for rows in found if rows]
    return max((one for one in limits if one is not None), default=None)


def _in_batches(writer: GraphWriter, statement: str, **parameters: Any) -> int:
    gone = 0
    work: Callable[[Transaction], int] = lambda transaction: (  # noqa: E731 - done again and again
        transaction.apply(statement, {**parameters, "limit": _BATCH})[1].nodes_deleted
    )
    while deleted := writer.leased(work):
        gone += deleted
    return gone
