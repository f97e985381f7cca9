"""Stubs in the way of every check and query: each text gets the graph of each of its examples, and stubs with it.

Those in the way of rules are in `tests/alerts/test_stubs.py`.
"""

from __future__ import annotations

import pytest

from loader.coverage import Coverage
from loader.library import Check, Query
from loader.library.examples import place_example
from loader.library.parameters import bind
from loader.packs import evaluate_check
from tests.draft import Draft
from tests.library.stubs import is_stub, place_stubs

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]
# What an engine says of a row that it cannot take; no check of ours may make it do so.
SPOILT = ("gives no sentence", "said nothing", "speaks of it twice", "must say true", "failed", "does not return")


def test_no_stub_is_in_the_way_of_a_check(draft: Draft, check: Check) -> None:
    needs = [*check.resource, *check.needs, *check.doubts]
    for example in check.examples:
        with draft.undone():
            place_example(draft, example, needs, check.texts.values())
            coverage = Coverage.read(draft)
            before = evaluate_check(draft, check, coverage, example.parameters)
            place_stubs(draft, check.texts.values(), needs)
            after = evaluate_check(draft, check, coverage, example.parameters)
        populations = [{one.key for one in result.resources} for result in (before, after)]
        assert not any(map(is_stub, populations[1])), f"{example.name}: a stub among {populations[1]}"
        assert populations[0] <= populations[1], f"{example.name}: another population"
        spoilt = [one.reason for one in after.resources if any(words in one.reason for words in SPOILT)]
        assert not spoilt, f"{example.name}: {spoilt[0]}"


def test_no_stub_is_in_the_way_of_a_query(draft: Draft, query: Query) -> None:
    for example in query.examples:
        parameters = bind("The query", query.parameters, example.parameters)
        with draft.undone():
            place_example(draft, example, query.needs, query.texts.values())
            place_stubs(draft, query.texts.values(), query.needs)
            rows = draft.read(query.cypher, parameters)
        for row in rows:
            named = ("name",) if any(is_stub(value) for value in row.values()) else ()
            empty = [name for name in (*query.identity, *named) if name in row and row[name] is None]
            assert not empty, f"{example.name}: {empty[0]} is null in {row}"
