"""Whatever Azure's users write arrives as data, never as Cypher, and never breaks a batch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from loader.graph import Database
from loader.graph.schema import quoted
from loader.model import Link, Target
from tests.graph.tenant import entity, key, load, node

pytestmark = pytest.mark.graph

NASTY = [
    "it's",
    'say "hi"',
    "`) DETACH DELETE n //",
    "$rows",
    "{row._key}",
    "a\0b",
    "\\u0027",
    "tab\tnew\nline",
    "}) MATCH (x) DETACH DELETE x WITH 1 AS y //",
    "Ünïcödé 🤖",
    "\ud800 lone",
    "",
    " ",
]


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode()


def test_hostile_values_names_tags_and_keys(database: Database) -> None:
    records = []
    for number, text in enumerate(NASTY):
        links = (
            Link(
                "USES",
                Target(f"/far/{text}", None, {"id": text, f"tag.{text}": text}),
                key=text,
                properties={text or "x": text},
            ),
        )
        named = {"name": text, f"tag.{text}": text, "tag.a.b": "dots", f"tag.`{text}": "backtick"}
        records.append(replace(entity("vm", number, *links, **named), key=f"/vm/{number}/{text}"))
    load(database, {"azure_vm": records})
    for number, text in enumerate(NASTY):
        stored = node(database, _clean(f"/vm/{number}/{text}"))
        assert stored is not None, repr(text)
        assert stored["name"] == _clean(text)
        assert stored[_clean(f"tag.{text}".replace("\0", "\\u0000"))] == _clean(text)
        assert stored["tag.a.b"] == "dots"
    assert database.read("MATCH (:azure_vm)-[r:USES]->(n) WHERE n._stub RETURN count(r) AS n") == [{"n": len(NASTY)}]
    assert load(database, {"azure_vm": records}).counters.total == 0


def test_huge_strings_keys_and_a_thousand_tags(database: Database) -> None:
    long = "x" * 100_000
    tags = {f"tag.{number:05}.`$": str(number) for number in range(1_000)}
    big = replace(entity("vm", 1, Link("USES", Target(f"/{long}")), note=long, **tags), key=f"/vm/{long}")
    other = replace(entity("vm", 2, Link("USES", Target(f"/vm/{long}", "azure_vm"))), key=f"/vm/{long}y")
    child = entity("nic", 1)
    for _ in range(2):
        summary = load(database, {"azure_vm": [big, other], "azure_nic": [child]})
    assert summary.counters.total == 0
    assert summary.relationships == {"azure_vm|USES|ANY_SCOPE": 1, "azure_vm|USES|azure_vm": 1}
    rows = database.read(
        "MATCH (n:azure_vm) WHERE n.note IS NOT NULL RETURN size(n.note) AS note, size(keys(n)) AS names"
    )
    assert rows[0]["note"] == 100_000
    assert rows[0]["names"] > 1_000
    load(database, {"azure_vm": [other], "azure_nic": [child]})
    assert database.read("MATCH (n:azure_vm) WHERE n._stub IS NULL RETURN count(n) AS n") == [{"n": 1}]


def test_values_that_neo4j_cannot_hold_become_ones_it_can(database: Database) -> None:
    values = {
        "big": 2**64,
        "edge": -(2**63),
        "mixed": [1, "a", True],
        "numbers": [1, 2.5],
        "empty": [],
        "nulls": ["a", None],
        "infinite": float("inf"),
        "when": datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        "days": [datetime(2026, 5, 1, tzinfo=UTC)],
    }
    load(database, {"azure_vm": [entity("vm", 1, **values)]})
    stored = node(database, key("vm", 1))
    assert stored is not None
    expected = {
        "big": str(2**64),
        "edge": -(2**63),
        "mixed": ["1", "a", "true"],
        "numbers": [1.0, 2.5],
        "empty": [],
        "nulls": ["a"],
        "infinite": "inf",
        "when": datetime(2026, 5, 1, 10, tzinfo=UTC),
        "days": [datetime(2026, 5, 1, tzinfo=UTC)],
    }
    assert {name: stored[name] for name in expected} == expected
    assert database.read("MATCH (n:azure_vm) RETURN n.when < datetime('2026-05-02T00:00:00Z') AS earlier") == [
        {"earlier": True}
    ]
    assert load(database, {"azure_vm": [entity("vm", 1, **values)]}).counters.total == 0


@pytest.mark.parametrize("name", ["a`b", "a b", "1a", "", "a:b", "x" * 101, "é"])
def test_labels_and_types_come_from_declarations_only(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        quoted(name)
