"""Relationships computed over the loaded graph, brought to what is found there now; only differences are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from loader.graph.database import Database, Transaction
from loader.graph.native import Row, native
from loader.graph.schema import quoted
from loader.graph.secrets import SecretsGate
from loader.graph.values import node_key, stored_properties
from loader.graph.wanted import Identity, Properties, WantedLinks
from loader.graph.writer import GraphWriter
from loader.model import Derivation, DerivedLink

_BATCH = 5_000
# Values that are known to hold no secret: the links of one role say the same of it. Lists are what takes long.
_KNOWN_VALUES = 5_000
_NAMES = "MATCH ()-[r]->() WHERE r._derivation IS NOT NULL AND NOT r._derivation IN $names RETURN elementId(r) AS id"
_STORED = """
MATCH (a:Entity)-[r:{verb}]->(b:Entity) WHERE r._derivation = $name
RETURN a._key AS start, b._key AS end, elementId(r) AS id, properties(r) AS properties
"""
_DELETE = "UNWIND $ids AS id MATCH ()-[r]->() WHERE elementId(r) = id DELETE r"
_CREATE = """
UNWIND $rows AS row MATCH (a:Entity {{_key: row[0]}}) MATCH (b:Entity {{_key: row[1]}})
CREATE (a)-[r:{verb}]->(b) SET r = row[2]
RETURN count(*) AS matched
"""
# For a second try: the first one may have been committed although its answer was lost.
_CREATE_MISSING = """
UNWIND $rows AS row MATCH (a:Entity {{_key: row[0]}}) MATCH (b:Entity {{_key: row[1]}})
FOREACH (_ IN CASE WHEN EXISTS {{
  (a)-[x:{verb}]->(b) WHERE x._derivation = row[2]._derivation AND coalesce(x._key, '') = coalesce(row[2]._key, '')
}} THEN [] ELSE [1] END | CREATE (a)-[r:{verb}]->(b) SET r = row[2])
RETURN count(*) AS matched
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one derivation. written: the graph is another one now; whole: every link found its two ends."""

    written: bool
    whole: bool


class Deriver:
    """Computes derivations for one run."""

    def __init__(self, database: Database, writer: GraphWriter, gate: SecretsGate) -> None:
        self._database, self._writer, self._gate = database, writer, gate
        self._clean: set[tuple[object, ...]] = set()

    def derive(self, derivation: Derivation) -> Result:
        """Runs one derivation's query and brings its relationships in the graph to what it finds."""
        wanted = self._wanted(derivation.links(self._rows(derivation.query)))
        delete = [
            element_id
            for identity, element_id, properties in self._stored(derivation)
            if not wanted.has(identity, properties)
        ]
        self._delete(delete)
        new, found = self._create(derivation, wanted)
        return Result(bool(delete or new), found == new)

    def drop_others(self, names: Iterable[str]) -> None:
        """Removes the relationships of derivations that are no longer declared."""
        self._delete([row["id"] for row in self._database.stream(_NAMES, {"names": list(names)})])

    def _rows(self, query: str) -> Iterator[Row]:
        for row in self._database.stream(query):
            yield {name: native(value) for name, value in row.items()}

    def _wanted(self, links: Iterable[DerivedLink]) -> WantedLinks:
        """All that the query gives, before anything is written: it may follow what the derivation makes."""
        wanted = WantedLinks()
        for link in links:
            identity = node_key(link.from_key), link.verb, node_key(link.to_key), node_key(link.key)
            wanted.add(identity, self._cleaned(link.verb, stored_properties(link.properties)))
        return wanted

    def _cleaned(self, verb: str, properties: Properties) -> Properties:
        """The properties without secrets; what many links say alike is looked through once."""
        told = {
            name: (name, type(value), tuple(value) if isinstance(value, list) else value)
            for name, value in properties.items()
        }
        fresh = {name: properties[name] for name, value in told.items() if value not in self._clean}
        if not fresh:
            return properties
        passed = self._gate.pass_through(verb, fresh)
        if passed != fresh:
            return {name: value for name, value in properties.items() if name not in fresh} | passed
        if len(self._clean) + len(fresh) > _KNOWN_VALUES:
            self._clean.clear()
        self._clean.update(told[name] for name in fresh)
        return properties

    def _stored(self, derivation: Derivation) -> Iterator[tuple[Identity, str, Properties]]:
        for verb in sorted({verb for _, verb, _ in derivation.relationships}):
            for row in self._database.stream(_STORED.format(verb=quoted(verb)), {"name": derivation.name}):
                properties = {name: native(value) for name, value in row["properties"].items() if name != "_derivation"}
                key = str(properties.pop("_key", ""))
                yield (row["start"], verb, row["end"], key), row["id"], properties

    def _delete(self, element_ids: list[str]) -> None:
        for at in range(0, len(element_ids), _BATCH):
            ids = element_ids[at : at + _BATCH]
            self._writer.write(lambda transaction, ids=ids: transaction.run(_DELETE, ids=ids))  # type: ignore[misc]

    def _create(self, derivation: Derivation, wanted: WantedLinks) -> tuple[int, int]:
        """Gives how many links were missing, and how many of these found their two ends."""
        new = found = 0
        for links in wanted.missing(_BATCH):
            by_verb: dict[str, list[list[Any]]] = {}
            for (start, verb, end, key), properties in links:
                told = {**properties, **({"_key": key} if key else {}), "_derivation": derivation.name}
                by_verb.setdefault(verb, []).append([start, end, told])
            new += len(links)
            found += sum(self._create_batch(derivation, verb, rows) for verb, rows in by_verb.items())
        return new, found

    def _create_batch(self, derivation: Derivation, verb: str, rows: list[list[Any]]) -> int:
        ends = {end for start, end, _ in rows} | {start for start, _, _ in rows}
        made = [one for one in derivation.makes if one.key in ends]
        attempts = 0

        def work(transaction: Transaction) -> int:
            nonlocal attempts
            attempts += 1
            self._writer.ensure(transaction, made)
            query = (_CREATE if attempts == 1 else _CREATE_MISSING).format(verb=quoted(verb))
            return int(transaction.run(query, rows=rows)[0]["matched"])

        return self._writer.write(work)
