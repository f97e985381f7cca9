"""Parameters go to Neo4j in a map, where it looks at no sizes; indexes serve them, and errors are as written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from neo4j.exceptions import Neo4jError

from loader.graph import Database
from loader.graph.given import in_a_map
from loader.graph.schema import ensure_schema

LISTS = {"keys": ["a"], "name": "x"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("MATCH (n) WHERE n.k IN $keys AND n.n = $name", "MATCH (n) WHERE n.k IN $given.keys AND n.n = $given.name"),
        ("RETURN $keys[0], size($keys)", "RETURN $given.keys[0], size($given.keys)"),
        ("RETURN '$keys', \"it's $name\", $name", "RETURN '$keys', \"it's $name\", $given.name"),
        ("RETURN n.`$keys` /* $keys */, $keys // $name", "RETURN n.`$keys` /* $keys */, $given.keys // $name"),
        ("RETURN 'a\\'$keys', $keys", "RETURN 'a\\'$keys', $given.keys"),
        ("RETURN $keysAndMore, $other, $keys", "RETURN $keysAndMore, $other, $given.keys"),
    ],
)
def test_parameters_go_into_a_map_and_nothing_else(text: str, asked: str) -> None:
    told, given = in_a_map(text, LISTS)
    assert told == asked
    assert all(LISTS[name] == value for name, value in given["given"].items())


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("CREATE (n $properties)", {"properties": {"a": 1}}),
        ("RETURN $`odd name`, $keys", {"odd name": 1, "keys": []}),
        ("RETURN $given, $keys", {"given": 1, "keys": []}),
        ("RETURN 1", {"keys": []}),
        ("RETURN 1", {}),
    ],
)
def test_what_cannot_go_stays(text: str, parameters: dict[str, Any]) -> None:
    assert in_a_map(text, parameters) == (text, parameters)


def _operators(plan: dict[str, Any] | None) -> Iterator[str]:
    if plan is not None:
        yield str(plan["operatorType"])
        for child in plan.get("children", ()):
            yield from _operators(child)


@pytest.mark.graph
@pytest.mark.parametrize(
    ("text", "seek"),
    [
        ("MATCH (n:Entity {_key: $key}) RETURN n", "NodeUniqueIndexSeek"),
        ("MATCH (n:Entity) WHERE n._key IN $keys RETURN n", "NodeUniqueIndexSeek"),
        ("UNWIND $keys AS key MATCH (n:Entity {_key: key}) RETURN n", "NodeUniqueIndexSeek"),
        ("MATCH (n:Entity) WHERE n._scope STARTS WITH $key RETURN n", "NodeIndexSeekByRange"),
        ("MATCH (n:Entity) WHERE n._scope IN $keys RETURN n", "NodeIndexSeek"),
    ],
)
def test_indexes_serve_what_is_in_a_map(database: Database, text: str, seek: str) -> None:
    ensure_schema(database)
    told = database.explain(text, {"key": "a", "keys": ["a", "b"]})
    assert any(one.startswith(seek) for one in _operators(told.plan)), told.plan


@pytest.mark.graph
def test_a_wrong_text_is_told_where_it_is_wrong_as_it_is_written(database: Database) -> None:
    text = "MATCH (n) WHERE n.key IN $keys RETURN nobody"
    with pytest.raises(Neo4jError) as told:
        database.read(text, {"keys": ["a"]})
    assert f"column {text.index('nobody') + 1}" in str(told.value.message)
    with pytest.raises(Neo4jError) as told:
        database.explain(text, {"keys": ["a"]})
    assert "$given" not in str(told.value.message)
