"""The fence around a part of a run that another process writes: the run's lease, and a mark on the part.

Who was taken for dead may only have stood still. It writes nothing any more once the lease has gone to another run, or
its part to another process.
"""

from __future__ import annotations

import uuid

from loader.errors import AzgraphError
from loader.graph.database import Database, Transaction
from loader.graph.lease import SYNC

# That another process had begun the part is noted with it: an answer may be lost, and the question asked again.
# A lease that ran out may be renewed yet, if its holder is only slow; who has been silent for longer is dead.
_TAKE = """
MATCH (l:SyncLease {id: $name}) WHERE l.holder = $holder AND l.expiresAt > datetime() - duration('PT5M')
MERGE (p:SyncPart {id: $part}) SET p.touched = datetime()
WITH p, coalesce(p.by <> $by, false) OR coalesce(p.again, false) AS again SET p.by = $by, p.again = again
RETURN again
"""
_HELD = """
MATCH (l:SyncLease {id: $name}) WHERE l.holder = $holder AND l.expiresAt > datetime() - duration('PT5M')
MATCH (p:SyncPart {id: $part}) WHERE p.by = $by
RETURN p.by AS by
"""
# Nodes of that label without these are somebody else's.
_DROP = "MATCH (p:SyncPart) WHERE p.id IS NOT NULL AND p.by IS NOT NULL AND p.touched IS NOT NULL DELETE p"


class Fence:
    """The right of one process to write one part of a run. holder: of the run's lease; part: which part it is.

    Whoever takes a part takes it away from who had it.
    """

    def __init__(self, database: Database, holder: str, part: str) -> None:
        self._database = database
        self._names = {"name": SYNC, "holder": holder, "part": part, "by": uuid.uuid4().hex}

    def take(self) -> bool:
        """Takes the part; tells whether another process had begun it. Raises AzgraphError where the run has ended."""
        rows, _ = self._database.write(lambda transaction: transaction.run(_TAKE, **self._names))
        if not rows:
            raise AzgraphError(
                "The run that this process works for does not hold this graph: it has ended, or this is another graph "
                "than the run's. Name the same Neo4j on all machines."
            )
        return bool(rows[0]["again"])

    def check(self, transaction: Transaction) -> None:
        """Ends a write where the lease or the part has gone to somebody else."""
        if not transaction.run(_HELD, **self._names):
            raise AzgraphError(
                "This process may write to the graph no more: the run that it worked for has ended or stood still, or "
                "another process has taken over its part."
            )


def drop_parts(transaction: Transaction) -> None:
    """Takes the marks away; only one run at a time has any."""
    transaction.run(_DROP)
