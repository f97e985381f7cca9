"""From records to rows: the node's properties, and the relationships its links stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loader.graph.diff import EdgeIdentity, StoredNode, edge_identity, never_known
from loader.graph.hashing import Hasher
from loader.graph.links import Edge, Registry
from loader.graph.naming import NAMED
from loader.graph.secrets import SecretsGate
from loader.graph.values import node_key, stored_properties
from loader.model import Link, Record, Target

# Shared by the many relationships that have none.
_NO_PROPERTIES: dict[str, Any] = {}


@dataclass(slots=True)
class Pending:
    """A record on its way to the graph. scope: its `_scope`; silent: its differences are no changes (a baseline).

    repair: the run that wrote the node was killed before its links; that they come now is no change.
    """

    record: Record
    key: str
    scope: str
    digest: int
    silent: bool
    repair: bool = False


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Makes rows for one run, through the secrets gate."""

    hasher: Hasher
    registry: Registry
    gate: SecretsGate
    seq: int

    def new_nodes(self, batch: Sequence[Pending]) -> dict[str, dict[str, Any]]:
        """All properties of the nodes of records that are not stored, by key."""
        passed = self.gate.pass_all([(one.record.type, stored_properties(one.record.properties)) for one in batch])
        return {one.key: self._row(one, one.record, None, row) for one, row in zip(batch, passed, strict=True)}

    def nodes(self, compared: Sequence[tuple[Pending, Record, StoredNode]]) -> list[dict[str, Any]]:
        """All properties of nodes that are stored, with what their records say now, to replace the old ones by."""
        passed = self.gate.pass_all([(one.type, stored_properties(one.properties)) for _, one, _ in compared])
        return [self._row(*one, row) for one, row in zip(compared, passed, strict=True)]

    def _row(self, pending: Pending, record: Record, stored: StoredNode | None, row: dict[str, Any]) -> dict[str, Any]:
        first_seen = stored.properties.get("_firstSeenRun") if stored is not None else None
        row |= {
            "_key": pending.key,
            "_type": record.type,
            "_class": self.registry.classes(record.type),
            "_scope": pending.scope,
            "_hash": self.hasher.stored(pending.digest),
            "_firstSeenRun": first_seen if first_seen is not None else self.seq,
            "_changedRun": self.seq,
        }
        if unread := never_known(record, stored):
            row["_unknown"] = unread
        if stored is not None and not stored.is_stub and NAMED in stored.properties:
            # A name that was found after a load stays until it is found anew; that its answer lacks it is no change.
            row |= {NAMED: stored.properties[NAMED], "displayName": stored.properties["displayName"]}
        return row

    def edges(self, pending: Pending, record: Record) -> list[tuple[Edge, Target]]:
        """The relationships of a record with their far ends, each of them once."""
        found: dict[EdgeIdentity, tuple[Edge, Target]] = {}
        for link in record.links:
            edge = self._edge(pending.key, link)
            found.setdefault(edge_identity(edge), (edge, link.target))
        return list(found.values())

    def _edge(self, key: str, link: Link) -> Edge:
        far = node_key(link.target.key)
        properties: dict[str, Any] = _NO_PROPERTIES
        if link.properties:
            properties = self.gate.pass_through(link.verb, stored_properties(link.properties))
        if link.key:
            properties = {**properties, "_key": node_key(link.key)}
        if link.incoming:
            return Edge(far, link.verb, key, "to", properties)
        return Edge(key, link.verb, far, "from", properties)
