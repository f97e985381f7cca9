"""What a run came to, and what the graph holds after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from loader.graph.database import Counters, Database
from loader.graph.links import Registry
from loader.model import ANY_RESOURCE, ANY_TYPES, OPERATIONS

_ENTITIES = """
MATCH (n:Entity) WHERE n._stub IS NULL AND n._type IS NOT NULL
RETURN n._type AS type, count(*) AS count ORDER BY type
"""
_RELATIONSHIPS = """
MATCH (a:Entity)-[r]->(b:Entity)
RETURN a._type AS start, type(r) AS verb, b._type AS end, count(*) AS count ORDER BY start, verb, end
"""
_CHANGES = "MATCH (c:Change {runSeq: $seq}) RETURN c.op AS op, count(*) AS count"


@dataclass
class RunSummary:
    """The result of a run. status: complete, partial or failed. counters: what the run touched of entities.

    The counts are read from the graph when they are asked for first.
    """

    database: Database
    registry: Registry
    id: str
    seq: int
    status: str
    rebaseline: bool
    notes: list[str]
    counters: Counters

    @cached_property
    def entities(self) -> Mapping[str, int]:
        """How many entities of each type the graph holds; stubs are none."""
        return {row["type"]: row["count"] for row in self.database.read(_ENTITIES)}

    @cached_property
    def relationships(self) -> Mapping[str, int]:
        """How many relationships there are of each "from|VERB|to"; a stub of unknown type is the model's ANY_…."""
        counts: Counter[str] = Counter()
        for row in self.database.read(_RELATIONSHIPS):
            start = row["start"] or self._any(row["end"], row["verb"], incoming=True)
            end = row["end"] or self._any(row["start"], row["verb"], incoming=False)
            counts[f"{start}|{row['verb']}|{end}"] += row["count"]
        return dict(counts)

    @cached_property
    def changes(self) -> Mapping[str, int]:
        """How many changes of each kind this run recorded."""
        counted = {row["op"]: row["count"] for row in self.database.read(_CHANGES, {"seq": self.seq})}
        return {op: counted.get(op, 0) for op in OPERATIONS}

    def _any(self, name: str | None, verb: str, *, incoming: bool) -> str:
        """What a declaration calls the unknown far end of its relationship."""
        declared = self.registry.entity_types.get(name or "")
        for relationship in declared.relationships if declared is not None else ():
            if relationship.verb == verb and relationship.is_incoming == incoming:
                others = relationship.other if isinstance(relationship.other, tuple) else (relationship.other,)
                for other in others:
                    if other in ANY_TYPES:
                        return other
        return ANY_RESOURCE
