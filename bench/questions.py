"""How long each query of the library takes on a large graph: Contoso, many times over."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.server import Server
from bench.tenant import batches
from loader import demo
from loader.azure import sessions
from loader.azure.transport.replay import ReplayStore
from loader.errors import UnreachableError, UsageError
from loader.graph import Database
from loader.library import Query, run_query, shipped_library
from loader.sync.run import Options, sync

PATIENCE_SECONDS = 60.0
_ROWS = 2_000
# Of the directory only these are many in a large tenant; its policies, roles and management groups stay as they are.
_MANY = {"azure_user", "azure_user_group", "azure_service_principal", "azure_application", "azure_device"}

_NODES = """
MATCH (n:Entity) RETURN n._key AS key, labels(n) AS labels, properties(n) AS properties
"""
_EDGES = """
MATCH (a:Entity)-[r]->(b:Entity) RETURN a._key AS start, type(r) AS verb, b._key AS end, properties(r) AS properties
"""
_SCOPES = """
MATCH (s:SyncScope) WHERE NOT s.area STARTS WITH 'tenant' AND NOT s.area STARTS WITH 'shared'
RETURN properties(s) AS properties
"""
_CREATE_NODES = "UNWIND $rows AS row CREATE (n:$(row.labels)) SET n = row.properties"
_CREATE_EDGES = """
UNWIND $rows AS row MATCH (a:Entity {_key: row.start}) MATCH (b:Entity {_key: row.end})
CREATE (a)-[r:$(row.verb)]->(b) SET r = row.properties
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One query. seconds: the median of its rounds; None where it was stopped after `PATIENCE_SECONDS`."""

    id: str
    seconds: float | None
    rows: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What was measured, slowest first, on a graph of that many entities and relationships."""

    entities: int
    relationships: int
    asked: list[Question]


def measure(server: Server, entities: int, rounds: int) -> Answers:
    """Loads Contoso, copies it until there are `entities`, and asks every query with its defaults.

    A parameter without a default takes its value from the query's first example.
    """
    database = server.database
    server.empty()
    asyncio.run(_load_contoso(database))
    _multiply(database, entities)
    asked = []
    for query in shipped_library().queries.values():
        asked.append(_ask(database, query, rounds))
        if asked[-1].seconds is None or asked[-1].seconds > 1:
            print(f"Slow: {asked[-1]}", file=sys.stderr, flush=True)
    counted = server.counted()
    slowest = sorted(asked, key=lambda one: -(one.seconds or PATIENCE_SECONDS))
    return Answers(*counted, slowest)


async def _load_contoso(database: Database) -> None:
    async with sessions.over(ReplayStore(demo.exchanges())) as session:
        await sync(session, database, Options(), lambda _step: None)


def _multiply(database: Database, entities: int) -> None:
    nodes, edges = database.read(_NODES), database.read(_EDGES)
    scopes = [row["properties"] for row in database.read(_SCOPES)]
    subscriptions = sorted({scope["area"] for scope in scopes})
    shared = {row["key"] for row in nodes if not is_copied(row, subscriptions)}
    copied = [row for row in nodes if row["key"] not in shared]
    edges = [row for row in edges if is_edge_copied(row, shared)]
    for number in range(1, max(1, (entities - len(nodes)) // len(copied)) + 1):
        rename = Rename(number, subscriptions, shared)
        _write(database, _CREATE_NODES, (rename.node(row) for row in copied))
        _write(database, _CREATE_EDGES, (rename.edge(row) for row in edges))
        _write(database, _CREATE_NODES, (rename.scope(properties) for properties in scopes))


def is_copied(row: Mapping[str, Any], subscriptions: list[str]) -> bool:
    """Whether each copy of Contoso has a node of its own for this one."""
    # What a key vault holds has its address for a key; only its scope tells the subscription.
    place = f"{row['key']} {row['properties'].get('_scope')}"
    return not _MANY.isdisjoint(row["labels"]) or any(one in place for one in subscriptions)


def is_edge_copied(row: Mapping[str, Any], shared: set[str]) -> bool:
    """Whether each copy has this relationship too. shared: the keys that all copies have in common."""
    # An assignment has one holder, so one that is not copied does not get those of the copies.
    return not (row["start"] in shared and (row["end"] in shared or row["verb"] == "ASSIGNED"))


class Rename:
    """Names of one copy: subscriptions get ids of their own, and with them all ARM ids; other keys get an ending."""

    def __init__(self, number: int, subscriptions: list[str], shared: set[str]) -> None:
        self._ending, self._shared = f"-{number:04}", shared
        self._ids = {one: f"{one[:-4]}{number:04x}" for one in subscriptions}

    def node(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The copy of a node."""
        properties = {name: self._text(value) for name, value in row["properties"].items()}
        return {"labels": row["labels"], "properties": properties | {"_key": self._key(row["key"])}}

    def edge(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The copy of a relationship."""
        return {**row, "start": self._key(row["start"]), "end": self._key(row["end"])}

    def scope(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The copy of a `SyncScope`."""
        return {"labels": ["SyncScope"], "properties": {name: self._text(one) for name, one in properties.items()}}

    def _key(self, key: str) -> str:
        if key in self._shared:
            return key
        renamed = self._text(key)
        return renamed if renamed != key else key + self._ending

    def _text(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._text(one) for one in value]
        if isinstance(value, str):
            for old, new in self._ids.items():
                value = value.replace(old, new)
        return value


def _write(database: Database, query: str, rows: Iterator[dict[str, Any]]) -> None:
    for batch in batches(rows, _ROWS):
        database.write(lambda transaction, batch=batch: transaction.run(query, rows=batch))  # type: ignore[misc]


def _ask(database: Database, query: Query, rounds: int) -> Question:
    given = {} if all(one.default is not None for one in query.parameters.values()) else query.examples[0].parameters
    taken, rows = [], 0
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        try:
            rows = len(run_query(database, query, given, timeout=PATIENCE_SECONDS).rows)
        except (UsageError, UnreachableError):
            # Stopped after its time, or by Neo4j for want of memory.
            return Question(query.id, None, 0)
        taken.append(time.perf_counter() - begin)
    # The first time Neo4j also works out the plan.
    return Question(query.id, statistics.median(taken[1:]), rows)
