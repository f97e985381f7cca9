"""What is different between a stored node and its record: properties, labels, relationships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from loader.graph.database import Transaction
from loader.graph.links import Edge
from loader.graph.native import native
from loader.graph.values import property_name
from loader.model import Link, Record, Target

_READ = """
UNWIND $keys AS key MATCH (n:Entity {_key: key})
RETURN key, properties(n) AS properties, labels(n) AS labels,
  [(n)-[r]->(m:Entity) WHERE r._owner = 'from' | [type(r), m._key, elementId(r), properties(r)]] AS out,
  [(n)<-[r]-(m:Entity) WHERE r._owner = 'to' | [type(r), m._key, elementId(r), properties(r)]] AS into
"""

EdgeIdentity = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class StoredEdge:
    """A relationship of the graph that belongs to one record."""

    edge: Edge
    element_id: str


@dataclass(slots=True)
class StoredNode:
    """A node as the graph has it, with the relationships that its own record declared."""

    properties: dict[str, Any]
    labels: frozenset[str]
    edges: dict[EdgeIdentity, StoredEdge] = field(default_factory=dict)

    @property
    def is_stub(self) -> bool:
        """Whether only others speak of it."""
        return bool(self.properties.get("_stub"))


def edge_identity(edge: Edge) -> EdgeIdentity:
    """What makes two relationships the same one."""
    start, verb, end, owner, properties = edge
    return (start, verb, end, owner, str(properties.get("_key", "")) if properties else "")


def read_stored(transaction: Transaction, keys: list[str]) -> dict[str, StoredNode]:
    """The nodes of these keys, those that exist."""
    found = {}
    for row in transaction.run(_READ, keys=keys):
        node = StoredNode(native(row["properties"]), frozenset(row["labels"]))
        for owner, rows in (("from", row["out"]), ("to", row["into"])):
            for verb, far, element_id, properties in rows:
                kept = {name: native(value) for name, value in properties.items() if name != "_owner"}
                start, end = (row["key"], far) if owner == "from" else (far, row["key"])
                edge = Edge(start, verb, end, owner, kept)
                node.edges[edge_identity(edge)] = StoredEdge(edge, element_id)
        found[row["key"]] = node
    return found


def with_unknown(record: Record, stored: StoredNode) -> Record:
    """The record with what the graph already has of the things that could not be read in this run."""
    if record.only_named:
        return _as_stored(record, stored)
    if not record.unknown and not record.unknown_verbs:
        return record
    kept = {
        name: stored.properties[property_name(name)]
        for name in record.unknown
        if property_name(name) in stored.properties and name not in record.properties
    }
    links = list(record.links)
    there = {(link.verb, link.incoming, link.target.key, link.key) for link in links}
    for found in stored.edges.values():
        link = _link(found.edge)
        if link.verb in record.unknown_verbs and (link.verb, link.incoming, link.target.key, link.key) not in there:
            links.append(link)
    return Record(
        record.key, record.type, {**record.properties, **kept}, tuple(links), record.unknown, record.unknown_verbs
    )


def _as_stored(record: Record, stored: StoredNode) -> Record:
    """Of what was only named, all that is stored; of a stub, what it was called."""
    told = stored.properties.items()
    if stored.is_stub:
        names = {name: value for name, value in told if name in ("name", "displayName")}
        return replace(record, properties={**record.properties, **names})
    kept = {name: value for name, value in told if not name.startswith("_")}
    links = tuple(_link(one.edge) for one in stored.edges.values())
    return replace(record, properties={**record.properties, **kept}, links=links)


def never_known(record: Record, stored: StoredNode | None) -> list[str]:
    """The properties (and "VERB ->" for links) that no run could read yet: what comes first is no change."""
    if not record.unknown and not record.unknown_verbs:
        return []
    missing = {property_name(name) for name in record.unknown} | {f"{verb} ->" for verb in record.unknown_verbs}
    if stored is None or stored.is_stub:
        return sorted(missing)
    return sorted(missing & set(stored.properties.get("_unknown") or ()))


def _link(edge: Edge) -> Link:
    incoming = edge.owner == "to"
    properties: Mapping[str, Any] = {name: value for name, value in edge.properties.items() if name != "_key"}
    target = Target(edge.start if incoming else edge.end)
    return Link(edge.verb, target, incoming, str(edge.properties.get("_key", "")), properties)
