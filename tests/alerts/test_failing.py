"""What fails for one rule, one row or one node is that one's outcome, and nodes of somebody else's are left alone."""

from __future__ import annotations

import logging

import pytest

from loader.alerts.desk import resolve
from loader.alerts.evaluate import evaluate
from loader.alerts.listing import find_alert, list_alerts
from loader.changes import Span, changes_since, span_of
from loader.errors import UsageError

pytestmark = pytest.mark.packs

# What another tool may keep under our labels: no property of ours, or one that looks like it.
FOREIGN = (
    "CREATE (:Alert {id: 'theirs', state: 'open', severity: 9}), (:Alert {name: 'a'}), (:SyncRun {name: 'a run'}), "
    "(:Alert {id: 'of a rule called as ours is', ruleId: 'vault-bad', state: 'open'}), "
    "(:Change {text: 'a change'}), (:Change {at: datetime('2026-03-01T09:00Z')}), (:AlertRule {name: 'a rule'}), "
    "(:Entity {name: 'an entity'}), (:Entity:azure_keyvault_service {bad: true})"
)

THEIRS = """
MATCH (n) WHERE n.notifyKey IS NULL AND n.seq IS NULL AND n._key IS NULL AND n.runSeq IS NULL AND n.lastStatus IS NULL
RETURN n ORDER BY elementId(n)
"""


def test_a_rule_that_fails_leaves_its_alerts_and_the_other_rules_alone(world, state_rule, expiry_rule):
    world.run()
    world.vault("shop", bad=True)
    world.evaluate(state_rule)
    (before,) = world.alerts()
    world.run()
    broken = state_rule.model_copy(update={"cypher": "MATCH (v:azure_keyvault_service) RETURN 1 / 0 AS entity"})
    gone = state_rule.model_copy(update={"id": "gone", "cypher": "RETURN datetime('+99999-01-01') AS entity"})
    done = evaluate(world.database, [broken, gone, expiry_rule], now=world.now)
    assert [one.status for one in done.outcomes] == ["failed", "failed", "ok"]
    assert "by zero" in done.outcomes[0].reason
    assert world.alerts() == [before]
    assert [one.title for one in done.new] == [
        "Rule gone cannot be evaluated",
        "Rule vault-bad cannot be evaluated",
    ]
    assert world.evaluate(state_rule).status == "ok"
    assert world.failures() == {"vault-bad": "resolved", "gone": "open"}, "who was not evaluated is not judged"


def test_that_a_rule_fails_ends_when_the_rule_is_switched_off(world, state_rule):
    world.run()
    broken = state_rule.model_copy(update={"cypher": "RETURN 1 / 0 AS entity"})
    evaluate(world.database, [broken], now=world.now)
    assert world.failures() == {"vault-bad": "open"}
    evaluate(world.database, [], off=[broken], now=world.now)
    (told,) = list_alerts(world.database, states=["resolved"], rules=["rule-failed"])
    assert told.alert.resolved_by == "off"


def test_a_row_that_cannot_be_read_costs_itself_only_and_nothing_resolves_meanwhile(world, state_rule):
    world.run()
    world.evaluate(state_rule)
    world.vault("shop", bad=True)
    world.vault("bank", bad=True)
    world.evaluate(state_rule)
    world.run()
    world.vault("shop", bad=False)  # would resolve
    world.vault("new", bad=True)  # opens
    query = state_rule.cypher.replace("v._key AS entity", "CASE v.name WHEN 'bank' THEN null ELSE v._key END AS entity")
    odd = state_rule.model_copy(update={"cypher": query})
    outcome = world.evaluate(odd)
    assert outcome.status == "incomplete"
    assert "`entity` is empty" in outcome.reason
    assert {one.entity_name: one.state for one in world.alerts()} == dict.fromkeys(("shop", "bank", "new"), "open")
    assert world.evaluate(state_rule).counts["resolved"] == 1


def test_a_node_that_was_changed_by_hand_fails_its_rule_and_is_left_out_of_lists(
    world, state_rule, expiry_rule, caplog
):
    world.run()
    world.vault("shop", bad=True)
    world.vault("bank", bad=True)
    world.evaluate(state_rule)
    shop = next(one for one in world.alerts() if one.entity_name == "shop")
    world.write("MATCH (a:Alert {id: $id}) SET a.severity = 'dreadful'", id=shop.id)
    done = evaluate(world.database, [state_rule, expiry_rule], now=world.now)
    assert [one.status for one in done.outcomes] == ["failed", "ok"]
    assert shop.id in done.outcomes[0].reason
    with caplog.at_level(logging.ERROR):
        assert [one.alert.entity_name for one in list_alerts(world.database, rules=["vault-bad"])] == ["bank"]
    assert shop.id in caplog.text
    with pytest.raises(UsageError, match="changed by hand"):
        find_alert(world.database, shop.id)


def test_foreign_nodes_are_neither_counted_nor_changed_nor_a_crash(world, state_rule, change_rule, expiry_rule):
    world.write(FOREIGN)
    with pytest.raises(UsageError, match="no run has finished"):
        evaluate(world.database, [state_rule], now=world.now)
    assert changes_since(world.database, Span(0, 99)) == []
    world.run()
    world.change(1, world.vault("shop", bad=True))
    before = world.database.read(THEIRS)
    assert len(before) == 9
    done = evaluate(world.database, [state_rule, change_rule, expiry_rule], now=world.now)
    # Somebody's vault without a key of ours is a row that cannot be read, not an alert.
    assert [one.status for one in done.outcomes] == ["incomplete", "ok", "ok"]
    assert {one.entity_name for one in world.alerts()} == {"shop"}
    assert [one.key for one in changes_since(world.database, span_of(world.database, "0"))] == [
        world.alerts()[0].entity_key
    ]
    assert len(changes_since(world.database, span_of(world.database, "2026-01-01"))) == 1
    with pytest.raises(UsageError, match="no alert"):
        resolve(world.database, "theirs")
    assert world.database.read(THEIRS) == before
