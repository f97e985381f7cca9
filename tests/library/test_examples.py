"""Every query and check of the library, run on its own examples in a real Neo4j."""

from __future__ import annotations

import pytest

from loader.coverage import Coverage
from loader.graph import Database
from loader.library import Check, Query, run_query, shipped_library
from loader.library.example_format import CheckExample, ExampleGraph, ExampleScope
from loader.library.examples import place_example
from loader.library.gate import admit
from loader.library.running import plain
from loader.packs import Verdict, evaluate_check

pytestmark = pytest.mark.packs
LIBRARY = shipped_library()
QUERIES = [pytest.param(one, id=one.id) for one in LIBRARY.queries.values()]
CHECKS = [pytest.param(one, id=one.id) for one in LIBRARY.checks.values()]


def empty(database: Database) -> None:
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))


def steps_of(check: Check) -> list[str]:
    return [*check.resource, *check.needs]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_returns_what_its_examples_say(database: Database, query: Query) -> None:
    assert any(example.returns for example in query.examples), "no example returns anything"
    assert any(example.not_returned for example in query.examples), "no example says what must not be returned"
    for example in query.examples:
        empty(database)
        keys = place_example(database, example, query.needs, query.texts.values())
        result = run_query(database, query, example.parameters)
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
            parameters = {
                name: one.bind(one.default) for name, one in query.parameters.items() if one.default is not None
            }
            parameters |= {name: query.parameters[name].bind(value) for name, value in example.parameters.items()}
            admit(database, query.id, query.graph, parameters)
            assert bool(database.read(query.graph, parameters)) == bool(example.returns), f"{example.name}: graph form"


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_gives_the_verdicts_its_examples_say(database: Database, check: Check) -> None:
    assert any(example.passes for example in check.examples), "no example passes"
    assert any(example.fails for example in check.examples), "no example fails"
    for example in check.examples:
        empty(database)
        keys = place_example(database, example, steps_of(check), check.texts.values())
        result = evaluate_check(database, check, Coverage.read(database), example.parameters)
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
@pytest.mark.parametrize("check", CHECKS)
def test_a_check_is_not_evaluated_where_its_data_is_not_whole(database: Database, check: Check) -> None:
    for step in dict.fromkeys(steps_of(check)):
        example = check.examples[0].model_copy(update={"scopes": {step: ExampleScope(status="forbidden")}})
        empty(database)
        keys = place_example(database, example, steps_of(check), check.texts.values())
        result = evaluate_check(database, check, Coverage.read(database), example.parameters)
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
        assert {one.verdict for one in touched} == {Verdict.NOT_EVALUATED}, step
        reason = next(one.reason for one in touched if step in one.reason)
        assert "forbidden" in reason
        assert "permission" in reason


@pytest.mark.first_neo4j
@pytest.mark.parametrize("check", CHECKS)
def test_a_check_without_population_does_not_apply(database: Database, check: Check) -> None:
    nothing = CheckExample.model_validate({"name": "nothing", "graph": ExampleGraph()})
    place_example(database, nothing, steps_of(check))
    result = evaluate_check(database, check, Coverage.read(database))
    assert (result.verdict, result.resources) == (Verdict.NOT_APPLICABLE, [])


@pytest.mark.first_neo4j
@pytest.mark.parametrize("check", CHECKS)
def test_a_check_of_an_empty_graph_is_not_evaluated(database: Database, check: Check) -> None:
    result = evaluate_check(database, check, Coverage.read(database))
    assert result.verdict is Verdict.NOT_EVALUATED
    assert "azgraph sync" in result.reason
