"""Stubs in the way of every check, query and rule: nodes that are known only because another entity points at them.

Generated from the library itself: each text gets the graph of each of its examples, and with it two stubs of each type
that it names (one with nothing but a key, one that has a type and no name), standing also at the far ends of every
relationship that the model declares for a node of the example. All of it is written in a transaction that is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from loader import services
from loader.alerts.findings import known_entities, read_rows
from loader.alerts.library import shipped_rules
from loader.coverage import Coverage
from loader.graph.database import Database, Transaction
from loader.graph.native import Row, native
from loader.library import shipped_library
from loader.library.cypher import entity_types_in
from loader.library.example_format import QueryExample
from loader.library.examples import place_example
from loader.library.parameters import bind
from loader.model import ANY_PRINCIPAL, ANY_RESOURCE, ANY_SCOPE, Relationship
from loader.packs import evaluate_check

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]
LIBRARY = shipped_library()
RULES = list(shipped_rules().rules.values())
# What stands for the ends that may be of any type.
ANY = {ANY_SCOPE: "azure_resource_group", ANY_RESOURCE: "azure_vm", ANY_PRINCIPAL: "azure_user"}
# What an engine says of a row that it cannot take; no check of ours may make it do so.
SPOILT = ("gives no sentence", "said nothing", "speaks of it twice", "must say true", "failed", "does not return")


class Draft:
    """What the rooms take for a database: one open transaction, which nobody commits."""

    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction

    def read(
        self, query: str, parameters: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> list[Row]:
        rows = self._transaction.run(query, dict(parameters or {}))
        return [{name: native(value) for name, value in row.data().items()} for row in rows]

    def write(self, work: Callable[[Transaction], Any]) -> Any:
        return work(Transaction(self._transaction))


@contextmanager
def draft(database: Database) -> Iterator[Draft]:
    with database.session(access="WRITE") as session, session.begin_transaction() as transaction:
        yield Draft(transaction)
        transaction.rollback()


def place_stubs(world: Draft, texts: Iterable[str], needs: Iterable[str]) -> None:
    """Stubs of the types that the texts name, and at the far ends of what the example's own nodes have and may have."""
    types = services.entity_types()
    present = world.read("MATCH (n:Entity) WHERE n._stub IS NULL RETURN n._key AS key, n._type AS type")
    related = world.read(
        "MATCH (a:Entity)-[r]->(b:Entity) WHERE a._stub IS NULL AND b._stub IS NULL "
        "RETURN a._key AS a, type(r) AS verb, b._key AS b, properties(r) AS own, a._type AS aType, b._type AS bType"
    )
    edges = [
        (other, one.verb, row["key"], {}) if one.is_incoming else (row["key"], one.verb, other, {})
        for row in present
        for one in (types[row["type"]].relationships if row["type"] in types else ())
        if one.make is None  # those have properties, as the example's own have
        for other in others(one)
    ]
    # Beside each relationship of the example the same one to and from a stub.
    edges += [(row["a"], row["verb"], row["bType"], row["own"]) for row in related]
    edges += [(row["aType"], row["verb"], row["b"], row["own"]) for row in related]
    named = {name for text in texts for name in entity_types_in(text)} | {need.partition(".")[0] for need in needs}
    keys = {row["key"] for row in present}
    wanted = sorted({*named, *(end for start, _, far, _ in edges for end in (start, far) if end not in keys)})
    stubs = [
        {"labels": labels_of(name), "properties": {"_key": f"stub|{name}|{kind}", "_stub": True} | more}
        for name in wanted
        for kind, more in (("bare", {}), ("typed", {"_type": name}))
    ]
    rows = [
        [start if start in keys else f"stub|{start}|{kind}", verb, far if far in keys else f"stub|{far}|{kind}", own]
        for start, verb, far, own in edges
        for kind in ("bare", "typed")
    ]

    def work(transaction: Transaction) -> None:
        transaction.run("UNWIND $stubs AS stub CREATE (n:$(stub.labels)) SET n = stub.properties", stubs=stubs)
        transaction.run(
            "UNWIND $rows AS row MATCH (a:Entity {_key: row[0]}), (b:Entity {_key: row[2]}) "
            "CREATE (a)-[r:$(row[1])]->(b) SET r = row[3]",
            rows=rows,
        )

    world.write(work)


