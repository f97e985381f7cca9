"""What the graph remembers of runs: `SyncRun` for each run, `SyncScope` for each step in each area."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from loader.graph.database import Database, Transaction
from loader.graph.fence import drop_parts
from loader.graph.writer import GraphWriter

T = TypeVar("T")

_OPEN = """
MATCH (r:SyncRun {status: 'running'}) WHERE r.id <> $id
SET r.status = 'failed', r.finishedAt = datetime(), r.reason = $reason
"""
_KILLED = "The run was ended from outside before it finished."
# Nodes of that label may be somebody else's.
_NEXT_SEQ = (
    "OPTIONAL MATCH (last:SyncRun) WHERE last.seq IS :: INTEGER NOT NULL RETURN coalesce(max(last.seq), 0) + 1 AS seq"
)
_NEW_RUN = """
MERGE (r:SyncRun {id: $id})
ON CREATE SET r.seq = $seq, r.startedAt = datetime(), r.status = 'running', r.loaderVersion = $loader,
              r.schemaVersion = $schema, r.rebaseline = $rebaseline, r.derived = false, r.tenant = $tenant,
              r.instance = $instance, r.answersAt = $answers, r.answersFrom = $begun
RETURN r.seq AS seq
"""
_END_RUN = """
MATCH (r:SyncRun {id: $id})
SET r.status = $status, r.finishedAt = datetime(), r.counts = $counts, r.notes = $notes, r.report = $report,
    r.reason = $reason
"""
_LINKS_WRITTEN = "MATCH (r:SyncRun {id: $id}) REMOVE r.linksPending"
_REPAIRED = """
MATCH (r:SyncRun {seq: $seq}) WHERE NOT EXISTS { MATCH (n:Entity) WHERE n._changedRun = $seq } REMOVE r.linksPending
"""
_LAST_SCHEMA = """
MATCH (r:SyncRun) WHERE r.tenant = $tenant AND r.status IN ['complete', 'partial']
RETURN r.schemaVersion AS schema ORDER BY r.seq DESC LIMIT 1
"""
_SCOPES = """
MATCH (s:SyncScope) WHERE s.id IS NOT NULL AND s.step IS NOT NULL AND s.area IS NOT NULL
RETURN s.id AS id, s.step AS step, s.area AS area, s.seq AS seq, s.baselineParents AS baseline,
                           s.schemaVersion AS schema, s.tenant AS tenant,
                           s.status AS status, s.lastCompleteSeq AS complete, s.olderAt AS older,
                           s.incompleteParents AS incomplete,
                           EXISTS { MATCH (n:Entity) WHERE n._scope STARTS WITH s.id + '|' } AS stored
"""


@dataclass(slots=True)
class ScopeState:
    """What is remembered of one step in one area.

    evaluated: some run has finished it. baseline: its scopes that were listed but never read whole, so that what is
    found there first is no change. schema: the schema version under which it was last finished. stored: the graph has
    entities of it. tenant: the one that was last asked for it. read: the run that last evaluated it, and as far as it
    was whole then; whole: the last that found all of it; incomplete: the parents whose lists the former did not read
    whole; older_at: when the oldest was read of what the former did not read again.
    """

    step: str
    area: str
    evaluated: bool = False
    baseline: frozenset[str] = frozenset()
    schema: str = ""
    stored: bool = False
    tenant: str | None = None
    read: int | None = None
    whole: int | None = None
    incomplete: frozenset[str] = frozenset()
    older_at: datetime | None = None

    @property
    def id(self) -> str:
        """The id of its `SyncScope`."""
        return f"{self.step}|{self.area}"


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run says of itself when it begins. tenant: whose directory it reads; instance: the configured one that it
    loads; answers_at, answers_from: when Azure gave the last and the first of the answers that it reads.
    """

    loader_version: str
    schema_version: str
    tenant: str | None
    instance: str | None
    answers_at: datetime | None
    answers_from: datetime | None


def written_by_another(database: Database, schema_version: str, tenant: str | None) -> bool:
    """Whether the last run of the tenant that wrote anything mapped Azure's answers in another way."""
    rows = database.read(_LAST_SCHEMA, {"tenant": tenant})
    return any(row["schema"] not in (None, schema_version) for row in rows)


