"""The shipped rules: each example is played on the real database."""

import pytest

from loader.alerts.examples import play_example
from loader.alerts.rule import Kind
from loader.alerts.store import ensure_schema
from tests.alerts.conftest import RULES


@pytest.mark.packs
def test_examples_of_a_rule(draft, rule):
    ensure_schema(draft)  # which the rule would see to, where nothing has been written yet
    for example in rule.examples:
        with draft.undone():
            assert play_example(draft, rule, example) == [], example.name


def test_there_are_rules_of_every_kind():
    assert len(RULES) >= 250
    assert {str(rule.kind) for rule in RULES} == {"state", "change", "expiry"}


@pytest.mark.parametrize("rule", [one for one in RULES if one.kind is not Kind.CHANGE], ids=lambda one: one.id)
def test_examples_show_how_an_alert_ends(rule):
    """What a change rule opens ends by time; each other rule shows a life to its end."""
    assert any(example.then and example.then.resolves for example in rule.examples)
