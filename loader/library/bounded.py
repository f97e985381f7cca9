"""Graph forms have an end: what Neo4j Browser is handed is bounded, and people are told what was cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from neo4j.exceptions import Neo4jError

from loader.errors import AzgraphError
from loader.library.cypher import Token, tokens
from loader.library.definitions import Query
from loader.library.parameters import Given, bind
from loader.library.running import read

if TYPE_CHECKING:
    from loader.graph import Database

# Rows of a graph form that says nothing itself; each is a way of some nodes, and Browser draws 300 nodes.
ROWS = 200
# Seconds that asking whether something was cut may take: it is a courtesy.
_PATIENCE = 10.0


def bounded(graph: str) -> tuple[str, int]:
    """A graph form that ends with a LIMIT, and how many rows that lets through; one without gets `LIMIT 200`."""
    text = graph.strip()
    limit = _limit(text)
    return (text, limit) if limit is not None else (f"{text}\nLIMIT {ROWS}", ROWS)


def limit_note(graph: str) -> str:
    """What stands above a graph form in an editor: where it ends, and how to see more."""
    return f"Draws at most {bounded(graph)[1]} ways. The table has all of them; a higher LIMIT draws more."


def cut_note(database: Database, query: Query, given: Mapping[str, Given]) -> str | None:
    """A sentence where the graph form has more ways than its LIMIT lets through; None where it shows all."""
    if not query.graph:
        return None
    text, limit = bounded(query.graph)
    owner = f"The query {query.id}"
    # One row more than is shown tells whether any is missing.
    at = text.rindex(str(limit))
    probe = f"CALL () {{\n{text[:at]}{limit + 1}{text[at + len(str(limit)) :]}\n}} RETURN count(*) AS rows"
    try:
        rows = read(database, owner, probe, bind(owner, query.parameters, given), _PATIENCE)
    except (AzgraphError, Neo4jError):
        return None
    if rows[0]["rows"] <= limit:
        return None
    return f"The picture in Neo4j Browser shows {limit} ways only; the table has all. A higher LIMIT draws more."


def _limit(text: str) -> int | None:
    """The number of the LIMIT at the end of a text."""
    found = tokens(text)
    match found[-2:]:
        case [Token("word", word), Token("number", number)] if word.upper() == "LIMIT" and number.isdecimal():
            return int(number)
    return None
