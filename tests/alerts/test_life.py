"""The life of alerts of state rules, on the real database."""

import json
from datetime import timedelta

import pytest

from loader.alerts import desk, store
from loader.alerts import evaluate as evaluating
from loader.alerts.desk import acknowledge, mute, resolve
from loader.alerts.evaluate import evaluate
from loader.alerts.explaining import explain_alert
from loader.alerts.listing import find_alert
from loader.errors import UsageError
from loader.graph import Counters

from .conftest import ONE, TWO

pytestmark = pytest.mark.packs


def counts(outcome):
    return {event: number for event, number in outcome.counts.items() if number}


def test_an_alert_opens_stays_resolves_and_reopens(world, state_rule):
    world.run()
    world.evaluate(state_rule)  # the baseline: nothing is bad yet
    world.run()
    key = world.vault("shop", bad=True, why="no reason")
    outcome = world.evaluate(state_rule)
    assert (outcome.status, counts(outcome)) == ("ok", {"opened": 1})
    alert = world.one()
    assert (alert.state, alert.is_new, alert.times_opened, alert.opened_seq) == ("open", True, 1, 2)
    assert (alert.title, alert.entity_key, alert.entity_type) == ("shop is bad", key, "azure_keyvault_service")
    assert json.loads(alert.values) == {"name": "shop", "why": "no reason"}
    assert find_alert(world.database, alert.id[:6]).web_link == "https://portal.example/vault"

    world.run()
    assert counts(world.evaluate(state_rule)) == {"ongoing": 1}
    alert = world.one()
    assert (alert.is_new, alert.last_seen_seq, alert.opened_seq) == (False, 3, 2)

    world.vault("shop", bad=False)
    world.run()
    assert counts(world.evaluate(state_rule)) == {"resolved": 1}
    alert = world.one()
    assert (alert.state, alert.resolved_at, alert.resolved_seq, alert.resolved_by) == ("resolved", world.now, 4, "rule")

    world.vault("shop", bad=True)
    world.run()
    outcome = world.evaluate(state_rule)
    assert counts(outcome) == {"reopened": 1}
    assert [one.title for one in outcome.new] == ["shop is bad"]
    alert = world.one()
    assert (alert.state, alert.times_opened, alert.is_new, alert.resolved_at) == ("open", 2, True, None)
    assert [json.loads(event)["event"] for event in alert.history] == ["opened", "resolved", "reopened"]


def test_the_first_evaluation_is_a_baseline(world, state_rule):
    world.vault("shop", bad=True)
    world.run()
    outcome = world.evaluate(state_rule)
    assert (counts(outcome), outcome.new) == ({"opened": 1}, ())
    assert (world.one().baseline, world.one().is_new) == (True, False)


def test_evaluating_twice_writes_nothing(world, state_rule, change_rule, expiry_rule, monkeypatch):
    world.run()
    rules = [state_rule, change_rule, expiry_rule]
    evaluate(world.database, rules, now=world.now)
    world.run()
    key = world.vault("shop", bad=True, due=world.now + timedelta(days=3))
    world.change(1, key)
    evaluate(world.database, rules, now=world.now)
    assert len(world.alerts("open")) == 3
    touched = Counters()
    write = world.database.write

    def counted(work):
        result, counters = write(work)
        touched.add(counters)
        return result, counters

    monkeypatch.setattr(world.database, "write", counted)
    again = evaluate(world.database, rules, now=world.now + timedelta(minutes=5))
    assert again.totals["opened"] == again.totals["reopened"] == again.totals["resolved"] == 0
    assert touched.total == 0
    world.vault("late", bad=True)
    evaluate(world.database, rules, now=world.now)
    assert touched.total > 0, "the counters count"


def test_nothing_is_resolved_where_the_data_is_not_whole(world, state_rule):
    world.vault("one", ONE, bad=True)
    world.vault("two", TWO, bad=True)
    world.run()
    world.evaluate(state_rule)
    world.vault("one", ONE, bad=False)
    world.vault("two", TWO, bad=False)
    world.run(status="partial", scopes={TWO: "forbidden"})
    outcome = world.evaluate(state_rule)
    assert (outcome.status, counts(outcome)) == ("incomplete", {"resolved": 1, "held": 1})
    assert "We may not list them." in outcome.gaps[0].sentence
    assert [alert.title for alert in world.alerts("open")] == ["two is bad"]
    world.run()
    assert counts(world.evaluate(state_rule)) == {"resolved": 1}


