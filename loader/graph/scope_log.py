"""How steps begin and end, kept in `SyncScope` nodes: many ends are written at a time, since most steps have little."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loader.graph.bookkeeping import ScopeState
from loader.graph.database import Transaction
from loader.graph.readings import NOT_OLDER, Older
from loader.graph.writer import GraphWriter
from loader.model import Outcome, Status

_AT_ONCE = 200
_WRITE = """
UNWIND $rows AS row MERGE (s:SyncScope {id: row.id})
WITH s, row WHERE coalesce(s.seq, 0) <= $seq
SET s += row.values
FOREACH (_ IN CASE WHEN row.complete THEN [1] ELSE [] END |
  SET s.lastCompleteSeq = $seq, s.lastCompleteAt = datetime())
"""

# What of a step says that only some of its parents were not read whole: of one that was not read at all, none of it.
UNREAD: Mapping[str, Any] = {"incompleteParents": [], "incompleteParentTypes": []}


@dataclass(slots=True)
class Opening:
    """That a run begins to write entities of a step, so that nobody takes them for whole before it has finished.

    It is said in the transaction of the first of them: each batch has it with it until one of them is committed.
    """

    row: Mapping[str, Any]
    seq: int
    said: bool = False


def say(transaction: Transaction, openings: Iterable[Opening]) -> None:
    """Says those that were not said by an earlier transaction."""
    new = [one for one in openings if not one.said]
    if new:
        transaction.note(_WRITE, rows=[one.row for one in new], seq=new[0].seq)
        transaction.after_commit.append(lambda: _remember(new))


def _remember(said: Iterable[Opening]) -> None:
    for one in said:
        one.said = True


class ScopeLog:
    """Writes `SyncScope` nodes for one run. Safe for threads.

    What is still kept when a run is killed is as if the run had been killed before those steps ended. A run that lost
    its lease writes nothing any more, and an older run never overwrites what a newer one said.
    """

    def __init__(self, writer: GraphWriter, seq: int, tenant: str | None) -> None:
        self._writer, self._seq, self._tenant = writer, seq, tenant
        self._kept: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        # One at a time, so that what is told of a step later is written later.
        self._writing = threading.Lock()

    def opening(self, state: ScopeState, *, known: bool) -> Opening:
        """What this run says when it begins to write entities of a step. known: an earlier run has made the step's
        node.
        """
        values: dict[str, Any] = {"step": state.step, "area": state.area, "writing": self._seq}
        if not known:
            values["status"] = str(Status.FAILED)
            values["reason"] = "The run ended before this step did; run azgraph sync again."
        return Opening({"id": state.id, "values": values, "complete": False}, self._seq)

    def close(
        self,
        state: ScopeState,
        outcome: Outcome,
        *,
        incomplete: Iterable[str],
        baseline: Iterable[str],
        older: Older = NOT_OLDER,
    ) -> None:
        """Keeps how a step ended, and what it leaves for the next run to know. older: what was not read again."""
        self.record(
            state.step,
            state.area,
            outcome,
            {
                "incompleteParents": sorted(incomplete),
                "baselineParents": sorted(baseline),
                "schemaVersion": state.schema,
                **older.stored,
            },
        )

    def record(self, step: str, area: str, outcome: Outcome, more: Mapping[str, Any]) -> None:
        """Keeps how a step ended that may have no writer of its own (a detail), with what the caller knows of it."""
        values = {
            "step": step,
            "area": area,
            "status": str(outcome.status),
            "reason": outcome.reason,
            "quiet": str(outcome.quiet) if outcome.quiet is not None else None,
            "seq": self._seq,
            "tenant": self._tenant,
            # Whoever says nothing of an older age has read everything: no older word of it may stay.
            **NOT_OLDER.stored,
            **more,
        }
        with self._lock:
            self._keep(f"{step}|{area}", values, complete=outcome.settled)
            many = len(self._kept) >= _AT_ONCE
        # Who finds another one writing goes on: what it kept is written with the next.
        if many and self._writing.acquire(blocking=False):
            try:
                self._write()
            finally:
                self._writing.release()

    def flush(self) -> None:
        """Writes what is kept."""
        with self._writing:
            self._write()

    def _keep(self, scope_id: str, values: Mapping[str, Any], *, complete: bool) -> None:
        row = self._kept.setdefault(scope_id, {"id": scope_id, "values": {}, "complete": False})
        row["values"].update(values)
        row["complete"] = row["complete"] or complete

    def _write(self) -> None:
        with self._lock:
            taken, self._kept = self._kept, {}
        if not taken:
            return
        try:
            self._writer.leased(lambda transaction: transaction.run(_WRITE, rows=list(taken.values()), seq=self._seq))
        except BaseException:
            with self._lock:
                newer, self._kept = self._kept, taken
                for scope_id, row in newer.items():
                    self._keep(scope_id, row["values"], complete=row["complete"])
            raise
