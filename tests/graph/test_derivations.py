"""Derived relationships: computed over the graph, redone where an input changed, only differences written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from loader.graph import Database
from loader.model import Derivation, DerivedLink
from tests.graph.tenant import entity, key, load, vm

pytestmark = pytest.mark.graph


class Pairs:
    """Machines of one size share a host; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
        self.asked += 1
        for row in rows:
            yield DerivedLink(row["a"], "SHARES", row["b"], properties={"size": row["size"]})


def _derivation(rows: Pairs) -> Derivation:
    return Derivation(
        name="pairs",
        inputs=("azure_vm",),
        relationships=(("azure_vm", "SHARES", "azure_vm"),),
        query="MATCH (a:azure_vm), (b:azure_vm) WHERE a._key < b._key AND a.size = b.size "
        "RETURN a._key AS a, b._key AS b, a.size AS size",
        rows=rows,
    )


def _pairs(database: Database) -> list[tuple[str, str, str]]:
    rows = database.read(
        "MATCH (a)-[r:SHARES {_derivation: 'pairs'}]->(b) RETURN a.name AS a, b.name AS b, r.size AS size ORDER BY a, b"
    )
    return [(*sorted((row["a"], row["b"])), row["size"]) for row in rows]


def test_derived_once_and_again_where_an_input_changed(database: Database) -> None:
    rows = Pairs()
    derive = {"before_end": lambda run: run.derive([_derivation(rows)])}
    machines = [vm(1, size="s"), vm(2, size="s"), vm(3, size="m")]
    first = load(database, {"azure_vm": machines}, **derive)
    assert _pairs(database) == [("vm-1", "vm-2", "s")]
    assert first.relationships["azure_vm|SHARES|azure_vm"] == 1
    assert load(database, {"azure_vm": machines}, **derive).counters.total == 0
    load(database, {"azure_vm": machines, "azure_nic": [entity("nic", 9)]}, **derive)
    assert rows.asked == 1, "no input changed"
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="m"), vm(3, size="m")]}, **derive)
    assert _pairs(database) == [("vm-2", "vm-3", "m")]
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="m")]}, **derive)
    assert _pairs(database) == []
    assert rows.asked == 3


def test_a_run_that_did_not_derive_leaves_it_to_the_next(database: Database) -> None:
    rows = Pairs()
    machines = [vm(1, size="s"), vm(2, size="s")]
    load(database, {"azure_vm": machines}, before_end=lambda run: None)
    load(database, {"azure_vm": machines}, before_end=lambda run: run.derive([_derivation(rows)]))
    assert len(_pairs(database)) == 1
    load(database, {"azure_vm": machines}, before_end=lambda run: None)
    load(database, {"azure_vm": machines}, before_end=lambda run: run.derive([]))
    assert _pairs(database) == [], "a derivation that is no longer declared takes its relationships along"


def test_a_changed_record_keeps_its_derived_relationships_and_a_gone_one_becomes_no_stub_for_them(
    database: Database,
) -> None:
    rows = Pairs()
    derive = {"before_end": lambda run: run.derive([_derivation(rows)])}
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="s")]}, **derive)
    load(database, {"azure_vm": [vm(1, size="s", new=1), vm(2, size="s")]}, **derive)
    assert len(_pairs(database)) == 1
    load(database, {"azure_vm": [vm(1, size="s", new=1)]}, before_end=lambda run: None)
    assert database.read("MATCH (n {_key: $key}) RETURN n", {"key": key("vm", 2)}) == []
