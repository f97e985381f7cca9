"""Runs Cypher of the library: read only, with a timeout, its columns checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from neo4j import Query
from neo4j.exceptions import ClientError, Neo4jError

from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure
from loader.errors import UsageError
from loader.library.definitions import Query as Question
from loader.library.parameters import Given, bind

if TYPE_CHECKING:
    from loader.graph import Database

# Seconds that one query of the library may take.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query, its columns in order, and what was not loaded whole of what it needs, in sentences."""

    columns: list[str]
    rows: list[dict[str, Any]]
    missing: list[str]


def refuse_writing(database: Database, owner: str, cypher: str, parameters: Mapping[str, object]) -> list[str]:
    """Asks the server's own parser what kind of query this is; gives the columns it returns.

    Raises UsageError for one that does not only read, or that the server does not understand.
    """
    try:
        with database.session(access="READ") as session:
            explained = session.run(Query("EXPLAIN " + cypher), dict(parameters))
            columns = list(explained.keys())
            kind = explained.consume().query_type
    except ClientError as error:
        raise UsageError(f"{owner} is not valid Cypher for this Neo4j: {error.message}") from error
    if kind != "r":
        raise UsageError(f"{owner} writes to the graph; only reading queries are run.")
    return columns


def read(
    database: Database, owner: str, cypher: str, parameters: Mapping[str, object], timeout: float
) -> list[dict[str, Any]]:
    """The rows of a query of the library. Raises UsageError where it takes longer than `timeout` or fails."""
    try:
        return database.read(cypher, parameters, timeout=timeout)
    except Neo4jError as error:
        if "Timeout" in (error.code or "") or "TimedOut" in (error.code or ""):
            raise UsageError(f"{owner} took longer than {timeout:g} seconds and was stopped.") from error
        raise UsageError(f"{owner} failed: {error.message}") from error


def run_query(
    database: Database, query: Question, given: Mapping[str, Given] | None = None, *, timeout: float = TIMEOUT
) -> QueryResult:
    """Runs a query with the given parameters.

    Raises UsageError for wrong parameters, for a query that writes, and for rows without the declared identity.
    """
    owner = f"The query {query.id}"
    parameters = bind(owner, query.parameters, given or {})
    columns = refuse_writing(database, owner, query.cypher, parameters)
    lacking = [name for name in query.identity if name not in columns]
    if lacking:
        raise UsageError(f"{owner} does not return the column {lacking[0]!r} that its identity names.")
    rows = read(database, owner, query.cypher, parameters, timeout)
    needs = closure(query.needs)
    missing = [gap.sentence for gap in Coverage.read(database, needs).gaps(needs, "")]
    return QueryResult(columns, rows, missing)


def plain(value: Any) -> Any:
    """A value of the graph as JSON has it: times as ISO text, sequences as lists."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date | time) else str(value)


def as_text(value: Any) -> str:
    """A value as people read it in a cell."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(as_text(one) for one in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
