"""Relationships computed over the loaded graph: redone where their inputs changed, and only differences written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loader.graph.database import Database
from loader.graph.native import native
from loader.graph.schema import quoted
from loader.graph.secrets import SecretsGate
from loader.graph.values import node_key, stored_properties
from loader.graph.writer import GraphWriter
from loader.model import Derivation, DerivedLink

_BATCH = 5_000
_Identity = tuple[str, str, str, str]
_NAMES = "MATCH ()-[r]->() WHERE r._derivation IS NOT NULL AND NOT r._derivation IN $names RETURN elementId(r) AS id"


class Deriver:
    """Computes derivations for one run."""

    def __init__(self, database: Database, writer: GraphWriter, gate: SecretsGate) -> None:
        self._database, self._writer, self._gate = database, writer, gate

    def derive(self, derivation: Derivation) -> None:
        """Runs one derivation's query and brings its relationships in the graph to what it finds."""
        wanted = self._wanted(derivation.links(self._database.read(derivation.query)))
        stored = self._stored(derivation)
        keep = {identity for identity, (_, properties) in stored.items() if wanted.get(identity) == properties}
        self._delete([element_id for identity, (element_id, _) in stored.items() if identity not in keep])
        self._create(derivation, {identity: one for identity, one in wanted.items() if identity not in keep})

    def drop_others(self, names: Iterable[str]) -> None:
        """Removes the relationships of derivations that are no longer declared."""
        self._delete([row["id"] for row in self._database.stream(_NAMES, {"names": list(names)})])

    def _wanted(self, links: Iterable[DerivedLink]) -> dict[_Identity, dict[str, Any]]:
        return {
            (node_key(link.from_key), link.verb, node_key(link.to_key), node_key(link.key)): self._gate.pass_through(
                link.verb, stored_properties(link.properties)
            )
            for link in links
        }

    def _stored(self, derivation: Derivation) -> dict[_Identity, tuple[str, dict[str, Any]]]:
        stored = {}
        for verb in sorted({verb for _, verb, _ in derivation.relationships}):
            query = (
                f"MATCH (a:Entity)-[r:{quoted(verb)}]->(b:Entity) WHERE r._derivation = $name "
                "RETURN a._key AS start, b._key AS end, elementId(r) AS id, properties(r) AS properties"
            )
            for row in self._database.stream(query, {"name": derivation.name}):
                properties = {name: native(value) for name, value in row["properties"].items() if name != "_derivation"}
                key = str(properties.pop("_key", ""))
                stored[row["start"], verb, row["end"], key] = (row["id"], properties)
        return stored

    def _delete(self, element_ids: list[str]) -> None:
        query = "UNWIND $ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r"
        for at in range(0, len(element_ids), _BATCH):
            self._write(query, {"ids": element_ids[at : at + _BATCH]})

    def _create(self, derivation: Derivation, links: Mapping[_Identity, dict[str, Any]]) -> None:
        by_verb: dict[str, list[dict[str, Any]]] = {}
        for (start, verb, end, key), properties in links.items():
            told = {**properties, **({"_key": key} if key else {}), "_derivation": derivation.name}
            by_verb.setdefault(verb, []).append({"start": start, "end": end, "key": key, "properties": told})
        for verb, rows in by_verb.items():
            # Not a plain CREATE: a try whose answer was lost may have been committed.
            query = (
                "UNWIND $rows AS row MATCH (a:Entity {_key: row.start}) MATCH (b:Entity {_key: row.end}) "
                f"WHERE NOT EXISTS {{ (a)-[x:{quoted(verb)}]->(b) "
                "WHERE x._derivation = row.properties._derivation AND coalesce(x._key, '') = row.key } "
                f"CREATE (a)-[r:{quoted(verb)}]->(b) SET r = row.properties"
            )
            for at in range(0, len(rows), _BATCH):
                self._write(query, {"rows": rows[at : at + _BATCH]})

    def _write(self, query: str, parameters: dict[str, Any]) -> None:
        self._writer.write(lambda transaction: transaction.run(query, **parameters))
