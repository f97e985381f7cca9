"""The gate that each Cypher text of the library passes on each server, before the server first runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from neo4j.exceptions import Neo4jError

from loader.errors import UsageError
from loader.library.plan import objection, place_of

if TYPE_CHECKING:
    from loader.graph import Database


@dataclass(slots=True)
class _Server:
    """What is known of one connection. passed: the columns of each text that passed, so that each is asked once."""

    place: str
    passed: dict[str, list[str]] = field(default_factory=dict)


_SERVERS: WeakKeyDictionary[Database, _Server] = WeakKeyDictionary()
_ASKING = Lock()


def admit(
    database: Database, owner: str, cypher: str, parameters: Mapping[str, object], timeout: float | None = None
) -> list[str]:
    """Has the server plan the text, without running it, and gives the columns that it returns.

    owner: who it is to stand at the beginning of a sentence, such as "The query x". Raises UsageError for a text that
    does anything but read the graph by its plan, or that the server does not understand.
    """
    with _ASKING:
        if database not in _SERVERS:
            _SERVERS[database] = _Server(place_of(database.explain("RETURN 1").plan))
        server = _SERVERS[database]
    if cypher in server.passed:
        return server.passed[cypher]
    try:
        explained = database.explain(cypher, parameters, timeout=timeout)
    except Neo4jError as error:
        raise UsageError(f"{owner} is not valid Cypher for this Neo4j: {error.message}") from error
    found = objection(explained.plan, server.place) or (None if explained.kind == "r" else "does more than read")
    if found:
        raise UsageError(f"{owner} may only read the graph and was not run: it {found}.")
    server.passed[cypher] = explained.columns
    return explained.columns
