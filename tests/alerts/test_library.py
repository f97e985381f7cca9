"""The shipped rules: each example is played on the real database."""

import pytest

from loader.alerts.examples import play_example
from loader.alerts.library import library_folder, load_rule
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
    assert any(example.then and example.then.resolves for example in rule.examples), (
        f"{rule.id}: no example has `then` with `resolves`, which shows how its alert ends (docs/alert-rules.md)"
    )


@pytest.mark.packs
def test_trusted_domains_are_compared_in_any_case(draft, tmp_path):
    written = (library_folder() / "identity" / "user-guest-untrusted-domain.yaml").read_text(encoding="utf-8")
    path = tmp_path / "user-guest-untrusted-domain.yaml"
    path.write_text(
        written.replace("trusted: {type: list, default: []", "trusted: {type: list, default: [Partner.Example]")
    )
    rule = load_rule(path)
    assert rule.parameters["trusted"].default == ["Partner.Example"]
    ensure_schema(draft)
    with draft.undone():
        assert play_example(draft, rule, rule.examples[0]) == []
