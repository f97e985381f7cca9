"""Writing records that the graph does not have in their scope: nodes, relationships and changes in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from neo4j.exceptions import ConstraintError

from loader.graph.changes import Recorder
from loader.graph.columns import LEAST_ROWS, Columns
from loader.graph.database import Transaction
from loader.graph.deferred import DeferredLinks
from loader.graph.links import Edge, memory_digest
from loader.graph.rows import Pending, RowMaker
from loader.graph.schema import MERGE_NODES, checked_labels, replace_nodes
from loader.graph.scope_log import Opening, say
from loader.graph.values import node_key
from loader.graph.writer import GraphWriter
from loader.model import Target

_OCCUPIED = """
UNWIND $rows AS row MATCH (n:Entity {_key: row[0]})
WHERE n._hash IS NULL OR n._hash <> row[1] OR n._scope <> row[2]
RETURN row[0] AS key, coalesce(n._stub, false) AS stub, labels(n) AS labels
"""
_DONE = """
UNWIND $rows AS row MATCH (n:Entity {_key: row[0]}) WHERE n._hash = row[1] AND n._scope = row[2] RETURN row[0] AS key
"""
# Says that nodes of this run may lack relationships, until the deferred ones are written.
_ANNOUNCE = "MATCH (r:SyncRun {id: $run}) WHERE r.linksPending IS NULL SET r.linksPending = true"


# So often another process may have written some of the same records in between.
_TRIES = 3


class _WrittenMeanwhileError(Exception):
    """Another process has written some of the records, which would get their links twice."""


class Creator:
    """Writes new records of one run. Safe for threads, each key from one of them at a time."""

    def __init__(self, writer: GraphWriter, rows: RowMaker, recorder: Recorder) -> None:
        self._writer, self._rows, self._recorder = writer, rows, recorder
        self.deferred = DeferredLinks()
        self._columns: dict[str, Columns] = {}
        self._taken: set[str] = set()
        self._announced = False

    def create(self, batch: list[Pending], openings: Collection[Opening]) -> tuple[list[Pending], list[Pending]]:
        """Writes records, each key once; gives those whose nodes stand in another scope, and those whose links must be
        looked at.

        The latter are there because an earlier try had been committed although its answer was lost. openings: as
        `Batches`.
        """
        rows = self._rows.new_nodes(batch)
        attempts = 0

        def work(transaction: Transaction) -> tuple[list[Pending], list[Pending]]:
            nonlocal attempts
            attempts += 1
            say(transaction, openings)
            done = self._done(transaction, batch) if attempts > 1 else set()
            todo = [one for one in batch if one.key not in done]
            moved = self._create_nodes(transaction, todo, rows)
            mine = [one for one in todo if one.key not in moved]
            self._create_links(transaction, mine)
            self._recorder.write(transaction, [self._change(one, rows[one.key]) for one in mine if not one.silent])
            written = [memory_digest(one.key) for one in mine]
            transaction.after_commit.append(lambda: self._writer.remember(written=written))
            return (
                [one for one in todo if one.key in moved],
                [replace(one, repair=True) for one in batch if one.key in done],
            )

        types = {pending.record.type for pending in batch}
        for _ in range(_TRIES):
            try:
                return self._writer.write(work, *types)
            except (ConstraintError, _WrittenMeanwhileError):
                # Stubs or nodes of another scope have some of the keys; from now on they are looked for.
                self._taken |= types
        return self._writer.write(work, *types)

    def write_deferred(self, links: list[tuple[Edge, Target]]) -> None:
        """Creates links that had to wait, with stubs for the far ends that have not come."""
        attempts = 0

        def work(transaction: Transaction) -> None:
            nonlocal attempts
            attempts += 1
            self._writer.ensure(transaction, (target for _, target in links))
            self._writer.links.create(transaction, (edge for edge, _ in links), check=attempts > 1)

        self._writer.write(work)

    def _create_nodes(
        self, transaction: Transaction, batch: list[Pending], rows: dict[str, dict[str, Any]]
    ) -> set[str]:
        """Creates the nodes and takes over stubs; gives the keys whose nodes belong to another scope."""
        by_type: dict[str, list[Pending]] = defaultdict(list)
        for pending in batch:
            by_type[pending.record.type].append(pending)
        merged: list[list[Pending]] = []
        for name, group in by_type.items():
            if len(group) < LEAST_ROWS or name in self._taken:
                merged.append(group)
                continue
            # Nothing is looked for: the constraint on keys refuses the batch where one of them is taken.
            nodes = [rows[one.key] for one in group]
            query, values = self._columns_of(name, self._rows.registry.labels(name), nodes).statement(nodes)
            transaction.run(query, rows=values)
        return self._merge_nodes(transaction, merged, rows) if merged else set()

    def _merge_nodes(
        self, transaction: Transaction, by_type: list[list[Pending]], rows: dict[str, dict[str, Any]]
    ) -> set[str]:
        """The same for nodes whose keys may be taken, in groups of one type."""
        batch = [pending for group in by_type for pending in group]
        labels = {one.key: self._rows.registry.labels(one.record.type) for one in batch}
        groups = [
            {"labels": checked_labels(labels[group[0].key]), "rows": [rows[one.key] for one in group]}
            for group in by_type
        ]
        made = transaction.apply(MERGE_NODES, {"groups": groups})[1].nodes_created
        if made == len(batch):
            return set()
        states = [[one.key, rows[one.key]["_hash"], one.scope] for one in batch]
        occupied = transaction.run(_OCCUPIED, rows=states)
        if made + len(occupied) < len(batch):
            raise _WrittenMeanwhileError
        moved: set[str] = set()
        stubs: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
        for found in occupied:
            if found["stub"]:
                own = labels[found["key"]]
                self._writer.touched.relabelled |= set(found["labels"]) != set(own)
                stubs[own, tuple(sorted(set(found["labels"]) - set(own)))].append(rows[found["key"]])
            else:
                moved.add(found["key"])
        for (own, remove), group_rows in stubs.items():
            replace_nodes(transaction, own, remove, group_rows)
        return moved

    def _columns_of(self, name: str, labels: tuple[str, ...], nodes: list[dict[str, Any]]) -> Columns:
        # One statement for a type in a run: Neo4j compiles each of them.
        if name not in self._columns:
            self._columns[name] = Columns(labels, nodes)
        return self._columns[name]

    def _create_links(self, transaction: Transaction, batch: list[Pending]) -> None:
        """Creates the links whose far ends are there; the others wait until the end of the run."""
        own = {pending.key for pending in batch}
        now: list[Edge] = []
        later: list[tuple[Edge, Target]] = []
        for pending in batch:
            for edge, target in self._rows.edges(pending, pending.record):
                if node_key(target.key) in own or self._writer.links.is_there(target):
                    now.append(edge)
                else:
                    later.append((edge, target))
        if later:
            if not self._announced:
                transaction.note(_ANNOUNCE, run=self._recorder.run_id)
            transaction.after_commit.append(lambda: self._defer(later))
        self._writer.links.create(transaction, now)

    def _defer(self, links: list[tuple[Edge, Target]]) -> None:
        self._announced = True
        self.deferred.add(links)

    def _done(self, transaction: Transaction, batch: list[Pending]) -> set[str]:
        states = [[one.key, self._rows.hasher.stored(one.digest), one.scope] for one in batch]
        return {row["key"] for row in transaction.run(_DONE, rows=states)}

    def _change(self, pending: Pending, row: dict[str, Any]) -> dict[str, Any]:
        return self._recorder.change(
            "created",
            key=pending.key,
            entity_type=pending.record.type,
            scope=pending.scope,
            name=row.get("displayName"),
        )