def labels_of(name: str) -> list[str]:
    declared = services.entity_types().get(name)
    return list(declared.labels) if declared else ["Entity", name]


def others(one: Relationship) -> list[str]:
    named = (one.other,) if isinstance(one.other, str) else one.other
    return [ANY.get(other, other) for other in named]


def told(faults: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {fault}" for name, fault in faults.items())


def is_stub(value: object) -> bool:
    return isinstance(value, str) and value.startswith("stub|")


def test_no_stub_is_in_the_way_of_a_check(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # What texts may do is held elsewhere, and planning each of them twice takes most of the time.
    monkeypatch.setattr("loader.library.running.admit", lambda *_: [])
    faults: dict[str, str] = {}
    for check in LIBRARY.checks.values():
        for example in check.examples:
            with draft(database) as world:
                needs = [*check.resource, *check.needs]
                place_example(world, example, needs, check.texts.values())
                coverage = Coverage.read(world)
                before = evaluate_check(world, check, coverage, example.parameters)
                place_stubs(world, check.texts.values(), needs)
                after = evaluate_check(world, check, coverage, example.parameters)
            populations = [{one.key for one in result.resources} for result in (before, after)]
            if any(map(is_stub, populations[1])) or not populations[0] <= populations[1]:
                faults[check.id] = f"{example.name}: another population: {populations}"
            spoilt = [one.reason for one in after.resources if any(words in one.reason for words in SPOILT)]
            if spoilt:
                faults[check.id] = f"{example.name}: {spoilt[0]}"
    assert not faults, told(faults)


def test_no_stub_is_in_the_way_of_a_query(database: Database) -> None:
    faults: dict[str, str] = {}
    for query in LIBRARY.queries.values():
        for example in query.examples:
            parameters = bind("The query", query.parameters, example.parameters)
            with draft(database) as world:
                place_example(world, example, query.needs, query.texts.values())
                place_stubs(world, query.texts.values(), query.needs)
                try:
                    rows = world.read(query.cypher, parameters)
                except Exception as error:  # whatever it is, it is the query's fault
                    faults[query.id] = f"{example.name}: {error}"
                    continue
            for row in rows:
                named = ("name",) if any(is_stub(value) for value in row.values()) else ()
                empty = [name for name in (*query.identity, *named) if name in row and row[name] is None]
                if empty:
                    faults[query.id] = f"{example.name}: {empty[0]} is null in {row}"
    assert not faults, told(faults)


def test_no_stub_is_in_the_way_of_a_rule(database: Database) -> None:
    faults: dict[str, str] = {}
    for rule in RULES:
        for example in rule.examples:
            now = datetime.now(UTC)
            given = {"now": now, "sinceSeq": 1, "days": max((one.days for one in rule.buckets), default=0)}
            with draft(database) as world:
                place_example(
                    world, QueryExample(name="it", graph=example.graph, returns=[]), rule.needs, [rule.cypher]
                )
                place_stubs(world, [rule.cypher], rule.needs)
                try:
                    raw = world.read(rule.cypher, bind("The rule", rule.parameters, {}) | given)
                    rows, spoilt = read_rows(rule, raw, now=now, since=1, until=2)
                    known = known_entities(world, rule, (row.entity_key for row in rows))
                    found = [row.finding(rule, known[row.entity_key]) for row in rows]
                except Exception as error:  # whatever it is, it is the rule's fault
                    faults[rule.id] = f"{example.name}: {error}"
                    continue
            if spoilt:
                faults[rule.id] = f"{example.name}: {spoilt[0]}"
            if any(is_stub(one.entity_key) for one in found):
                faults[rule.id] = f"{example.name}: an alert about a stub"
    assert not faults, told(faults)
