"""Runs Cypher of the library: read only, with a timeout, its columns checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Any

from neo4j.exceptions import Neo4jError

from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure
from loader.errors import UsageError
from loader.library.definitions import Query
from loader.library.gate import admit
from loader.library.parameters import Bound, Given, bind

if TYPE_CHECKING:
    from loader.graph import Database

# Seconds that one query of the library may take.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query, its columns in order, and in sentences what of that which it needs was not loaded whole, and
    what is older than the latest run.
    """

    columns: list[str]
    rows: list[dict[str, Any]]
    missing: list[str]
    older: list[str] = field(default_factory=list)


def read(
    database: Database, owner: str, cypher: str, parameters: Mapping[str, object], timeout: float
) -> list[dict[str, Any]]:
    """The rows of a text of the library, which passes the gate first.

    Raises UsageError where it does more than read, takes longer than `timeout` seconds, or fails.
    """
    admit(database, owner, cypher, parameters, timeout)
    return read_own(database, owner, cypher, parameters, timeout)


def read_own(
    database: Database, owner: str, cypher: str, parameters: Mapping[str, object], timeout: float
) -> list[dict[str, Any]]:
    """The rows of a text that azgraph itself made of declared names, for an entry of the library; it needs no gate.

    Raises UsageError where it takes longer than `timeout` seconds, or fails.
    """
    try:
        return database.read(cypher, parameters, timeout=timeout)
    except Neo4jError as error:
        if "Timeout" in (error.code or "") or "TimedOut" in (error.code or ""):
            raise UsageError(f"{owner} took longer than {timeout:g} seconds and was stopped.") from error
        raise UsageError(f"{owner} failed: {error.message}") from error


def bound(query: Query, given: Mapping[str, Given]) -> dict[str, Bound]:
    """The parameters of a query as the driver takes them. Raises UsageError for unknown, wrong and missing ones."""
    return bind(_owner(query), query.parameters, given)


def _owner(query: Query) -> str:
    return f"The query {query.id}"


def run_query(
    database: Database, query: Query, given: Mapping[str, Given] | None = None, *, timeout: float = TIMEOUT
) -> QueryResult:
    """Runs a query with the given parameters.

    Its graph form is not run here, but passes the gate too: its link opens it in Neo4j Browser. Raises UsageError for
    wrong parameters, for a query that does more than read, and for rows without the declared identity.
    """
    owner, parameters = _owner(query), bound(query, given or {})
    if query.graph:
        admit(database, owner, query.graph, parameters, timeout)
    columns = admit(database, owner, query.cypher, parameters, timeout)
    lacking = [name for name in query.identity if name not in columns]
    if lacking:
        raise UsageError(f"{owner} does not return the column {lacking[0]!r} that its identity names.")
    rows = read(database, owner, query.cypher, parameters, timeout)
    needs = closure(query.needs)
    coverage = Coverage.read(database, needs)
    missing = [gap.sentence for gap in coverage.gaps(needs, "")]
    return QueryResult(columns, rows, missing, coverage.told_older(needs, ""))


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
