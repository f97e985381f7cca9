"""Every query and check of the library, run on its own examples in a real Neo4j."""

from __future__ import annotations

import pytest

from loader.coverage import Coverage
from loader.library import Check, Query
from loader.library.example_format import CheckExample, ExampleGraph, ExampleScope
from loader.library.examples import place_example
from loader.library.playing import play_query
from loader.packs import Verdict, evaluate_check
from loader.packs.playing import play_check
from tests.draft import Draft

pytestmark = pytest.mark.packs


def steps_of(check: Check) -> list[str]:
    return [*check.resource, *check.needs, *check.doubts]


def test_a_query_returns_what_its_examples_say(draft: Draft, query: Query) -> None:
    assert any(example.returns for example in query.examples), "no example returns anything"
    assert any(example.not_returned for example in query.examples), "no example says what must not be returned"
    for example in query.examples:
        with draft.undone():
            assert play_query(draft, query, example) == [], example.name


def test_a_check_gives_the_verdicts_its_examples_say(draft: Draft, check: Check) -> None:
    assert any(example.passes for example in check.examples), "no example passes"
    assert any(example.fails for example in check.examples), "no example fails"
    for example in check.examples:
        with draft.undone():
            assert play_check(draft, check, example) == [], example.name


@pytest.mark.first_neo4j
def test_a_check_is_not_evaluated_where_its_data_is_not_whole(draft: Draft, check: Check) -> None:
    for step in dict.fromkeys(steps_of(check)):
        example = check.examples[0].model_copy(update={"scopes": {step: ExampleScope(status="forbidden")}})
        with draft.undone():
            keys = place_example(draft, example, steps_of(check), check.texts.values())
            result = evaluate_check(draft, check, Coverage.read(draft), example.parameters)
        kind, _, detail = step.partition(".")
        # Of a check about several types, what one of them has not says nothing about the others.
        others = {
            keys[alias]
            for alias, node in example.graph.nodes.items()
            if kind in check.resource and node.type in check.resource and node.type != kind
        }
        touched = [one for one in result.resources if one.key not in others]
        if not touched and detail:
            continue  # The example has nothing that the detail is of.
        assert result.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE)
        if step in check.doubts:
            # A doubt takes passes away, and leaves failures.
            touched = [one for one in touched if one.verdict is not Verdict.FAIL]
            if not touched:
                continue
        assert {one.verdict for one in touched} == {Verdict.NOT_EVALUATED}, step
        reason = next(one.reason for one in touched if step in one.reason)
        assert "forbidden" in reason
        assert "permission" in reason


@pytest.mark.first_neo4j
def test_a_check_without_population_does_not_apply(draft: Draft, check: Check) -> None:
    nothing = CheckExample.model_validate({"name": "nothing", "graph": ExampleGraph()})
    with draft.undone():
        place_example(draft, nothing, steps_of(check))
        result = evaluate_check(draft, check, Coverage.read(draft))
    assert (result.verdict, result.resources) == (Verdict.NOT_APPLICABLE, [])


@pytest.mark.first_neo4j
def test_a_check_of_an_empty_graph_is_not_evaluated(draft: Draft, check: Check) -> None:
    with draft.undone():
        draft.write(lambda transaction: transaction.run("CREATE (n) DELETE n"))  # as every draft has written
        result = evaluate_check(draft, check, Coverage.read(draft))
    assert result.verdict is Verdict.NOT_EVALUATED
    assert "azgraph sync" in result.reason
