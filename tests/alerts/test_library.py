"""The shipped rules: each example is played on the real database."""

import pytest

from loader.alerts.examples import play_example
from loader.alerts.library import load_rules

RULES = load_rules()
EXAMPLES = [pytest.param(rule, example, id=f"{rule.id}: {example.name}") for rule in RULES for example in rule.examples]


@pytest.mark.packs
@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(database, rule, example):
    assert play_example(database, rule, example) == []


def test_there_are_rules_of_every_kind():
    assert len(RULES) >= 12
    assert {str(rule.kind) for rule in RULES} == {"state", "change", "expiry"}
