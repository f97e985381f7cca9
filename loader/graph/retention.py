"""Keeping the history small: changes older than the kept time go, a batch at a time."""

from __future__ import annotations

from loader.graph.database import Database
from loader.graph.writer import GraphWriter

KEEP_DAYS = 90
_BATCH = 5_000
_OLD_CHANGES = """
MATCH (c:Change) WHERE c.runSeq < $before WITH c LIMIT $limit DETACH DELETE c
"""
_FIRST_KEPT = "MATCH (r:SyncRun) WHERE r.startedAt >= datetime() - duration({days: $days}) RETURN min(r.seq) AS seq"


def prune(database: Database, writer: GraphWriter, *, keep_days: int = KEEP_DAYS) -> int:
    """Deletes the changes of runs that started more than `keep_days` days ago; gives their number."""
    first = database.read(_FIRST_KEPT, {"days": keep_days})[0]["seq"]
    deleted = 0
    while first is not None:
        gone = writer.leased(
            lambda transaction: transaction.apply(_OLD_CHANGES, {"before": first, "limit": _BATCH})[1].nodes_deleted
        )
        deleted += gone
        if gone < _BATCH:
            break
    return deleted
