"""Testing Neo4j: whether it is reached, which version it is, whether it takes writes, its memory and its disk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from neo4j.exceptions import DriverError, Neo4jError

from loader.connect.finding import Finding, State
from loader.connect.topics import (
    NEO4J_AWAY,
    NEO4J_DISK,
    NEO4J_MEMORY,
    NEO4J_READ_ONLY,
    NEO4J_USER,
    NEO4J_VERSION,
    Topic,
)
from loader.errors import AzgraphError
from loader.graph import Database
from loader.graph.refusals import refusal

LEAST_VERSION = (5, 26)
LEAST_HEAP, LEAST_DISK = 512 * 1024**2, 2 * 1024**3
# What it was started with, whether or not its neo4j.conf says so.
_HEAP = (
    "CALL dbms.queryJmx('java.lang:type=Memory') YIELD attributes "
    "RETURN attributes.HeapMemoryUsage.value.properties.max AS heap"
)
# Creates and takes away in one transaction, which is rolled back besides: nobody ever sees it.
_WRITE = "CREATE (n:SyncRun {status: 'probe'}) DELETE n RETURN count(*) AS written"
_TOPICS: tuple[tuple[str, Topic, str], ...] = (
    ("refused the user", NEO4J_USER, ""),
    ("lacks a right", NEO4J_USER, "GRANT ROLE architect TO $NEO4J_USER"),
    ("read-only", NEO4J_READ_ONLY, "ALTER DATABASE neo4j SET ACCESS READ WRITE"),
    ("out of memory", NEO4J_MEMORY, "export AZGRAPH_NEO4J_HEAP=2g && azgraph neo4j down && azgraph neo4j up"),
    ("disk", NEO4J_DISK, ""),
)


def examine_database(opened: Callable[[], AbstractContextManager[Database]], folder: Path | None) -> list[Finding]:
    """Opens the database and tests it. folder: where the local one stands; None for another's."""
    found = _disk(folder) if folder is not None else []
    try:
        with opened() as database:
            found += _version(database)
            found.append(_writes(database))
            found += _memory(database)
    except AzgraphError as error:
        found.append(failed(error))
    return found


def failed(error: Exception) -> Finding:
    """The finding for a database that cannot be reached, or refuses what is needed."""
    told = error if isinstance(error, AzgraphError) else refusal(error)
    says = str(told or error)
    for sign, topic, command in _TOPICS:
        if sign in says:
            return Finding("Neo4j", State.FAILED, says, command, topic.heading)
    return Finding("Neo4j", State.FAILED, says, "azgraph neo4j up", NEO4J_AWAY.heading)


def _version(database: Database) -> list[Finding]:
    rows = database.read("CALL dbms.components() YIELD name, versions, edition RETURN versions[0] AS version, edition")
    version = str(rows[0]["version"]) if rows else "unknown"
    numbers = tuple(int(one) for one in re.findall(r"\d+", version)[:2])
    if numbers < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        says = f"Neo4j at {database.uri} is {version}; azgraph is tested with {least} and newer."
        return [Finding("Neo4j version", State.MISSING, says, "azgraph neo4j up", NEO4J_VERSION.heading)]
    return [Finding("Neo4j", State.FINE, f"{database.uri} is Neo4j {version}.")]


def _writes(database: Database) -> Finding:
    try:
        with database.session(access="WRITE") as session, session.begin_transaction() as transaction:
            transaction.run(_WRITE).consume()
            transaction.rollback()
    except (DriverError, Neo4jError) as error:
        return failed(error)
    return Finding("Neo4j writes", State.FINE, "It takes writes of this user.")


def _memory(database: Database) -> list[Finding]:
    try:
        heap = int(database.read(_HEAP)[0]["heap"])
    except (DriverError, Neo4jError, IndexError, TypeError, ValueError):
        return []  # only administrators may ask, and not in every version and cloud
    if heap < LEAST_HEAP:
        says = f"The heap of Neo4j is {heap // 1024**2} MiB; large tenants need {LEAST_HEAP // 1024**2} MiB and more."
        command = "export AZGRAPH_NEO4J_HEAP=2g && azgraph neo4j down && azgraph neo4j up"
        return [Finding("Neo4j memory", State.MISSING, says, command, NEO4J_MEMORY.heading)]
    return [Finding("Neo4j memory", State.FINE, f"Its heap is {heap / 1024**3:.1f} GiB.")]


def _disk(folder: Path) -> list[Finding]:
    there = next((one for one in (folder, *folder.parents) if one.exists()), None)
    if there is None:
        return []
    free = shutil.disk_usage(there).free
    if free < LEAST_DISK:
        says = f"{free / 1024**3:.1f} GiB are free at {there}; Neo4j's logs alone may take {LEAST_DISK // 1024**3} GiB."
        return [Finding("Neo4j disk", State.MISSING, says, f"du -sh {there}/* | sort -h", NEO4J_DISK.heading)]
    return [Finding("Neo4j disk", State.FINE, f"{free / 1024**3:,.0f} GiB are free at {there}.")]
