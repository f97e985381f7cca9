"""Removing what is gone: never more than the guard allows, never what others still point at.

What is gone, each step tells at its end (`steps.py`): of scopes only whose outcome allows it (`Outcome.settled`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loader.graph.changes import Recorder, remembered
from loader.graph.database import Database, Transaction
from loader.graph.guard import Gone, hold_back
from loader.graph.links import memory_digest
from loader.graph.native import native
from loader.graph.writer import GraphWriter, refuse_overfull

_BATCH = 1_000

_KEYS = "MATCH (n:Entity) WHERE n._scope IN $scopes RETURN n._scope AS scope, collect(n._key) AS keys"
_GONE = """
UNWIND $rows AS row MATCH (n:Entity {_key: row[0]}) WHERE n._scope = row[1]
RETURN n._key AS key, n._scope AS scope, properties(n) AS properties
"""
_DROP_LINKS = """
UNWIND $keys AS key MATCH (n:Entity {_key: key})
CALL (n) {
  MATCH (n)-[r]->(:Entity) WHERE r._owner = 'from' OR r._derivation IS NOT NULL RETURN r
  UNION
  MATCH (n)<-[r]-(:Entity) WHERE r._owner = 'to' OR r._derivation IS NOT NULL RETURN r
}
WITH r, r._derivation AS derivation DELETE r
RETURN collect(DISTINCT derivation) AS lost
"""
_DROP_NODES = """
UNWIND $keys AS key MATCH (n:Entity {_key: key}) WHERE NOT EXISTS { (n)--(:Entity) } DETACH DELETE n
"""
# What others still point at stays as a stub: what it was called, and nothing of what it was like.
_TO_STUBS = """
UNWIND $keys AS key MATCH (n:Entity {_key: key})
SET n = {_key: n._key, _stub: true, id: n.id, name: n.name, displayName: n.displayName,
         _type: n._type, _class: n._class}
"""
_KEPT = {"_key", "_scope", "_type", "_class", "id", "name", "displayName"}
_ORPHANS = """
MATCH (n:Entity) WHERE n._stub = true AND NOT EXISTS { (n)--(:Entity) }
WITH n LIMIT $limit DETACH DELETE n
"""


def stored_keys(database: Database, gone: Gone) -> Iterable[tuple[str, str]]:
    """Key and scope of the nodes that `gone` is about, as they are stored."""
    for row in database.stream(_KEYS, {"scopes": gone.scopes}):
        yield from ((key, row["scope"]) for key in row["keys"] if memory_digest(key) in gone.keys)


@dataclass(frozen=True, slots=True)
class Deletion:
    """Deletes the entities of one run. accept: the user agreed to any number of deletions (`--accept-deletions`)."""

    database: Database
    writer: GraphWriter
    recorder: Recorder
    accept: bool
    is_moved: Callable[[str], bool]

    def delete(self, listed: Iterable[Gone], stored: Mapping[str, int], protected: Collection[str]) -> list[str]:
        """Deletes what is gone; gives a sentence for everything that the guard kept.

        stored: how many entities each area had before the run. protected: keys that stay, with all that is below them.
        """
        allowed, kept = (list(listed), []) if self.accept else hold_back(listed, stored)
        for gone in allowed:
            found = [
                [key, scope]
                for key, scope in stored_keys(self.database, gone)
                if not self.is_moved(key) and not any(f"{key}/".startswith(f"{one}/") for one in protected)
            ]
            self.remove(gone.step, found, silent=gone.silent)
        return kept

    def remove(self, step: str, rows: list[list[str]], *, silent: Callable[[str], bool]) -> None:
        """Deletes nodes given as [key, scope], those that still stand in that scope."""
        for at in range(0, len(rows), _BATCH):
            part = rows[at : at + _BATCH]
            self.writer.write(lambda transaction, part=part: self._remove(transaction, part, silent), step)  # type: ignore[misc]

    def _remove(self, transaction: Transaction, rows: list[list[str]], silent: Callable[[str], bool]) -> None:
        nodes = transaction.run(_GONE, rows=rows)
        if not nodes:
            return
        refuse_overfull({node["key"]: node["properties"].keys() - _KEPT for node in nodes})
        self.recorder.write(transaction, list(self._changes(nodes, silent)))
        keys = [node["key"] for node in nodes]
        self.writer.touched.lost.update(transaction.run(_DROP_LINKS, keys=keys)[0]["lost"])
        dropped = transaction.apply(_DROP_NODES, {"keys": keys})[1].nodes_deleted
        if dropped < len(keys):
            transaction.run(_TO_STUBS, keys=keys)

    def _changes(self, nodes: list[dict[str, Any]], silent: Callable[[str], bool]) -> Iterable[dict[str, Any]]:
        for node in nodes:
            if silent(node["scope"]):
                continue
            properties = native(node["properties"])
            yield self.recorder.change(
                "deleted",
                key=node["key"],
                entity_type=properties.get("_type", ""),
                scope=node["scope"],
                name=properties.get("displayName"),
                before=remembered(properties),
            )

    def sweep_stubs(self) -> None:
        """Removes stubs that nobody points at any more."""
        deleted = _BATCH
        while deleted == _BATCH:
            deleted = self.writer.write(
                lambda transaction: transaction.apply(_ORPHANS, {"limit": _BATCH})[1].nodes_deleted
            )
