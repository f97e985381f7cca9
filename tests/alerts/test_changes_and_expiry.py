"""Change rules and expiry rules, on the real database."""

import json
from datetime import timedelta

import pytest

pytestmark = pytest.mark.packs


def events(outcome):
    return {event: number for event, number in outcome.counts.items() if number}


def test_a_change_opens_one_alert_once(world, change_rule):
    world.run()
    key = world.vault("shop")
    world.evaluate(change_rule)
    world.run()
    world.change(1, key)
    assert events(world.evaluate(change_rule)) == {"opened": 1}
    assert world.one().is_new
    world.run()
    assert events(world.evaluate(change_rule)) == {"ongoing": 1}
    world.run()
    world.change(2, key)
    assert events(world.evaluate(change_rule)) == {"ongoing": 1, "opened": 1}


def test_a_change_alert_closes_after_its_time_and_stays_closed(world, change_rule):
    world.run()
    key = world.vault("shop")
    world.evaluate(change_rule)
    world.run()
    world.change(1, key)
    world.evaluate(change_rule)
    world.now += timedelta(days=13)
    assert events(world.evaluate(change_rule)) == {"ongoing": 1}
    world.now += timedelta(days=1)
    assert events(world.evaluate(change_rule)) == {"closed": 1}
    assert (world.one().state, world.one().resolved_by) == ("resolved", "time")
    world.write("MATCH (r:AlertRule) SET r.lastEvaluatedSeq = 0")  # old news is read once more
    assert events(world.evaluate(change_rule)) == {"left": 1}
    assert world.one().state == "resolved"


def test_the_same_thing_changing_again_reopens_where_identity_says_so(world, change_rule):
    rule = change_rule.model_copy(update={"identity": ["entity"]})
    world.run()
    key = world.vault("shop")
    world.evaluate(rule)
    world.run()
    world.change(1, key)
    world.evaluate(rule)
    world.now += timedelta(days=20)
    assert events(world.evaluate(rule)) == {"closed": 1}
    world.run()
    world.change(2, key)
    assert events(world.evaluate(rule)) == {"reopened": 1}
    assert world.one().times_opened == 2


def test_changes_of_a_run_that_is_not_over_wait(world, change_rule):
    world.run()
    key = world.vault("shop")
    world.evaluate(change_rule)
    world.run(status="running")
    world.change(1, key)
    assert not events(world.evaluate(change_rule))
    world.write("MATCH (r:SyncRun {status: 'running'}) SET r.status = 'complete'")
    assert events(world.evaluate(change_rule)) == {"opened": 1}


def test_changes_missed_behind_a_refused_step_are_read_again(world, change_rule):
    """What a query could not join in an incomplete run must not be passed over for good."""
    world.run()
    key = world.vault("shop")
    world.evaluate(change_rule)
    joined = change_rule.model_copy(
        update={
            "cypher": change_rule.cypher.replace("RETURN", "MATCH (:Entity {_key: c.entityKey, known: true}) RETURN")
        }
    )
    world.run(status="partial", scopes={"11111111-1111-1111-1111-111111111111": "forbidden"})
    world.change(1, key)
    assert world.evaluate(joined).status == "incomplete"
    world.vault("shop", known=True)
    world.run()
    assert events(world.evaluate(joined)) == {"opened": 1}


def test_a_deleted_entity_is_still_named(world, change_rule):
    world.run()
    world.evaluate(change_rule)
    world.run()
    world.change(1, "/subscriptions/x/vaults/gone", "deleted", scopeId="azure_keyvault_service|x|")
    world.evaluate(change_rule)
    alert = world.one()
    assert (alert.entity_name, alert.entity_type, alert.scope) == (
        "gone",
        "azure_keyvault_service",
        "azure_keyvault_service|x|",
    )
    assert alert.title == "A vault changed: gone"


def test_the_first_evaluation_looks_no_further_back_than_alerts_live(world, change_rule):
    world.run()
    key = world.vault("shop")
    world.change(1, key)
    world.now += timedelta(days=60)
    world.run()
    world.change(2, key)
    outcome = world.evaluate(change_rule)
    assert events(outcome) == {"opened": 1}
    assert json.loads(world.one().values) == {"change": "change-2"}
    assert world.one().baseline


def test_an_expiry_goes_through_its_buckets(world, expiry_rule):
    world.run()
    world.evaluate(expiry_rule)
    world.run()
    due = world.now + timedelta(days=31)
    world.vault("shop", due=due)
    assert not events(world.evaluate(expiry_rule))
    seen = []
    for days_left in (30, 20, 7, 1, 0, -5):
        world.now = due - timedelta(days=days_left)
        world.evaluate(expiry_rule)
        alert = world.one()
        seen.append((alert.bucket, str(alert.severity), alert.notify_key.removeprefix(alert.id)))
    assert seen == [
        (30, "low", ":1:30"),
        (30, "low", ":1:30"),
        (7, "high", ":1:7"),
        (7, "high", ":1:7"),
        (0, "critical", ":1:0"),
        (0, "critical", ":1:0"),
    ]
    assert [json.loads(event)["event"] for event in world.one().history] == ["opened", "reminded", "reminded"]
    world.vault("shop", due=due + timedelta(days=365))
    world.run()
    assert events(world.evaluate(expiry_rule)) == {"resolved": 1}


def test_a_due_time_that_is_none_fails_the_rule(world, expiry_rule):
    world.vault("shop", due="tomorrow")
    world.run()
    assert "`due` is not a datetime" in world.evaluate(expiry_rule).reason
