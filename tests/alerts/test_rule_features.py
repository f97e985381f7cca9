"""What a rule may say beyond its question: severities, owners, how often, what the first evaluation does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from loader.alerts.desk import mute, unmute
from loader.alerts.evaluate import evaluate
from loader.alerts.explaining import explain_alert, explain_entity
from loader.alerts.life import Step
from loader.alerts.listing import Filter, count_alerts, stream_alerts
from loader.alerts.opened_by import changes_of
from loader.alerts.stats import stats
from loader.alerts.trying import try_rule
from loader.errors import UsageError

from .conftest import CHANGE_RULE, ONE, STATE_RULE, TWO

pytestmark = pytest.mark.packs

NUMBERS = (
    STATE_RULE.replace("v.why AS why", "v.doors AS doors, v.grade AS grade")
    + "thresholds: [{column: doors, at_least: 10, severity: critical}]\n"
)


def test_severity_follows_thresholds_and_the_rows_own_word(world):
    world.run()
    for name, doors in (("few", 9), ("many", 10), ("unknown", None)):
        world.vault(name, bad=True, **({} if doors is None else {"doors": doors}))
    world.evaluate(world.rule(NUMBERS))
    assert {one.entity_name: str(one.severity) for one in world.alerts()} == {
        "few": "high",
        "many": "critical",
        "unknown": "high",
    }
    world.vault("few", bad=True, doors=9, grade="Informational")
    world.vault("unknown", bad=True, grade="nonsense")
    world.evaluate(world.rule(NUMBERS + "severity_from: grade\n"))
    assert {one.entity_name: str(one.severity) for one in world.alerts()} == {
        "few": "info",
        "many": "critical",
        "unknown": "high",
    }


def test_what_cannot_be_told_opens_nothing_and_ends_nothing(world):
    world.run()
    rule = world.rule(STATE_RULE.replace("{bad: true}) RETURN", "{bad: true}) RETURN v.unsure AS unknown,"))
    world.vault("known", bad=True)
    world.vault("unsure", bad=True, unsure=True)
    world.evaluate(rule)
    assert {one.entity_name for one in world.alerts()} == {"known"}
    world.vault("known", bad=True, unsure=True)
    world.run()
    assert world.evaluate(rule).counts == {"held": 1}
    assert "unknown" not in world.alerts()[0].values
    world.vault("known", bad=False)
    world.run()
    assert world.evaluate(rule).counts == {"resolved": 1}


def test_the_owner_is_of_the_entity_then_of_what_it_is_in(world):
    world.run()
    world.vault("own", bad=True, **{"tag.Owner": "ada"})
    world.vault("group", bad=True)
    world.vault("far", TWO, bad=True)
    world.write("CREATE (:Entity {_key: $key, `tag.owner`: 'grace'})", key=f"/subscriptions/{ONE}/resourcegroups/shop")
    world.write("CREATE (:Entity {_key: $key, `tag.team`: 'sec'})", key=f"/subscriptions/{TWO}")

    def owners(more=""):
        world.evaluate(world.rule(STATE_RULE + more))
        return {one.entity_name: one.owner for one in world.alerts()}

    assert owners() == {"own": "ada", "group": "grace", "far": ""}
    assert owners("owner: {tag: TEAM}\n") == {"own": "", "group": "", "far": "sec"}
    assert set(owners("owner: shop team\n").values()) == {"shop team"}


@pytest.mark.parametrize("text", [STATE_RULE, CHANGE_RULE])
def test_who_owns_an_open_alert_is_who_owns_the_resource_now(world, text):
    rule = world.rule(text)
    world.run()
    world.evaluate(rule)
    world.run()
    key = world.vault("shop", bad=True, **{"tag.owner": "Ada"})
    world.change(1, key)
    owners = []
    for tags in ({"tag.owner": "Ada"}, {"tag.owner": "Grace"}, {}, {"tag.owner": "Edsger"}, None):
        if tags is None:
            world.delete(key)
        else:
            world.vault("shop", bad=True, **tags)
        world.evaluate(rule)
        owners.append(world.one().owner)
        world.run()
    assert owners == ["Ada", "Grace", "", "Edsger", "Edsger"]


def test_a_rule_waits_for_the_end_of_its_time(world):
    rule = world.rule(STATE_RULE + "every: 2d\nfirst: open\n")
    world.run()
    world.vault("shop", bad=True)
    outcome = world.evaluate(rule)
    assert (outcome.status, len(outcome.new)) == ("ok", 1), "its first evaluation is no baseline"
    world.run()
    world.vault("shop", bad=False)
    assert world.evaluate(rule).status == "waiting"
    assert world.one().state == "open"
    at_once = evaluate(world.database, [rule], now=world.now, at_once=[rule.id])
    assert at_once.totals["resolved"] == 1
    world.run()
    world.run()
    assert world.evaluate(rule).status == "ok"


def test_alerts_lead_to_the_changes_that_opened_them(world, state_rule, change_rule):
    world.run()
    key = world.vault("shop")
    world.evaluate(state_rule)
    world.evaluate(change_rule)
    world.run()
    world.vault("shop", bad=True)
    world.change(1, key, before="false", after="true", actor="ada@contoso.example")
    world.evaluate(state_rule)
    world.evaluate(change_rule)
    assert {one.rule_id: one.opened_by for one in world.alerts()} == {
        "vault-bad": ("change-1",),
        "vault-changed": ("change-1",),
    }
    rows = world.database.read("MATCH (:Alert)-[:OPENED_BY]->(c:Change) RETURN c.id AS id")
    assert [row["id"] for row in rows] == ["change-1", "change-1"]
    (told,) = changes_of(world.database, world.alerts()[0])
    assert (told["before"], told["after"], told["actor"]) == ("false", "true", "ada@contoso.example")
    # Of changes in several runs since the last look nobody knows which it was.
    other = world.vault("bank")
    for number in (2, 3):
        world.run()
        world.change(number, other)
    world.vault("bank", bad=True)
    world.evaluate(state_rule)
    assert [one.opened_by for one in world.alerts() if one.entity_name == "bank"] == [()]


def test_what_an_evaluation_writes_is_one_transaction_with_what_is_told_of_it(world, state_rule):
    world.run()
    world.vault("shop", bad=True)
    heard: list[list[Step]] = []

    def outbox(transaction, steps):
        heard.append([step for step in steps if step.is_news])
        transaction.run("UNWIND $keys AS key MERGE (:Outbox {key: key})", keys=[one.alert.notify_key for one in steps])

    def broken(transaction, steps):
        outbox(transaction, steps)
        raise RuntimeError("the machine died")

    with pytest.raises(RuntimeError):
        evaluate(world.database, [state_rule], now=world.now, also=broken)
    assert world.database.read("MATCH (n) WHERE n:Alert OR n:Outbox RETURN n") == []
    evaluate(world.database, [state_rule], now=world.now, also=outbox)
    evaluate(world.database, [state_rule], now=world.now, also=outbox)
    assert [[(step.event, step.alert.baseline) for step in steps] for steps in heard[1:]] == [[("opened", True)]]
    assert len(world.database.read("MATCH (n:Outbox) RETURN n")) == 1


THEIRS = (
    STATE_RULE.replace("vault-bad", "vault-said")
    .replace("why AS why", "said AS said, v._key AS finding")
    .replace("bad: true}) RETURN", "theirs: true}) RETURN")
    .replace("properties: {bad: true}", "properties: {theirs: true}")
    .replace("identity: [entity]", "identity: [finding]")
    + "said_in: [said, name]\n"
)


def test_what_ours_says_is_not_said_twice(world):
    ours = world.rule(STATE_RULE + "also: [Vaults should be good]\n")
    theirs = world.rule(THEIRS)
    world.run()
    world.evaluate(ours)
    world.run()
    world.vault("both", bad=True, theirs=True, said="vaults should be good")
    world.vault("other", bad=True, theirs=True, said="Vaults should be big")

    def states():
        evaluate(world.database, [theirs, ours], now=world.now)
        return {(one.rule_id, one.entity_name): (str(one.state), len(one.also)) for one in world.alerts()}

    assert states() == {
        ("vault-bad", "both"): ("open", 1),
        ("vault-bad", "other"): ("open", 0),
        ("vault-said", "other"): ("open", 0),
    }
    world.vault("both", theirs=True, said="Vaults should be good")  # ours ends, theirs goes on
    world.vault("other", bad=True, theirs=True, said="Vaults should be good")
    world.run()
    assert states() == {
        ("vault-bad", "both"): ("resolved", 1),
        ("vault-bad", "other"): ("open", 1),
        ("vault-said", "both"): ("open", 0),
        ("vault-said", "other"): ("resolved", 0),
    }
    assert [one.resolved_by for one in world.alerts() if one.rule_id == "vault-said"] == [None, "other"]


def test_a_rule_that_is_switched_off_closes_its_alerts(world, state_rule):
    world.run()
    world.vault("shop", bad=True)
    world.evaluate(state_rule)
    done = evaluate(world.database, [], now=world.now, off=[state_rule])
    assert done.totals["closed"] == 1
    assert (world.one().state, world.one().resolved_by) == ("resolved", "off")


def test_trying_writes_nothing(world, state_rule, change_rule):
    world.run()
    key = world.vault("shop", bad=True)
    world.change(1, key)
    world.run()
    world.change(2, key)
    before = world.database.read("MATCH (n) RETURN count(n) AS nodes")
    tried = try_rule(world.database, state_rule, now=world.now)
    assert [(row["title"], row["alert"]) for row in tried.rows] == [("shop is bad", "none yet")]
    over_history = try_rule(world.database, change_rule, now=world.now)
    assert [row["run"] for row in over_history.rows] == [2, 1]
    assert world.database.read("MATCH (n) RETURN count(n) AS nodes") == before
    world.evaluate(state_rule)
    assert try_rule(world.database, state_rule, now=world.now).rows[0]["alert"] == "open"
    with pytest.raises(UsageError, match="`entity` is empty"):
        try_rule(world.database, state_rule.model_copy(update={"cypher": "RETURN null AS entity"}), now=world.now)


def test_an_alert_is_explained(world, state_rule):
    world.run()
    key = world.vault("shop", bad=True)
    world.evaluate(state_rule)

    def why(rule=state_rule):
        return explain_alert(world.database, world.one(), rule, now=world.now).why[0]

    explained = explain_alert(world.database, world.one(), state_rule, now=world.now)
    assert explained.query == state_rule.cypher
    assert explained.findings[0]["title"] == "shop is bad"
    assert explained.parameters["now"] == world.now
    assert "returns it over run 1" in why()
    assert "No rule vault-bad is evaluated any more" in why(None)
    assert "may only read" in why(state_rule.model_copy(update={"cypher": "CREATE (a) RETURN a"}))
    assert "finds" in explain_entity(world.database, state_rule, key, now=world.now).why[0]
    off = state_rule.model_copy(update={"enabled": False})
    assert "is switched off" in explain_entity(world.database, off, key, now=world.now).why[0]
    assert "closes with the next" in why(off)
    assert "no entity 'x'" in explain_entity(world.database, state_rule, "x", now=world.now).why[0]
    world.vault("shop", bad=False)
    world.run(status="partial", scopes={ONE: "forbidden"})
    assert "stays" in why()
    assert explain_alert(world.database, world.one(), state_rule, now=world.now).missing
    world.run()
    assert "is resolved with the next" in why()
    world.evaluate(state_rule)
    assert "the rule no longer found it" in why()


def test_an_entity_of_which_nobody_can_tell_is_explained_as_such(world, state_rule):
    world.run()
    key = world.vault("shop")
    unsure = state_rule.cypher.replace("{bad: true}", "").replace("v.why AS why", "v.bad IS NULL AS unknown")
    rule = state_rule.model_copy(update={"cypher": unsure})
    assert explain_entity(world.database, rule, key, now=world.now).why == ["Nobody can tell whether it is a finding."]
    world.run(status="partial", scopes={TWO: "forbidden"})
    why = explain_entity(world.database, state_rule, key, now=world.now).why
    assert ["returns no row" in why[0], "does not say that all is well" in why[1]] == [True, True]
    # Of an alert that is there already as well.
    world.evaluate(state_rule)
    world.vault("shop", bad=True)
    world.evaluate(state_rule)
    world.vault("shop")
    assert "Nobody can tell" in explain_alert(world.database, world.one(), rule, now=world.now).why[0]


def test_lists_are_filtered_and_numbers_are_counted(world, state_rule):
    world.run()
    world.evaluate(state_rule)
    world.run()
    world.vault("shop", bad=True, **{"tag.owner": "Ada"})
    world.vault("bank", TWO, bad=True)
    world.evaluate(state_rule)
    mute(world.database, world.alerts()[0].id, "known", now=world.now)
    unmute(world.database, world.alerts("muted")[0].id, now=world.now)
    with pytest.raises(UsageError, match="is not muted"):
        unmute(world.database, world.alerts()[0].id)

    def names(**wanted):
        found = [one.alert.entity_name for one in stream_alerts(world.database, Filter(**wanted))]
        assert count_alerts(world.database, Filter(**wanted)) == len(found)
        return found

    assert names() == ["bank", "shop"]
    assert names(owners=["ada"]) == ["shop"]
    assert names(owners=["-"]) == ["bank"]
    assert names(subscriptions=[TWO]) == ["bank"]
    assert names(types=["azure_vm"]) == []
    assert names(new=True, since=world.now) == ["bank", "shop"]
    assert names(since=world.now + timedelta(seconds=1)) == []
    assert [one.alert.entity_name for one in stream_alerts(world.database, Filter(), limit=1)] == ["bank"]
    with pytest.raises(UsageError, match="no subscription 'nowhere'"):
        names(subscriptions=["nowhere"])

    world.vault("shop", bad=False, **{"tag.owner": "Ada"})
    world.run()
    world.evaluate(state_rule)
    told = stats(world.database, now=world.now).as_json()
    assert told["all"] == {"there": 1, "new": 2, "resolved": 1, "hoursToResolve": 24.0}
    assert told["byOwner"][0] == {"owner": "nobody", "there": 1, "new": 1, "resolved": 0, "hoursToResolve": None}
    assert sum(week["new"] for week in told["weeks"]) == 2
    assert told["byRule"][0]["rule"] == "vault-bad"


def test_alerts_of_a_rule_that_is_gone_end_with_the_one_that_stands_for_it(world, state_rule):
    world.run()
    world.vault("shop", bad=True)
    evaluate(world.database, [state_rule], now=world.now)
    now = state_rule.model_copy(update={"id": "vault-worse", "formerly": [state_rule.id]})
    told = explain_alert(world.database, world.one(), None, others=[now]).why
    assert told == ["The rule vault-bad is now vault-worse: the alert closes when that is evaluated."]
    for _ in range(2):
        world.run()
        outcomes = evaluate(world.database, [now], now=world.now).outcomes
    assert [one.rule.id for one in outcomes] == ["vault-worse"], "what is closed is told once"
    states = {alert.rule_id: (str(alert.state), alert.resolved_by) for alert in world.alerts()}
    assert states == {"vault-bad": ("resolved", "other"), "vault-worse": ("open", None)}
    old = next(alert for alert in world.alerts() if alert.rule_id == "vault-bad")
    assert json.loads(old.history[-1])["note"] == "the rule is now vault-worse"
    assert explain_alert(world.database, old, None, others=[now]).why[0].startswith("It is resolved on")
