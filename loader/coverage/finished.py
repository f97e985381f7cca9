"""Which runs are not at their end: what they wrote may lack relationships, deletions or derivations.

Whoever judges by the graph (checks, queries, alerts, reports) takes nothing for whole that such a run has written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loader.graph import Database

# `linksPending` goes when every node of the run has its relationships, if need be in a later run; what a dead run did
# not derive, the next run derives whole.
UNFINISHED = """
MATCH (run:SyncRun)
WHERE run.status = 'running' OR run.linksPending OR (run.derived = false AND NOT EXISTS {
  MATCH (later:SyncRun) WHERE later.seq > run.seq AND later.derived
})
RETURN collect(run.seq) AS unfinished
"""


def unfinished_runs(database: Database) -> frozenset[int]:
    """The numbers of the runs that are at work, or that ended in the middle and were not made up for since."""
    rows = database.read(UNFINISHED)
    return frozenset(rows[0]["unfinished"]) if rows else frozenset()
