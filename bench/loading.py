"""The same tenant written by azgraph, by CREATE alone (the ceiling), and by MERGE of everything (what others do)."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bench.tenant import KINDS, SUBSCRIPTION, Kind, Row, Tenant, batches
from loader.graph import Database, Run, RunSummary
from loader.model import EntityType, Link, Outcome, Record, Target
from loader.sync.memory import memory_of_a_run

ENTITY_TYPES = {kind.type: EntityType(type=kind.type, resource="", classes=(kind.label,), fetch=None) for kind in KINDS}
Records = dict[str, list[Record]]

# Batch sizes and sessions that were the fastest for plain CREATE and MERGE; azgraph's own are its own affair.
_NODES_AT_ONCE, _EDGES_AT_ONCE = 2_500, 5_000
_CREATING_SESSIONS = 2
_SYNC_BATCH = 2_000
_SCHEMA = (
    "CREATE CONSTRAINT FOR (n:Entity) REQUIRE n._key IS UNIQUE",
    "CREATE INDEX FOR (n:Entity) ON (n._scope)",
    "CREATE INDEX FOR (n:Entity) ON (n._stub)",
)


def record_of(kind: Kind, row: Row) -> Record:
    """A row as azgraph's mapping would hand it to the graph room."""
    links = tuple(Link(link.verb, Target(key, link.kind), link.incoming) for link, keys in row.far_ends for key in keys)
    return Record(row.key, kind.type, row.properties, links)


def all_records(tenant: Tenant) -> Records:
    """Every record of the tenant, by entity type, far ends first."""
    return {kind.type: [record_of(kind, row) for row in tenant.rows(kind)] for kind in KINDS}


def without_links(record: Record) -> Record:
    """The record of an entity alone."""
    return replace(record, links=())


def one_percent_changed(records: Records, edition: int) -> Records:
    """The same records, one in a hundred with another value of one tag."""
    return {
        name: [
            replace(one, properties={**one.properties, "tag.Release": f"r{edition}"}) if number % 100 == 0 else one
            for number, one in enumerate(group)
        ]
        for name, group in records.items()
    }


# --- azgraph ------------------------------------------------------------------------------------------------------


def sync(database: Database, records: Iterable[tuple[str, Iterator[Record]]]) -> RunSummary:
    """One run of azgraph over all records, as `loader.sync` drives it."""
    with memory_of_a_run(), Run.start(database, loader_version="bench", entity_types=ENTITY_TYPES) as run:
        for name, group in records:
            step = run.step(name, SUBSCRIPTION)
            for batch in batches(group, _SYNC_BATCH):
                step.write("", batch)
            step.finish({"": Outcome()})
        run.derive([])
        return run.finish("complete")


def seconds_of_sync(database: Database, records: Records, *, reverse: bool = False) -> float:
    """How long a run takes. reverse: far ends come last, so that every relationship has to wait for them."""
    groups = [(name, iter(group)) for name, group in records.items()]
    return timed(lambda: sync(database, groups[::-1] if reverse else groups))


# --- CREATE alone, and MERGE of everything ------------------------------------------------------------------------


def make_schema(database: Database) -> None:
    """azgraph's own constraint and indexes on entities."""
    for statement in _SCHEMA:
        database.write(lambda transaction, statement=statement: transaction.run(statement))  # type: ignore[misc]
    database.read("CALL db.awaitIndexes(120)")


def node_rows(records: Records) -> dict[str, list[dict[str, Any]]]:
    """What azgraph stores on each node, by entity type."""
    return {
        name: [
            {
                **one.properties,
                "_key": one.key,
                "_type": name,
                "_class": list(ENTITY_TYPES[name].classes),
                "_scope": f"{name}|{SUBSCRIPTION}|",
                "_hash": f"00000000:{number:016x}",
                "_firstSeenRun": 1,
                "_changedRun": 1,
            }
            for number, one in enumerate(group)
        ]
        for name, group in records.items()
    }


def edge_rows(records: Records) -> dict[tuple[str, str], list[list[str]]]:
    """Start and end of each relationship, by verb and owner."""
    rows: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for group in records.values():
        for one in group:
            for link in one.links:
                ends = [link.target.key, one.key] if link.incoming else [one.key, link.target.key]
                rows[link.verb, "to" if link.incoming else "from"].append(ends)
    return rows


def create_nodes(database: Database, rows: dict[str, list[dict[str, Any]]]) -> None:
    """CREATE with every property named in the statement, which is the fastest there is, in two sessions."""
    for name, group in rows.items():
        properties = ", ".join(f"`{one}`: row.`{one}`" for one in group[0])
        query = f"UNWIND $rows AS row CREATE (n:{_labels(name)} {{{properties}}})"
        _in_sessions(database, query, batches(iter(group), _NODES_AT_ONCE))


def create_edges(database: Database, rows: dict[tuple[str, str], list[list[str]]]) -> None:
    """MATCH both ends, CREATE, in two sessions."""
    for (verb, owner), group in rows.items():
        query = f"{_ENDS} CREATE (a)-[:{verb} {{_owner: '{owner}'}}]->(b)"
        _in_sessions(database, query, batches(iter(group), _EDGES_AT_ONCE))


def merge_nodes(database: Database, rows: dict[str, list[dict[str, Any]]], seq: int) -> None:
    """MERGE of every node, with the number of the run so that stale ones could be told, in one session."""
    for name, group in rows.items():
        query = f"UNWIND $rows AS row MERGE (n:Entity {{_key: row._key}}) SET n:{_labels(name)}, n += row"
        for batch in batches(iter(group), _NODES_AT_ONCE):
            _write(database, query, [{**row, "_changedRun": seq} for row in batch])


def merge_edges(database: Database, rows: dict[tuple[str, str], list[list[str]]]) -> None:
    """MERGE of every relationship, in one session: with two they deadlock."""
    for (verb, owner), group in rows.items():
        query = f"{_ENDS} MERGE (a)-[r:{verb}]->(b) SET r._owner = '{owner}'"
        for batch in batches(iter(group), _EDGES_AT_ONCE):
            _write(database, query, batch)


_ENDS = "UNWIND $rows AS row MATCH (a:Entity {_key: row[0]}) MATCH (b:Entity {_key: row[1]})"


def _labels(name: str) -> str:
    return ":".join(ENTITY_TYPES[name].labels)


def _write(database: Database, query: str, rows: Sequence[Any]) -> None:
    database.write(lambda transaction: transaction.run(query, rows=rows))


def _in_sessions(database: Database, query: str, rows: Iterator[Sequence[Any]]) -> None:
    lock = threading.Lock()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while not errors:
                with lock:
                    batch = next(rows, None)
                if batch is None:
                    return
                _write(database, query, batch)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(_CREATING_SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def timed(work: Callable[[], object]) -> float:
    """Wall-clock seconds."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
