"""A value that nobody knows is not evaluated, and the reason names it; each known one is judged or told about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loader.coverage import Coverage
from loader.graph import Database
from loader.library import Check
from loader.library.closed import closed_properties
from loader.library.example_format import CheckExample
from loader.library.examples import place_example
from loader.library.library import shipped_library
from loader.packs import Verdict, evaluate_check

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]

INVENTED = "InventedByContoso"
CLOSED = [
    (check, name, sorted(values))
    for check in shipped_library().checks.values()
    for name, values in closed_properties(check).items()
]


def variants(check: Check, name: str, values: list[str]) -> Iterator[tuple[str, CheckExample]]:
    """The first example in which a resource has the property, with each value in its place, and an invented one."""
    for example in check.examples:
        holders = [alias for alias, node in example.graph.nodes.items() if name in node.properties]
        if not any(example.graph.nodes[alias].type in check.resource for alias in holders):
            continue
        for value in (*values, INVENTED):
            copied = example.model_copy(deep=True)
            for alias in holders:
                node = copied.graph.nodes[alias]
                node.properties[name] = [value] if isinstance(node.properties[name], list) else value
            yield value, copied
        return


@pytest.mark.parametrize(("check", "name", "values"), CLOSED, ids=lambda one: getattr(one, "id", None) or str(one)[:30])
def test_an_unknown_value_is_not_evaluated_and_named(
    database: Database, check: Check, name: str, values: list[str]
) -> None:
    tried = dict(variants(check, name, values))
    assert INVENTED in tried, f"no example of {check.id} has {name}"
    for value, example in tried.items():
        database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
        keys = place_example(database, example, [*check.resource, *check.needs])
        results = evaluate_check(database, check, Coverage.read(database)).resources
        having = {keys[alias] for alias, node in example.graph.nodes.items() if name in node.properties}
        for one in results:
            if one.key in having and value == INVENTED:
                assert (one.verdict, INVENTED in one.reason) == (Verdict.NOT_EVALUATED, True), one.reason
            elif one.key in having:
                assert "which this check does not know" not in one.reason
