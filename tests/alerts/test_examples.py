"""Playing an example finds what is wrong with it: a rule's life is compared with what is said, run by run."""

import pytest

from loader.alerts.examples import play_example
from loader.errors import UsageError

from .conftest import STATE_RULE

pytestmark = pytest.mark.packs

THEN = "    then: {nodes: {a: {bad: null}}, resolves: [a]}\n"


@pytest.mark.parametrize(
    ("then", "cypher", "fault"),
    [
        (THEN, None, None),
        ("    then: {gone: [a], resolves: [a]}\n", None, None),
        ("    then: {nodes: {a: {bad: null}}}\n", None, "the alert of a ends too"),
        ("    then: {nodes: {a: {why: x}}, resolves: [a]}\n", None, "the alert of a must end"),
        ("    then: {nodes: {b: {bad: true}}}\n", None, "b opens with what `then` changes"),
        ("", "RETURN v._key AS entity, v.name AS name, rand() AS why", "says something else"),
    ],
)
def test_faults_of_a_life(database, world, then, cypher, fault):
    rule = world.rule(STATE_RULE + then)
    if cypher:
        rule = rule.model_copy(update={"cypher": rule.cypher.partition("RETURN")[0] + cypher})
    faults = play_example(database, rule, rule.examples[0])
    assert [fault in one for one in faults] == [True] if fault else not faults


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ("{resolves: [a]}", "needs `nodes`"),
        ("{gone: [c], resolves: [a]}", "no node 'c'"),
        ("{gone: [b], resolves: [b]}", "which `opens` does not name"),
        ("{unlinked: [[a, HAS, b]], resolves: [a]}", "unlinks a HAS b"),
        ("{linked: [[a, HAS]], resolves: [a]}", "[node, VERB, node]"),
    ],
)
def test_a_then_that_is_none_is_refused(world_without_graph, then, reason):
    with pytest.raises(UsageError) as refused:
        world_without_graph(f"{STATE_RULE}    then: {then}\n")
    assert reason in str(refused.value)


@pytest.fixture
def world_without_graph(tmp_path):
    from .conftest import World

    return World(None, tmp_path).rule
