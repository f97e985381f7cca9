"""Relationships and stubs: created between nodes by key, with a stub where the far end is not loaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loader.graph.database import Transaction
from loader.graph.known import KeySet
from loader.graph.schema import MERGE_NODES, checked_labels, quoted
from loader.graph.secrets import SecretsGate
from loader.graph.values import node_key, stored_properties
from loader.guids import called
from loader.model import EntityType, Target

_EDGES_AT_ONCE = 5_000
_MASK = 2**64 - 1


_CREATE = """
UNWIND $groups AS group UNWIND group.rows AS row
MATCH (a:Entity {{_key: row[0]}}) MATCH (b:Entity {{_key: row[1]}})
CREATE (a)-[r:$(group.verb) {{_owner: group.owner}}]->(b)
RETURN count(*) AS matched
"""
_CREATE_WITH_PROPERTIES = """
UNWIND $groups AS group UNWIND group.rows AS row
MATCH (a:Entity {{_key: row[0]}}) MATCH (b:Entity {{_key: row[1]}})
CREATE (a)-[r:$(group.verb) {{_owner: group.owner}}]->(b) SET r += row[2]
RETURN count(*) AS matched
"""
# For a second try: the first one may have been committed although its answer was lost.
_CREATE_MISSING = """
UNWIND $groups AS group UNWIND group.rows AS row
MATCH (a:Entity {{_key: row[0]}}) MATCH (b:Entity {{_key: row[1]}})
FOREACH (_ IN CASE WHEN EXISTS {{
  (a)-[x:{verb}]->(b) WHERE x._owner = group.owner AND coalesce(x._key, '') = coalesce(row[2]._key, '')
}} THEN [] ELSE [1] END | CREATE (a)-[r:{verb} {{_owner: group.owner}}]->(b) SET r += row[2])
RETURN count(*) AS matched
"""
_LEARN_TYPE = """
UNWIND $rows AS row MATCH (n:Entity {_key: row._key}) WHERE n._stub AND n._type IS NULL
SET n:$($labels), n = row
"""


# Relationships of one verb, declared by one of their ends, as rows of a statement.
_Group = dict[str, Any]


class EndsMissingError(Exception):
    """A node that a relationship was to end at is not there; the batch is done again without trusting memory."""


@dataclass(slots=True)
class Registry:
    """What is known of entity types: their labels, and which type an ARM id is of where no declaration tells it."""

    entity_types: Mapping[str, EntityType] = field(default_factory=dict)
    resolve: Callable[[str], str | None] = lambda _key: None

    def labels(self, name: str) -> tuple[str, ...]:
        """The labels of an entity type, `Entity` first."""
        declared = self.entity_types.get(name)
        return declared.labels if declared is not None else ("Entity", name)

    def classes(self, name: str) -> list[str]:
        """The classes of an entity type."""
        return list(self.labels(name)[2:])

    def called(self, entity_type: str, name: str) -> str:
        """What people call an entity that only others speak of: its name, or its type and its GUID's beginning."""
        declared = self.entity_types.get(entity_type)
        return called(declared.resource if declared is not None else "Unknown", name)


class Edge(NamedTuple):
    """One relationship to be created. owner: the end whose record declared it, "from" or "to"."""

    start: str
    verb: str
    end: str
    owner: str
    properties: Mapping[str, Any]


