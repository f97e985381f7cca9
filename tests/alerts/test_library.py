"""The shipped rules: each example is played on the real database."""

import pytest

from loader.alerts.examples import play_example
from loader.alerts.library import shipped_rules
from loader.alerts.rule import Kind

RULES = list(shipped_rules().rules.values())
EXAMPLES = [pytest.param(rule, example, id=f"{rule.id}: {example.name}") for rule in RULES for example in rule.examples]


@pytest.mark.packs
@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(database, rule, example):
    assert play_example(database, rule, example) == []


def test_there_are_rules_of_every_kind():
    assert len(RULES) >= 250
    assert {str(rule.kind) for rule in RULES} == {"state", "change", "expiry"}


@pytest.mark.parametrize("rule", [one for one in RULES if one.kind is not Kind.CHANGE], ids=lambda one: one.id)
def test_examples_show_how_an_alert_ends(rule):
    """What a change rule opens ends by time; each other rule shows a life to its end."""
    assert any(example.then and example.then.resolves for example in rule.examples)