@pytest.mark.parametrize("status", ["running", "failed"])
def test_nothing_is_resolved_in_the_middle_of_a_run(world, state_rule, status):
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    world.vault("shop", bad=False)
    world.run(status=status)
    assert counts(world.evaluate(state_rule)) == {"held": 1}


def test_an_entity_of_unknown_place_resolves_only_when_all_is_whole(world, state_rule):
    """The null-scope trap: without a `_scope` nothing may resolve by accident, nor stay for ever."""
    world.run()
    world.write("CREATE (:Entity:azure_keyvault_service {_key: 'nowhere', name: 'nowhere', bad: true})")
    world.evaluate(state_rule)
    assert world.one().scope == ""
    world.write("MATCH (v:Entity {_key: 'nowhere'}) SET v.bad = false")
    world.run(status="partial", scopes={ONE: "failed"})
    assert counts(world.evaluate(state_rule)) == {"held": 1}
    world.run()
    assert counts(world.evaluate(state_rule)) == {"resolved": 1}


def test_an_alert_outlives_its_entity_and_finds_it_again(world, state_rule):
    key = world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    world.delete(key)
    world.run(status="partial", scopes={ONE: "failed"})
    assert counts(world.evaluate(state_rule)) == {"held": 1}
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    edges = world.database.read("MATCH (a:Alert)-[:ALERT_ON]->(e) RETURN e._key AS key")
    assert [row["key"] for row in edges] == [key]


def test_a_failing_rule_touches_nothing_and_stops_no_other(world, state_rule):
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    before = world.one()
    broken = state_rule.model_copy(update={"cypher": "MATCH (v:azure_keyvault_service) RETURN v._key / 0 AS entity"})
    other = state_rule.model_copy(update={"id": "other"})
    world.run()
    evaluation = evaluate(world.database, [broken, other], now=world.now)
    assert [outcome.status for outcome in evaluation.outcomes] == ["failed", "ok"]
    assert evaluation.failed
    assert evaluation.outcomes[0].reason.startswith("The query of vault-bad failed:")
    assert before in world.alerts("open")
    states = world.database.read(
        "MATCH (r:AlertRule) RETURN r.id AS id, r.lastStatus AS status, r.lastEvaluatedSeq AS seq"
    )
    assert {(row["id"], row["status"], row["seq"]) for row in states} == {
        ("vault-bad", "failed", 1),
        ("other", "ok", 2),
    }


@pytest.mark.parametrize(
    ("cypher", "reason"),
    [
        ("RETURN null AS entity, 'a' AS name", "`entity` is empty"),
        ("RETURN 'a' AS entity", "the column 'name'"),
        ("CREATE (n:Planted) RETURN 'a' AS entity, 'a' AS name", "may only read"),
    ],
)
def test_rows_that_do_not_keep_the_promise_fail_the_rule(world, state_rule, cypher, reason):
    world.run()
    outcome = world.evaluate(state_rule.model_copy(update={"cypher": cypher}))
    assert outcome.status == "failed"
    assert reason in outcome.reason
    assert not world.alerts()
    assert not world.database.read("MATCH (n:Planted) RETURN n")


def test_an_empty_identity_fails_the_rule(world, state_rule):
    world.vault("shop", bad=True)
    world.run()
    outcome = world.evaluate(state_rule.model_copy(update={"identity": ["entity", "why"]}))
    assert "identity column `why` is empty" in outcome.reason


def test_hostile_names_are_data(world, state_rule):
    name = "x'}) DETACH DELETE (n) // `{why} {0} {name.__class__} $rule \" \\ [red]é日\u202e" + "a" * 100_000
    world.vault("shop", bad=True)
    world.write("MATCH (v:azure_keyvault_service) SET v.name = $name", name=name)
    world.run()
    assert world.evaluate(state_rule).status == "ok"
    assert world.one().title == f"{name} is bad"
    assert counts(world.evaluate(state_rule)) == {"ongoing": 1}


