"""Plays the examples of queries: what must come out of the small graph comes out, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from loader.library.definitions import Query
from loader.library.example_format import QueryExample
from loader.library.examples import place_example
from loader.library.running import TIMEOUT, bound, plain, read, run_query

if TYPE_CHECKING:
    from loader.graph import Database

Row = Mapping[str, Any]


def play_query(database: Database, query: Query, example: QueryExample) -> list[str]:
    """Puts the example into the empty database and asks the query; gives what is wrong, as clauses.

    Raises UsageError for an example that cannot be put there, and for a query that cannot be asked.
    """
    keys = place_example(database, example, query.needs, query.texts.values())
    result = run_query(database, query, example.parameters)
    rows = [{name: plain(value) for name, value in row.items()} for row in result.rows]
    aliases = {key: f"@{alias}" for alias, key in keys.items()}
    faults = [*_rows(rows, example, keys, aliases), *_identities(rows, query, aliases)]
    if result.missing and not example.scopes:
        faults.append(f"the answer says that something was not loaded: {result.missing[0]}")
    if query.graph:
        parameters = bound(query, example.parameters)
        drawn = bool(read(database, f"The query {query.id}", query.graph, parameters, TIMEOUT))
        if drawn != bool(example.returns):
            faults.append(f"its graph form draws {'something' if drawn else 'nothing'}, unlike its table")
    return faults


def _rows(
    rows: Iterable[Row], example: QueryExample, keys: Mapping[str, str], aliases: Mapping[str, str]
) -> Iterator[str]:
    """What is missing, what is too much, and what must not be there."""

    def means(wanted: Row, row: Row) -> bool:
        meant = {
            name: keys[value[1:]] if isinstance(value, str) and value.startswith("@") else value
            for name, value in wanted.items()
        }
        return all(name in row and row[name] == value for name, value in meant.items())

    left = list(rows)
    for wanted in example.returns:
        found = next((row for row in left if means(wanted, row)), None)
        if found is None:
            yield f"it must return {_shown(wanted, aliases)} and does not"
        else:
            left.remove(found)
    for row in left:
        yield f"it must not return {_shown(row, aliases)} and does"
    for unwanted in example.not_returned:
        if any(means(unwanted, row) for row in rows if row not in left):
            yield f"`returns` and `not_returned` both name {_shown(unwanted, aliases)}"


def _identities(rows: Iterable[Row], query: Query, aliases: Mapping[str, str]) -> Iterator[str]:
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        for name in query.identity:
            if row[name] is None:
                yield f"`identity` names the column {name!r}, which is null in {_shown(row, aliases)}"
        identity = tuple(str(row[name]) for name in query.identity)
        if identity in seen:
            yield f"`identity` does not tell {_shown(row, aliases)} from another row"
        seen.add(identity)


def _shown(row: Row, aliases: Mapping[str, str]) -> str:
    """A row as the example would say it."""
    told = (f"{name}: {aliases.get(value, value) if isinstance(value, str) else value}" for name, value in row.items())
    return f"{{{', '.join(told)}}}"
