"""The outbox on a real Neo4j: what is written with the alerts, and to whom it is told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from loader.alerts.desk import acknowledge, mute, resolve
from tests.alerts.conftest import EXPIRY_RULE, ONE, TWO
from tests.notify.conftest import HOOK, LINES, PEOPLE, TICKETS, Telling

pytestmark = pytest.mark.graph


def test_a_baseline_is_told_to_nobody_and_what_is_new_once(telling: Telling) -> None:
    box, world = telling.boxes["hook"], telling.world
    telling.send()
    assert (box.told, telling.count("Notice")) == ([], 0)
    world.vault("new", bad=True)
    told = telling.turn()["hook"]
    assert (box.titles, told.messages, told.alerts, told.went_wrong) == (["new is bad"], 1, 1, False)
    # Evaluating and sending once more is nothing new.
    telling.evaluate()
    telling.send()
    telling.turn()
    assert len(box.got) == 1
    assert telling.states() == {"sent": 1}
    (rows,) = world.database.read(
        "MATCH (:Delivery)-[:DELIVERS]->(n:Notice)-[:NOTICE_OF]->(a:Alert) RETURN n, a.id AS id"
    )
    assert rows["n"]["alertId"] == rows["id"]
    assert rows["n"]["event"] == "opened"


def test_a_message_says_what_the_graph_knows(telling: Telling) -> None:
    world = telling.world
    world.write("MERGE (s:Entity {_key: '/subscriptions/' + $one}) SET s.name = 'Contoso Production'", one=ONE)
    world.run()
    key = world.vault("new", bad=True, why="for <b>fun</b>")
    world.change(1, key, before="false", after="true", actorName="Ada")
    telling.evaluate()
    telling.send()
    alert = telling.boxes["hook"].got[0].document.alerts[0]
    assert alert.entity.model_dump() == {
        "key": key,
        "type": "azure_keyvault_service",
        "name": "new",
        "web_link": "https://portal.example/vault",
        "subscription": {"id": ONE, "name": "Contoso Production"},
    }
    assert alert.values == {"name": "new", "why": "for <b>fun</b>"}
    assert [(one.path, one.before, one.after, one.actor) for one in alert.changes] == [("bad", "false", "true", "Ada")]
    assert (alert.rule.title, alert.rule.remediation) == ("A vault is bad", "Make it good.")


def test_tags_of_a_resource_of_its_group_and_of_its_subscription_choose_the_route(telling: Telling) -> None:
    routes = [
        {"name": "paged", "channels": ["people"], "tags": {"pager": "on"}},
        {"name": "other", "channels": ["hook"]},
    ]
    telling.configure([PEOPLE, HOOK], routes)
    write = telling.world.write
    write("CREATE (:Entity {_key: '/subscriptions/' + $one, `tag.Pager`: 'On'})", one=ONE)
    write("CREATE (:Entity {_key: '/subscriptions/' + $two + '/resourcegroups/shop', `tag.pager`: 'on'})", two=TWO)
    telling.world.vault("a", ONE, bad=True)
    telling.world.vault("b", ONE, bad=True, **{"tag.pager": "off"})
    telling.world.vault("c", TWO, bad=True)
    telling.turn()
    assert sorted(telling.boxes["people"].titles) == ["a is bad", "c is bad"]
    assert len(telling.boxes["hook"].got) == 3


def test_the_end_is_told_to_whom_the_opening_was_told_and_only_if_wanted(telling: Telling) -> None:
    routes = [
        {
            "name": "all",
            "channels": ["people"],
            "events": ["opened", "reopened", "resolved"],
            "at_once": ["resolved", "opened", "reopened"],
        },
        {"name": "news", "channels": ["hook", "tickets"]},
    ]
    telling.configure([PEOPLE, HOOK, TICKETS], routes)
    world, boxes = telling.world, telling.boxes
    key = world.vault("new", bad=True)
    telling.turn()
    world.vault("new", bad=False)
    world.vault("old", bad=False)
    telling.turn()
    opened, resolved = ("alert", "opened", 1), ("alert", "resolved", 1)
    assert boxes["people"].told == [opened, resolved]
    # An issue is closed whatever its route tells; that of the baseline never was.
    assert boxes["tickets"].told == [opened, resolved]
    assert boxes["hook"].told == [opened]
    assert boxes["tickets"].got[1].receipt.startswith("receipt-")
    world.vault("new", bad=True)
    telling.turn()
    assert boxes["people"].told[2:] == [("alert", "reopened", 1)]
    # It is gone, and with it its tags: it is told all the same.
    world.delete(key)
    telling.turn()
    assert boxes["people"].told[3:] == [resolved]


def test_what_is_muted_is_not_told_and_what_is_closed_by_hand_is(telling: Telling) -> None:
    telling.configure([TICKETS, PEOPLE], [{"name": "ops", "channels": ["tickets", "people"]}])
    world, database = telling.world, telling.world.database
    for name in "abc":
        world.vault(name, bad=True)
    telling.turn()
    by_title = {one.title: one.id for one in world.alerts()}
    mute(database, by_title["a is bad"], "known", now=world.now)
    acknowledge(database, by_title["b is bad"], now=world.now)
    resolve(database, by_title["c is bad"], now=world.now)
    telling.send()
    telling.send()
    assert telling.boxes["tickets"].told[3:] == [("alert", "closed", 1)]
    assert telling.boxes["people"].told[3:] == []
    world.vault("a", bad=False)
    telling.turn()
    world.vault("a", bad=True)
    telling.turn()
    assert telling.boxes["people"].titles.count("a is bad") == 1
    # Its issue ends with it all the same.
    assert [
        one.document.event for one in telling.boxes["tickets"].got if one.document.alerts[0].title == "a is bad"
    ] == [
        "opened",
        "resolved",
    ]


def test_an_alert_that_was_changed_by_hand_keeps_nobody_from_being_told(telling: Telling) -> None:
    world = telling.world
    for name in "ab":
        world.vault(name, bad=True)
    telling.turn()
    for alert in world.alerts("open"):
        resolve(world.database, alert.id, now=world.now)
    world.write("MATCH (a:Alert {title: 'a is bad'}) SET a.openedAt = 'never'")
    telling.configure([HOOK], [{"name": "ops", "channels": ["hook"], "events": ["opened", "closed"]}])
    telling.send()
    assert [one.document.alerts[0].title for one in telling.boxes["hook"].got[2:]] == ["b is bad"]


def test_each_bucket_of_an_expiry_is_called_to_mind_once_also_of_a_baseline(telling: Telling) -> None:
    world, rule = telling.world, telling.world.rule(EXPIRY_RULE)
    for name, days in (("near", 5), ("far", 20)):
        world.vault(name, due=world.now + timedelta(days=days))
    telling.evaluate(rule)
    events = []
    for _ in range(3):
        world.now += timedelta(days=4)
        world.run()
        telling.evaluate(rule)
        telling.send()
        events = [
            (one.document.alerts[0].entity.name, one.document.event, one.document.alerts[0].bucket)
            for one in telling.boxes["hook"].got
        ]
    assert events == [("near", "reminded", 0), ("far", "reminded", 7)]


def test_what_becomes_more_severe_is_told_and_then_its_end_too_to_who_hears_of_the_severe_alone(
    telling: Telling,
) -> None:
    told = ["opened", "raised", "resolved"]
    routes = [{"name": "pager", "channels": ["hook"], "severity": "critical", "events": told}]
    telling.configure([HOOK], routes)
    world, box = telling.world, telling.boxes["hook"]
    telling.rule = telling.rule.model_copy(update={"severity_from": "why"})
    for why in ("medium", "critical", "critical", "high", "critical"):
        world.vault("new", bad=True, why=why)
        telling.turn()
    world.vault("new", bad=False)
    telling.turn()
    assert [event for _, event, _ in box.told] == ["raised", "raised", "resolved"]
    history = [json.loads(one)["event"] for one in world.alerts("resolved")[0].history]
    assert history == ["opened", "raised", "raised", "resolved"]


@pytest.mark.parametrize("whole", [True, False])
def test_the_end_of_a_mute_is_told_while_the_alert_is_there(telling: Telling, whole: bool) -> None:
    world, box = telling.world, telling.boxes["hook"]
    (old,) = world.alerts("open")
    mute(world.database, old.id, "known", until=world.now + timedelta(days=1, hours=1), now=world.now)
    telling.turn()
    assert box.told == []
    for _ in range(2):
        if not whole:
            # Nobody can see it any more, so it is held.
            world.vault("old", bad=False)
        world.run(scopes={} if whole else {ONE: "failed"})
        telling.evaluate()
        telling.send()
    assert box.told == [("alert", "unmuted", 1)]


def test_a_digest_has_all_that_waits_and_the_rest_comes_at_once(telling: Telling) -> None:
    routes = [
        {"name": "bad", "channels": ["hook"], "severity": "critical"},
        {"name": "rest", "channels": ["hook"], "at_once": [], "digest": "08:00"},
    ]
    telling.configure([HOOK], routes, time_zone="Europe/Berlin")
    world, box = telling.world, telling.boxes["hook"]
    for name in "abc":
        world.vault(name, bad=True)
    telling.turn()
    assert (box.told, telling.states()) == ([], {"pending": 3})
    telling.send(world.now.replace(hour=23, minute=59))
    assert box.told == []
    # The world's clock shows eight in UTC.
    telling.send(world.now + timedelta(hours=22, minutes=59))
    assert box.told == []
    telling.send(world.now + timedelta(hours=23))
    assert box.told == [("digest", "opened", 3)]
    world.vault("d", bad=True)
    world.run()
    telling.evaluate()
    telling.send(world.now, digests=["rest"])
    assert box.told[1:] == [("digest", "opened", 1)]


@pytest.mark.first_neo4j
def test_hundreds_of_alerts_are_one_summary_and_as_many_lines(telling: Telling) -> None:
    telling.configure(
        [HOOK, LINES, TICKETS],
        [
            {
                "name": "ops",
                "channels": ["hook", "lines", "tickets"],
                "events": ["opened", "resolved"],
                "at_once": ["opened", "resolved"],
            }
        ],
    )
    world, many = telling.world, 600
    world.write(
        "UNWIND range(1, $many) AS n WITH '/subscriptions/' + $one + '/vaults/' + toString(n) AS key, n "
        "CREATE (:Entity:azure_keyvault_service {_key: key, _type: 'azure_keyvault_service', "
        "_scope: 'azure_keyvault_service|' + $one + '|', name: 'v' + toString(n), bad: true})",
        many=many,
        one=ONE,
    )
    told = telling.turn()
    assert telling.boxes["hook"].told == [("summary", "opened", many)]
    assert telling.boxes["tickets"].told == [("summary", "opened", many)]
    assert (told["hook"].messages, told["hook"].alerts, told["lines"].messages) == (1, many, many)
    assert len({json.loads(line)["id"] for line in telling.lines()}) == many
    world.write("MATCH (v:azure_keyvault_service) WHERE v.name STARTS WITH 'v' SET v.bad = false")
    telling.turn()
    assert telling.boxes["hook"].told[1:] == [("summary", "resolved", many)]
    assert telling.states() == {"sent": 2 * many}
    assert len(telling.lines()) == 2 * many