def test_acknowledged_stays_until_it_is_gone(world, state_rule):
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    acknowledge(world.database, world.one().id, "Ada looks", now=world.now)
    world.run()
    world.evaluate(state_rule)
    assert (world.one().state, world.one().note) == ("acknowledged", "Ada looks")
    world.vault("shop", bad=False)
    world.run()
    world.evaluate(state_rule)
    assert world.one().state == "resolved"
    with pytest.raises(UsageError, match="resolved already"):
        acknowledge(world.database, world.one().id)


def test_a_mute_outlives_the_finding_and_ends_in_time(world, state_rule):
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    mute(world.database, world.one().id, "known", until=world.now + timedelta(days=3, hours=1), now=world.now)
    for bad, state in ((True, "muted"), (False, "resolved"), (True, "muted"), (True, "open")):
        world.vault("shop", bad=bad)
        world.run()
        world.evaluate(state_rule)
        assert world.one().state == state


def test_closed_by_hand_reopens_only_on_newer_data(world, state_rule):
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    resolve(world.database, world.one().id, "fixed", now=world.now)
    world.evaluate(state_rule)
    assert (world.one().state, world.one().resolved_by) == ("resolved", "hand")
    world.run()
    assert counts(world.evaluate(state_rule)) == {"reopened": 1}


def test_closed_by_hand_stays_closed_while_only_others_are_loaded(world, state_rule):
    """A run of another subscription, or of another tenant, has looked at nothing that the alert is about."""
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    resolve(world.database, world.one().id, "fixed", now=world.now)
    world.run()
    world.write("MATCH (s:SyncScope {area: $one}) SET s.seq = 1", one=ONE)
    assert counts(world.evaluate(state_rule)) == {"left": 1}
    assert "it reopens if a later run" in explain_alert(world.database, world.one(), state_rule, now=world.now).why[0]
    world.write("MATCH (s:SyncScope {area: $one}) SET s.seq = 2", one=ONE)
    assert counts(world.evaluate(state_rule)) == {"reopened": 1}


def test_what_somebody_does_meanwhile_is_not_undone(world, state_rule, monkeypatch):
    """An evaluation, and a person at the desk, write what they have read: whoever comes second finds it changed."""
    world.run()
    world.evaluate(state_rule)
    world.vault("shop", bad=True)
    world.run()
    world.evaluate(state_rule)
    reading = evaluating.read_alerts

    def muted_meanwhile(database, rule, ids):
        found = reading(database, rule, ids)
        mute(database, world.one().id, "known", now=world.now)
        return found

    told = []
    world.vault("shop", bad=False)
    world.run()
    with monkeypatch.context() as patch:
        patch.setattr(evaluating, "read_alerts", muted_meanwhile)
        also = lambda _transaction, steps: told.extend(step.event for step in steps)  # noqa: E731
        evaluating.evaluate(world.database, [state_rule], now=world.now, also=also)
    assert (str(world.one().state), world.one().note, told) == ("muted", "known", [])
    # The other way round it is the person who looks again.
    finding = desk.find_alert

    def resolved_meanwhile(database, alert_id):
        found = finding(database, alert_id)
        world.evaluate(state_rule)
        return found

    monkeypatch.setattr(desk, "find_alert", resolved_meanwhile)
    with pytest.raises(UsageError, match="has just changed"):
        acknowledge(world.database, world.one().id, now=world.now)
    assert str(world.one().state) == "resolved"


def test_a_new_subscription_is_its_own_baseline(world, state_rule):
    world.run()
    world.write("MATCH (s:SyncScope {area: $area}) DELETE s", area=TWO)
    world.evaluate(state_rule)
    world.run()
    world.vault("old", ONE, bad=True)
    world.vault("new", TWO, bad=True)
    outcome = world.evaluate(state_rule)
    assert [alert.title for alert in outcome.new] == ["old is bad"]


def test_without_a_run_there_is_nothing_to_evaluate(world, state_rule):
    with pytest.raises(UsageError, match="azgraph sync"):
        world.evaluate(state_rule)


def test_many_alerts_are_written_in_batches(world, state_rule, monkeypatch):
    monkeypatch.setattr(store, "BATCH", 2)
    for number in range(5):
        world.vault(f"v{number}", bad=True)
    world.run()
    assert counts(world.evaluate(state_rule)) == {"opened": 5}
    assert len(world.alerts("open")) == 5