class LinkWriter:
    """Creates relationships, and stubs for far ends, remembering which nodes are there."""

    def __init__(self, registry: Registry, gate: SecretsGate) -> None:
        self._registry, self._gate = registry, gate
        self.written = KeySet()
        self.ends = KeySet()

    def create(self, transaction: Transaction, edges: Iterable[Edge], *, check: bool = False) -> None:
        """Creates relationships that are not there; with `check`, those of them that are not there.

        Raises EndsMissingError where a node is missing.
        """
        kinds: dict[tuple[str, str, str], list[list[Any]]] = defaultdict(list)
        for start, verb, end, owner, properties in edges:
            if check:
                kinds[_CREATE_MISSING, verb, owner].append([start, end, properties])
            elif properties:
                kinds[_CREATE_WITH_PROPERTIES, verb, owner].append([start, end, properties])
            else:
                kinds[_CREATE, verb, owner].append([start, end])
        # Those of many kinds go in one statement, where its text does not name theirs.
        by_text: dict[str, list[_Group]] = defaultdict(list)
        for (query, verb, owner), rows in kinds.items():
            text = query.format(verb=quoted(verb))
            for at in range(0, len(rows), _EDGES_AT_ONCE):
                by_text[text].append({"verb": verb, "owner": owner, "rows": rows[at : at + _EDGES_AT_ONCE]})
        for text, groups in by_text.items():
            for part in _pieces(groups):
                told = transaction.run(text, groups=part)
                if told[0]["matched"] != _count(part):
                    raise EndsMissingError

    def is_there(self, target: Target) -> bool:
        """Whether a far end is certain to have its node, so that no stub is needed."""
        key = node_key(target.key)
        return memory_digest(key) in self.written or memory_digest(f"{key}|{self.kind(target)}") in self.ends

    def kind(self, target: Target) -> str:
        """The entity type of a far end; "" where nobody can tell."""
        return target.type or self._registry.resolve(node_key(target.key)) or ""

    def ensure(self, transaction: Transaction, targets: Iterable[Target]) -> tuple[list[int], bool]:
        """Makes a stub for each target that has no node; gives digests to pass to `remember` after the commit, and
        whether a stub that was there learnt its type.
        """
        by_type: dict[str, dict[str, Target]] = defaultdict(dict)
        digests, relabelled = [], False
        for target in targets:
            if self.is_there(target):
                continue
            key, kind = node_key(target.key), self.kind(target)
            if by_type[kind].setdefault(key, target) is target:
                digests.append(memory_digest(f"{key}|{kind}"))
        for kind, found in sorted(by_type.items()):
            # In key order, so that two sessions that need the same stubs wait for each other instead of deadlocking.
            stubs = [self._stub(kind, key, found[key]) for key in sorted(found)]
            relabelled |= self._merge_stubs(transaction, kind, stubs)
        return digests, relabelled

    def remember(self, *, ends: Iterable[int], written: Iterable[int]) -> None:
        """Takes note of nodes that are in the graph for certain: far ends of a known type, and records."""
        for digest in ends:
            self.ends.add(digest)
        for digest in written:
            self.written.add(digest)

    def forget(self) -> None:
        """Forgets which far ends are there, after one of them turned out to be gone."""
        self.ends = KeySet()
        self.written = KeySet()

    def _stub(self, kind: str, key: str, target: Target) -> dict[str, Any]:
        properties = self._gate.pass_through(kind or "stub", stored_properties(target.properties))
        properties.setdefault("id", key)
        name = str(properties["id"]).rstrip("/").rsplit("/", 1)[-1]
        properties.setdefault("name", name)
        properties.setdefault("displayName", self._registry.called(kind, str(properties["name"])))
        properties |= {"_key": key, "_stub": True}
        if kind:
            properties |= {"_type": kind, "_class": self._registry.classes(kind)}
        return properties

    def _merge_stubs(self, transaction: Transaction, kind: str, rows: list[dict[str, Any]]) -> bool:
        labels = checked_labels(self._registry.labels(kind) if kind else ("Entity",))
        made = transaction.apply(MERGE_NODES, {"groups": [{"labels": labels, "rows": rows}]})[1].nodes_created
        if not kind or made == len(rows):
            return False
        # A stub that somebody else pointed at without knowing its type learns it now.
        return transaction.apply(_LEARN_TYPE, {"rows": rows, "labels": labels})[1].labels_added > 0


def memory_digest(key: Hashable) -> int:
    """64 bits that stand for a key, or for what a link is known by, in this process's memory only."""
    return hash(key) & _MASK


def _count(groups: list[_Group]) -> int:
    return sum(len(group["rows"]) for group in groups)


def _pieces(groups: list[_Group]) -> Iterator[list[_Group]]:
    """The groups in their order, as many at a time as one statement takes."""
    piece: list[_Group] = []
    for group in groups:
        if piece and _count([*piece, group]) > _EDGES_AT_ONCE:
            yield piece
            piece = []
        piece.append(group)
    if piece:
        yield piece
