"""Every query and check of the library, run on its own examples in a real Neo4j."""

from __future__ import annotations

import pytest

from loader.coverage import Coverage
from loader.graph.native import Row
from loader.library import Check, Query, run_query
from loader.library.example_format import CheckExample, ExampleGraph, ExampleScope, QueryExample
from loader.library.examples import place_example
from loader.library.parameters import bind
from loader.library.running import TIMEOUT, plain, read
from loader.packs import Verdict, evaluate_check
from tests.draft import Draft

pytestmark = pytest.mark.packs


def steps_of(check: Check) -> list[str]:
    return [*check.resource, *check.needs, *check.doubts]


def graph_form(draft: Draft, query: Query, example: QueryExample) -> list[Row]:
    """The rows of what Neo4j Browser draws for the query, where it has such a form."""
    if not query.graph:
        return []
    return read(draft, query.id, query.graph, bind("The query", query.parameters, example.parameters), TIMEOUT)


def test_a_query_returns_what_its_examples_say(draft: Draft, query: Query) -> None:
    assert any(example.returns for example in query.examples), "no example returns anything"
    assert any(example.not_returned for example in query.examples), "no example says what must not be returned"
    for example in query.examples:
        with draft.undone():
            keys = place_example(draft, example, query.needs, query.texts.values())
            result = run_query(draft, query, example.parameters)
            drawn = graph_form(draft, query, example)
        rows = [{name: plain(value) for name, value in row.items()} for row in result.rows]

        def means(wanted, row, keys=keys):
            values = {
                name: keys[value[1:]] if isinstance(value, str) and value.startswith("@") else value
                for name, value in wanted.items()
            }
            return all(name in row and row[name] == value for name, value in values.items())

        left = list(rows)
        for wanted in example.returns:
            found = next((row for row in left if means(wanted, row)), None)
            assert found is not None, f"{example.name}: {wanted} is not among {rows}"
            left.remove(found)
        assert not left, f"{example.name}: also returned {left}"
        for unwanted in example.not_returned:
            assert not any(means(unwanted, row) for row in rows), f"{example.name}: returned {unwanted}"
        identities = [tuple(str(row[name]) for name in query.identity) for row in rows]
        assert all(row[name] is not None for row in rows for name in query.identity), f"{example.name}: null identity"
        assert len(set(identities)) == len(identities), f"{example.name}: the identity does not tell rows apart"
        if not example.scopes:
            assert not result.missing
        if query.graph:
            assert bool(drawn) == bool(example.returns), f"{example.name}: graph form"


def test_a_check_gives_the_verdicts_its_examples_say(draft: Draft, check: Check) -> None:
    assert any(example.passes for example in check.examples), "no example passes"
    assert any(example.fails for example in check.examples), "no example fails"
    for example in check.examples:
        with draft.undone():
            keys = place_example(draft, example, steps_of(check), check.texts.values())
            result = evaluate_check(draft, check, Coverage.read(draft), example.parameters)
        expected = {}
        for verdict, aliases in (
            (Verdict.PASS, example.passes),
            (Verdict.FAIL, example.fails),
            (Verdict.NOT_EVALUATED, example.not_evaluated),
        ):
            expected |= {keys[alias]: (verdict, words) for alias, words in aliases.items()}
        own = {one.key: one for one in result.resources if one.key in keys.values()}
        told = {key: (one.verdict, one.reason) for key, one in own.items()}
        assert {key: verdict for key, (verdict, _) in told.items()} == {
            key: verdict for key, (verdict, _) in expected.items()
        }, f"{example.name}: {told}"
        for key, (_, words) in expected.items():
            assert words in told[key][1], f"{example.name}: {key}: {told[key][1]!r} lacks {words!r}"
            assert told[key][1].endswith("."), f"{example.name}: {key}: the reason is no sentence"


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
