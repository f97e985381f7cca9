"""The outbox on a real Neo4j: what is written with the alerts, and what becomes of it, also after a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from loader.alerts.desk import acknowledge, mute, resolve
from loader.alerts.life import Step
from loader.errors import AzgraphError
from loader.graph.lease import Lease
from loader.notify.dead_letters import dead_letter_file
from loader.notify.deliveries import Deliveries
from loader.notify.sending import MOST_TRIES
from tests.alerts.conftest import EXPIRY_RULE, ONE, TWO
from tests.notify.conftest import HOOK, LINES, PEOPLE, TICKETS, Crash, Telling, refuse

pytestmark = pytest.mark.graph


def count(telling: Telling, label: str) -> int:
    rows = telling.world.database.read(f"MATCH (n:{label}) RETURN count(n) AS n")
    return int(rows[0]["n"])


def test_a_baseline_is_told_to_nobody_and_what_is_new_once(telling: Telling) -> None:
    box, world = telling.boxes["hook"], telling.world
    telling.send()
    assert (box.told, count(telling, "Notice")) == ([], 0)
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


def _before_it_leaves(_telling: Telling, patch: pytest.MonkeyPatch) -> None:
    _crash_in(patch, "sending")


def _while_it_leaves(telling: Telling, _patch: pytest.MonkeyPatch) -> None:
    for box in telling.boxes.values():
        box.before = _crash


def _when_it_has_left(telling: Telling, patch: pytest.MonkeyPatch) -> None:
    for box in telling.boxes.values():
        box.after = _crash
    _crash_in(patch, "sent")


def _while_it_is_planned(_telling: Telling, patch: pytest.MonkeyPatch) -> None:
    _crash_in(patch, "plan")


def _crash() -> None:
    raise Crash


def _crash_in(patch: pytest.MonkeyPatch, name: str) -> None:
    def crashing(*_: Any, **__: Any) -> None:
        raise Crash

    patch.setattr(Deliveries, name, crashing)


@pytest.mark.first_neo4j
@pytest.mark.parametrize("summed_up", [False, True])
def test_after_a_crash_at_any_point_nothing_is_lost_and_nothing_comes_twice(telling: Telling, summed_up: bool) -> None:
    points: list[Callable[..., None]] = [_while_it_is_planned, _before_it_leaves, _while_it_leaves, _when_it_has_left]
    cap = 1 if summed_up else 10
    alerts, expected = (3, 1) if summed_up else (1, 1)
    for channel in (HOOK, PEOPLE, LINES):
        name = channel["name"]
        telling.configure([channel], [{"name": "ops", "channels": [name], "cap": cap}])
        for point in points:
            if name == "lines" and point is _while_it_leaves:
                continue  # half a line has a test of its own
            for number in range(alerts):
                telling.world.vault(f"{name}-{point.__name__}-{number}", bad=True)
            box = telling.boxes[name]
            box.got.clear()
            lines = len(telling.lines())
            with pytest.MonkeyPatch.context() as patch:
                point(telling, patch)
                with pytest.raises(Crash):
                    telling.turn()
            box.before = box.after = lambda: None
            told = telling.send()[name]
            telling.send()
            if name == "lines":
                # A file can be looked at: each line is there once, whenever the crash was.
                assert len(telling.lines()) - lines == alerts
            elif name == "hook":
                # A receiver tells by the id what came twice.
                assert len({one.id for one in box.got}) == expected, point
                assert sum(one.document.total for one in {one.id: one for one in box.got}.values()) == alerts
            elif point in (_while_it_is_planned, _before_it_leaves):
                assert [one.document.total for one in box.got] == [alerts]
            else:
                # Nobody can tell, so it is not sent again, and that is told.
                assert told.unsure == expected
                assert len(box.got) == (1 if point is _when_it_has_left else 0)
                assert "nobody knows" in " ".join(told.problems)


def test_what_is_unsure_is_sent_again_when_somebody_wants_it(telling: Telling) -> None:
    telling.configure([PEOPLE], [{"name": "ops", "channels": ["people"]}])
    box = telling.boxes["people"]
    telling.world.vault("new", bad=True)
    box.after = _crash
    with pytest.raises(Crash):
        telling.turn()
    box.after = lambda: None
    assert telling.send()["people"].unsure == 1
    assert telling.states("people") == {"unsure": 1}
    with _deliveries(telling) as deliveries:
        assert deliveries.retry(telling.world.now) == 1
    telling.send()
    assert [one.again for one in box.got] == [False, True]
    assert telling.states("people") == {"sent": 1}
    # Who would rather have it twice than not at all says so.
    telling.configure([{**PEOPLE, "after_crash": "send_again"}], [{"name": "ops", "channels": ["people"]}])
    telling.world.vault("newer", bad=True)
    box.after = _crash
    with pytest.raises(Crash):
        telling.turn()
    box.after = lambda: None
    assert not telling.send()["people"].went_wrong
    assert box.titles[2:] == ["newer is bad", "newer is bad"]


def _deliveries(telling: Telling) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def held() -> Any:
        lease = Lease(telling.world.database, name="notify")
        lease.acquire()
        yield Deliveries(telling.world.database, lease)
        lease.release()

    return held()


def test_an_evaluation_that_breaks_off_leaves_alerts_and_outbox_alike(telling: Telling) -> None:
    writing = telling.post.outbox.write

    def breaking(transaction: Any, steps: list[Step]) -> None:
        writing(transaction, steps)
        raise Crash

    from loader.alerts.evaluate import evaluate

    telling.world.vault("new", bad=True)
    telling.world.run()
    with pytest.raises(Crash):
        evaluate(telling.world.database, [telling.rule], now=telling.world.now, also=breaking)
    assert (len(telling.world.alerts()), count(telling, "Notice"), count(telling, "Delivery")) == (1, 0, 0)
    telling.evaluate()
    telling.send()
    assert telling.boxes["hook"].titles == ["new is bad"]


def test_a_channel_that_is_down_is_tried_later_and_given_up_in_the_end(telling: Telling) -> None:
    telling.configure([HOOK, LINES], [{"name": "ops", "channels": ["hook", "lines"]}])
    box, world = telling.boxes["hook"], telling.world
    for name in "abc":
        world.vault(name, bad=True)
    box.before = refuse()
    told = telling.turn()
    assert (told["hook"].failed, list(told["hook"].problems)) == (3, ["it is closed"])
    # The others do not wait for it.
    assert (told["lines"].messages, len(telling.lines())) == (3, 3)
    # What was not even tried costs no try.
    assert {
        row["attempts"]
        for row in world.database.read("MATCH (d:Delivery {channel: 'hook'}) RETURN d.attempts AS attempts")
    } == {0, 1}
    now = world.now
    assert telling.send(now + timedelta(seconds=30))["hook"].failed == 2
    for _ in range(MOST_TRIES):
        now += timedelta(hours=9)
        box.before = refuse(down=False)
        telling.send(now)
    assert telling.states() == {"dead": 3}
    letters = dead_letter_file("hook")
    assert letters.stat().st_mode & 0o777 == 0o600
    kept = [json.loads(line) for line in letters.read_text().splitlines()]
    assert sorted(one["message"]["alerts"][0]["title"] for one in kept) == ["a is bad", "b is bad", "c is bad"]
    assert {(one["channel"], one["reason"]) for one in kept} == {("hook", "it is closed")}
    box.before = lambda: None
    telling.send(now)
    assert box.got == []
    with _deliveries(telling) as deliveries:
        assert deliveries.retry(now, channel="other") == 0
        assert deliveries.retry(now, channel="hook") == 3
    telling.send(now)
    assert sorted(box.titles) == ["a is bad", "b is bad", "c is bad"]


def test_what_is_refused_for_good_is_given_up_at_once_and_the_next_one_goes_on(telling: Telling) -> None:
    box, refusals = telling.boxes["hook"], [refuse(lasting=True, down=False)]
    for name in "ab":
        telling.world.vault(name, bad=True)
    box.before = lambda: refusals.pop()() if refusals else None
    told = telling.turn()["hook"]
    assert (told.messages, told.dead, telling.states()) == (1, 1, {"dead": 1, "sent": 1})


def test_what_nobody_thought_of_costs_its_message_and_holds_up_no_other(telling: Telling) -> None:
    telling.configure([PEOPLE, HOOK, LINES], [{"name": "ops", "channels": ["people", "hook", "lines"]}])
    world = telling.world

    for name in ("people", "hook"):
        calls: list[int] = []

        def before(calls: list[int] = calls) -> None:
            calls.append(1)
            if len(calls) == 1:
                raise KeyError("planted-secret")

        telling.boxes[name].before = before
    for name in "ab":
        world.vault(name, bad=True)
    told = telling.turn()
    assert (told["lines"].messages, told["hook"].messages, told["people"].messages) == (2, 1, 1)
    assert (told["hook"].failed, told["people"].unsure) == (1, 1)
    assert "KeyError" in " ".join(told["hook"].problems)
    assert "planted-secret" not in str(told)
    assert telling.states("people") == {"sent": 1, "unsure": 1}
    assert telling.send(world.now + timedelta(minutes=2))["hook"].messages == 1
    assert sorted(telling.boxes["hook"].titles) == ["a is bad", "b is bad"]
    assert [one.again for one in telling.boxes["hook"].got] == [False, True]


@pytest.mark.parametrize("down", [True, False])
def test_an_end_is_never_told_before_its_opening(telling: Telling, down: bool) -> None:
    events = ["opened", "resolved"]
    telling.configure([TICKETS], [{"name": "ops", "channels": ["tickets"], "events": events, "at_once": events}])
    box, world = telling.boxes["tickets"], telling.world
    world.vault("new", bad=True)
    box.before = refuse(down=down)
    telling.turn()
    # Tried often enough that the next try is hours away.
    for minutes in (2, 5, 10, 20, 40, 80):
        telling.send(world.now + timedelta(minutes=minutes))
    tried = world.now + timedelta(minutes=81)
    world.vault("new", bad=False)
    world.run()
    telling.evaluate()
    box.before = lambda: None
    telling.send(tried)
    assert box.told == []
    telling.send(tried + timedelta(hours=3))
    assert [event for _, event, _ in box.told] == ["opened", "resolved"]


def test_a_secret_that_is_not_to_be_had_costs_its_channel_alone_and_no_try(telling: Telling) -> None:
    telling.configure([HOOK, LINES], [{"name": "ops", "channels": ["hook", "lines"]}])
    telling.post = type(telling.post)(telling.post.notify, telling.post.outbox, telling.folder)
    telling.world.vault("new", bad=True)
    told = telling.turn()
    assert "NOT_READ" in " ".join(told["hook"].problems)
    assert (told["hook"].failed, told["lines"].messages) == (1, 1)
    assert telling.states() == {"planned": 1}


def test_a_channel_or_route_that_is_gone_is_told_nothing_any_more(telling: Telling) -> None:
    telling.configure([HOOK, PEOPLE], [{"name": "ops", "channels": ["hook", "people"]}])
    telling.world.vault("new", bad=True)
    telling.world.run()
    telling.evaluate()
    telling.configure([PEOPLE], [{"name": "renamed", "channels": ["people"]}])
    telling.send()
    assert (telling.states("hook"), telling.states("people")) == ({"dropped": 1}, {"dropped": 1})


def test_what_is_over_when_it_is_told_is_not_told(telling: Telling) -> None:
    telling.configure(
        [PEOPLE],
        [{"name": "ops", "channels": ["people"], "quiet": {"hours": "00:00-12:00"}, "events": ["opened", "resolved"]}],
    )
    telling.world.vault("new", bad=True)
    telling.turn()
    telling.world.vault("new", bad=False)
    telling.turn()
    telling.send(telling.world.now + timedelta(hours=6))
    assert telling.boxes["people"].got == []
    assert telling.states("people") == {"overtaken": 2}


def test_one_sends_at_a_time_and_a_dead_one_is_no_obstacle(telling: Telling) -> None:
    telling.world.vault("new", bad=True)
    telling.world.run()
    telling.evaluate()
    lease = Lease(telling.world.database, name="notify")
    lease.acquire()
    with pytest.raises(AzgraphError, match="has been telling people of alerts since"):
        telling.send()
    # A load has a lease of its own.
    other = Lease(telling.world.database)
    other.acquire()
    other.release()
    lease.stop()
    telling.send()
    assert len(telling.boxes["hook"].got) == 1


def test_old_notices_of_what_is_over_go(telling: Telling) -> None:
    world = telling.world
    for name in "ab":
        world.vault(name, bad=True)
    telling.turn()
    world.vault("a", bad=False)
    telling.turn()
    telling.send(world.now + timedelta(days=100))
    rows = world.database.read("MATCH (n:Notice) RETURN n.title AS title")
    assert [row["title"] for row in rows] == ["b is bad"]
    assert telling.states() == {"sent": 1}
