"""Stubs in the way of every rule: each gets the graph of each of its examples, and stubs with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loader.alerts.findings import known_entities, read_rows
from loader.alerts.rule import Rule
from loader.library.example_format import QueryExample
from loader.library.examples import place_example
from loader.library.parameters import bind
from tests.draft import Draft
from tests.library.stubs import is_stub, place_stubs


@pytest.mark.packs
@pytest.mark.first_neo4j
def test_no_stub_is_in_the_way_of_a_rule(draft: Draft, rule: Rule) -> None:
    now = datetime.now(UTC)
    given = {"now": now, "sinceSeq": 1, "days": max((one.days for one in rule.buckets), default=0)}
    parameters = bind("The rule", rule.parameters, {}) | given
    for example in rule.examples:
        graph = QueryExample(name="it", graph=example.graph, returns=[])
        with draft.undone():
            place_example(draft, graph, rule.needs, [rule.cypher])
            place_stubs(draft, [rule.cypher], rule.needs)
            rows, spoilt = read_rows(rule, draft.read(rule.cypher, parameters), now=now, since=1, until=2)
            known = known_entities(draft, rule, (row.entity_key for row in rows))
        assert not spoilt, f"{example.name}: {spoilt[0]}"
        found = [row.finding(rule, known[row.entity_key]) for row in rows]
        assert not any(is_stub(one.entity_key) for one in found), f"{example.name}: an alert about a stub"
