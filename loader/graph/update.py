"""Writing what differs between records and the nodes that the graph already has of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loader.graph.changes import Recorder
from loader.graph.database import Transaction
from loader.graph.diff import StoredNode, edge_identity, read_stored, with_unknown
from loader.graph.hashing import canonical
from loader.graph.links import Edge
from loader.graph.noise import Noise, property_changes
from loader.graph.rows import Pending, RowMaker
from loader.graph.schema import alter_nodes
from loader.graph.scope_log import Opening, say
from loader.graph.writer import GraphWriter, refuse_overfull
from loader.model import Record, Target

_UNLINK = "UNWIND $ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r"
_PLAIN = (str, int, float, bool)
_Labels = tuple[str, ...]


@dataclass(slots=True)
class _Differences:
    """What one transaction has to write.

    nodes: keys with what differs, by the labels to set and the labels to remove. losses: the properties that go, by
    key.
    """

    nodes: dict[tuple[_Labels, _Labels], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    create: list[tuple[Edge, Target]] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    losses: dict[str, set[str]] = field(default_factory=dict)


class Updater:
    """Writes changed records of one run. Safe for threads, each key from one of them at a time."""

    def __init__(self, writer: GraphWriter, rows: RowMaker, recorder: Recorder) -> None:
        self._writer, self._rows, self._recorder = writer, rows, recorder
        self._noise = Noise(rows.registry.entity_types)

    def update(self, batch: list[Pending], openings: Collection[Opening] = ()) -> list[Pending]:
        """Writes the differences; gives the records that have no node, as after one was deleted by hand.

        openings: as `Batches`.
        """

        def work(transaction: Transaction) -> list[Pending]:
            say(transaction, openings)
            stored = read_stored(transaction, [pending.key for pending in batch])
            found = _Differences()
            there = [(one, stored[one.key]) for one in batch if one.key in stored and not stored[one.key].is_stub]
            compared = [(pending, self._known(pending, node), node) for pending, node in there]
            for one, row in zip(compared, self._rows.nodes(compared), strict=True):
                self._compare(found, *one, row)
            refuse_overfull(found.losses)
            for (add, remove), rows in found.nodes.items():
                alter_nodes(transaction, add, remove, rows)
            if found.delete:
                transaction.run(_UNLINK, ids=found.delete)
            self._writer.ensure(transaction, (target for _, target in found.create))
            self._writer.links.create(transaction, (edge for edge, _ in found.create))
            self._recorder.write(transaction, found.changes)
            return [one for one in batch if one.key not in stored or stored[one.key].is_stub]

        return self._writer.write(work, *{pending.record.type for pending in batch})

    def _known(self, pending: Pending, stored: StoredNode) -> Record:
        """A record with what the graph has of it where this run could not read it."""
        record = with_unknown(pending.record, stored)
        if record is not pending.record:
            pending.digest = self._rows.hasher.digest(canonical(record))
        return record

    def _compare(
        self, found: _Differences, pending: Pending, record: Record, stored: StoredNode, row: dict[str, Any]
    ) -> None:
        """Adds what must be written to bring one stored node to its row, and its relationships to its record's."""
        wanted = {edge_identity(edge): (edge, target) for edge, target in self._rows.edges(pending, record)}
        gone = [one for identity, one in stored.edges.items() if identity not in wanted]
        new = [one for identity, one in wanted.items() if identity not in stored.edges]
        altered = [
            (stored.edges[identity].element_id, one)
            for identity, one in wanted.items()
            if identity in stored.edges and stored.edges[identity].edge.properties != one[0].properties
        ]
        labels = set(self._rows.registry.labels(record.type))
        same_node = _same(row, stored.properties) and labels == stored.labels
        if same_node and not pending.repair and not (gone or new or altered):
            return
        self._writer.touched.relabelled |= labels != stored.labels
        # Labels that are there are not named: one statement then serves all types, and is compiled once.
        found.nodes[tuple(sorted(labels - stored.labels)), tuple(sorted(stored.labels - labels))].append(
            {"key": pending.key, "differs": _difference(stored.properties, row)}
        )
        found.losses[pending.key] = stored.properties.keys() - row.keys()
        found.delete += [one.element_id for one in gone] + [element_id for element_id, _ in altered]
        found.create += new + [one for _, one in altered]
        known_before = bool(self._rows.hasher.parse(stored.properties.get("_hash", "")))
        if not pending.silent and known_before:
            linked = [] if pending.repair else [edge for edge, _ in new]
            found.changes += self._changes(pending, stored, row, gone=[one.edge for one in gone], linked=linked)

    def _changes(
        self, pending: Pending, stored: StoredNode, row: dict[str, Any], *, gone: list[Edge], linked: list[Edge]
    ) -> Iterable[dict[str, Any]]:
        about: dict[str, Any] = {
            "key": pending.key,
            "entity_type": pending.record.type,
            "scope": pending.scope,
            "name": row.get("displayName"),
        }
        never = set(stored.properties.get("_unknown") or ())
        for name in property_changes(stored.properties, row, silent=never | self._noise.of(pending.record.type)):
            yield self._recorder.change(
                "updated", **about, path=name, before=stored.properties.get(name), after=row.get(name)
            )
        for op, edges in (("unlinked", gone), ("linked", linked)):
            for edge in edges:
                if f"{edge.verb} ->" not in never:
                    yield self._recorder.change(op, **about, path=_told(edge))


def _same(row: dict[str, Any], stored: dict[str, Any]) -> bool:
    return {**row, "_changedRun": 0} == {**stored, "_changedRun": 0}


def _difference(stored: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """What is to be set, and as None what is to be taken off."""
    differs: dict[str, Any] = dict.fromkeys(stored.keys() - row.keys())
    differs |= {name: value for name, value in row.items() if not _is_stored(value, stored.get(name))}
    return differs


def _is_stored(value: Any, before: Any) -> bool:
    """Python holds 1, 1.0 and True for equal, in lists too, and two times of different zones."""
    kind = type(value)
    if kind is not type(before) or value != before:
        return False
    return kind in _PLAIN or (kind is datetime and value.utcoffset() == before.utcoffset())


def _told(edge: Edge) -> str:
    """A relationship as a change's path: its verb, its direction, its far end, and its own key."""
    far = f"-> {edge.end}" if edge.owner == "from" else f"<- {edge.start}"
    key = edge.properties.get("_key")
    return f"{edge.verb} {far}" + (f" [{key}]" if key else "")