def start_run(database: Database, made: Begun) -> tuple[str, int, bool]:
    """Marks killed runs as failed and makes a new one; gives its id, its number, and whether it rebaselines."""
    schemas = database.read(
        "MATCH (s:SyncScope) WHERE s.schemaVersion IS NOT NULL RETURN DISTINCT s.schemaVersion AS schema"
    )
    rebaseline = any(row["schema"] != made.schema_version for row in schemas)
    run_id = str(uuid.uuid4())

    def work(transaction: Transaction) -> int:
        end_dead_runs(transaction, run_id)
        rows = transaction.run(
            _NEW_RUN,
            id=run_id,
            seq=next_seq(transaction),
            loader=made.loader_version,
            schema=made.schema_version,
            rebaseline=rebaseline,
            tenant=made.tenant,
            instance=made.instance or None,
            answers=made.answers_at,
            begun=made.answers_from,
        )
        return int(rows[0]["seq"])

    seq, _ = database.write(work)
    return run_id, seq, rebaseline


def end_dead_runs(transaction: Transaction, run_id: str) -> None:
    """For who holds the lease: whatever run is not at its end, but that one, was killed."""
    transaction.run(_OPEN, id=run_id, reason=_KILLED)
    drop_parts(transaction)


def next_seq(transaction: Transaction) -> int:
    """The number of the next run, for who holds the lease."""
    return int(transaction.run(_NEXT_SEQ)[0]["seq"])


def broken_runs(database: Database, *, before: int) -> frozenset[int]:
    """The numbers of earlier runs that were killed while some of their nodes still lacked relationships."""
    rows = database.read(
        "MATCH (r:SyncRun) WHERE r.linksPending AND r.seq < $before RETURN r.seq AS seq", {"before": before}
    )
    return frozenset(row["seq"] for row in rows)


def newest_answers(database: Database, tenant: str | None) -> datetime | None:
    """When the newest answers that the graph holds of a tenant were given; None where nobody knows."""
    rows = database.read("MATCH (r:SyncRun {tenant: $tenant}) RETURN max(r.answersAt) AS at", {"tenant": tenant or ""})
    return rows[0]["at"] if rows else None


def links_written(writer: GraphWriter, run_id: str, broken: frozenset[int]) -> None:
    """Says that all relationships of a run are written, and of those broken runs whose nodes have all been repaired."""

    def work(transaction: Transaction) -> None:
        transaction.run(_LINKS_WRITTEN, id=run_id)
        for seq in broken:
            transaction.run(_REPAIRED, seq=seq)

    writer.leased(work)


def end_run(
    writer: GraphWriter,
    run_id: str,
    *,
    status: str,
    counts: str,
    notes: list[str],
    report: str | None,
    reason: str | None = None,
) -> None:
    """Closes a run. report: what it tells of its steps and calls, as JSON; reason: why it came to no end of its own."""
    told = {"status": status, "counts": counts, "notes": notes, "report": report, "reason": reason}

    def work(transaction: Transaction) -> None:
        drop_parts(transaction)
        transaction.run(_END_RUN, id=run_id, **told)

    writer.leased(work)


def read_scopes(database: Database) -> dict[str, ScopeState]:
    """All that is remembered of steps, by id."""
    # There are two hundred for each subscription: what is said in each of them is kept once. An empty set would take
    # more than all the rest.
    once: dict[Any, Any] = {}

    def same(said: T) -> T:
        kept: T = once.setdefault(said, said)
        return kept

    return {
        row["id"]: ScopeState(
            same(row["step"]),
            same(row["area"]),
            row["seq"] is not None,
            same(frozenset(row["baseline"] or ())),
            same(row["schema"] or ""),
            row["stored"],
            same(row["tenant"]) if row["tenant"] is not None else None,
            row["seq"] if row["status"] == "complete" or row["incomplete"] else row["complete"],
            row["complete"],
            same(frozenset(row["incomplete"] or ())),
            row["older"],
        )
        for row in database.stream(_SCOPES)
    }
