"""A Neo4j for measuring: azgraph's local one, in a temporary home, never the user's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from loader.config import cache_dir
from loader.graph import Database
from loader.localdb import LocalNeo4j
from loader.localdb.process import find

HEAP, PAGE_CACHE = "2g", "1g"
# Relationships first: those of one busy node can be more than fit into a transaction.
_DELETE = (
    "MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS",
    "MATCH (n) CALL (n) { DELETE n } IN TRANSACTIONS OF 10000 ROWS",
)


class Server:
    """A running Neo4j with a connection to it. `memory` says what it may use."""

    def __init__(self, database: Database, password: str, version: str, memory: str, process: psutil.Process) -> None:
        self.database, self.password, self.version, self.memory = database, password, version, memory
        self.process = process

    def empty(self) -> None:
        """Takes all data, constraints and indexes away."""
        database = self.database
        with database.session(access="WRITE") as session:
            for row in database.read("SHOW CONSTRAINTS YIELD name"):
                session.run(f"DROP CONSTRAINT `{row['name']}`").consume()
            for row in database.read("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
                session.run(f"DROP INDEX `{row['name']}`").consume()
            for statement in _DELETE:
                session.run(statement).consume()

    def counted(self) -> tuple[int, int]:
        """How many entities and relationships between entities the database holds, whoever loaded them."""
        nodes = "MATCH (n) WHERE NOT (n:SyncRun OR n:SyncScope OR n:SyncLease OR n:Change) RETURN count(n) AS n"
        edges = "MATCH (a)-[r]->() WHERE NOT (a:SyncRun OR a:Change) RETURN count(r) AS n"
        return self.database.read(nodes)[0]["n"], self.database.read(edges)[0]["n"]


@contextmanager
def running() -> Iterator[Server]:
    """Starts the server with stated memory, and deletes it with its data afterwards."""
    heap = os.environ.setdefault("AZGRAPH_NEO4J_HEAP", HEAP)
    page_cache = os.environ.setdefault("AZGRAPH_NEO4J_PAGECACHE", PAGE_CACHE)
    with tempfile.TemporaryDirectory(prefix="azgraph-bench-") as home:
        local = LocalNeo4j(Path(home), cache_dir())
        try:
            found = local.up()
            with Database(found.uri, found.user, found.password) as database:
                process = find(Path(home) / "neo4j", None)
                assert process is not None
                memory = f"heap {heap}, page cache {page_cache}"
                yield Server(database, found.password, found.version, memory, process)
        finally:
            local.wipe()
