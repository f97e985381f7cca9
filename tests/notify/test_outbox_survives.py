"""The outbox on a real Neo4j: what becomes of what is to be told, after a crash, a refusal, or when it is over."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from loader.alerts.life import Step
from loader.errors import AzgraphError
from loader.graph.lease import Lease
from loader.notify.channels.channel import NotDeliveredError, UnclearError
from loader.notify.dead_letters import dead_letter_file
from loader.notify.deliveries import Deliveries
from loader.notify.message import Message
from loader.notify.sending import MOST_TRIES
from tests.notify.conftest import HOOK, LINES, PEOPLE, SPLUNK, TICKETS, Crash, Telling, refuse

pytestmark = pytest.mark.graph


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
    assert (len(telling.world.alerts()), telling.count("Notice"), telling.count("Delivery")) == (1, 0, 0)
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


def test_what_was_put_off_while_the_clock_was_ahead_is_not_put_off_for_as_long(telling: Telling) -> None:
    telling.configure([HOOK], [{"name": "ops", "channels": ["hook"]}])
    box, world = telling.boxes["hook"], telling.world
    world.vault("a", bad=True)
    telling.turn()
    world.vault("b", bad=True)
    now, world.now = world.now, world.now + timedelta(days=365)
    box.before = refuse()
    assert telling.turn()["hook"].failed == 1
    box.before = lambda: None
    telling.send(now)
    assert "b is bad" in box.titles


def test_what_is_refused_for_good_is_given_up_at_once_and_the_next_one_goes_on(telling: Telling) -> None:
    box, refusals = telling.boxes["hook"], [refuse(lasting=True, down=False)]
    for name in "ab":
        telling.world.vault(name, bad=True)
    box.before = lambda: refusals.pop()() if refusals else None
    told = telling.turn()["hook"]
    assert (told.messages, told.dead, telling.states()) == (1, 1, {"dead": 1, "sent": 1})


def test_one_message_that_a_log_refuses_costs_itself_only(telling: Telling) -> None:
    """Splunk and Sentinel take batches; one value that they do not take has all of it refused."""
    telling.configure([SPLUNK], [{"name": "ops", "channels": ["splunk"]}])
    box, sizes = telling.boxes["splunk"], []
    taken = box.send

    def send(messages: Sequence[Message]) -> list[str]:
        sizes.append(len(messages))
        if any(one.document.alerts[0].entity.name == "d" for one in messages):
            raise NotDeliveredError("splunk refused it (status 400)", lasting=True, down=False)
        return taken(messages)

    box.send = send  # type: ignore[method-assign]
    for name in "abcdefg":
        telling.world.vault(name, bad=True)
    told = telling.turn()["splunk"]
    assert (told.messages, told.dead, telling.states("splunk")) == (6, 1, {"dead": 1, "sent": 6})
    assert sorted(box.titles) == [f"{name} is bad" for name in "abcefg"]
    assert sizes[0] == 7
    assert "d is bad" in dead_letter_file("splunk").read_text()
    assert telling.send()["splunk"].messages == 0


def test_a_log_that_goes_down_while_the_refused_one_is_looked_for_has_the_rest_later(telling: Telling) -> None:
    telling.configure([SPLUNK], [{"name": "ops", "channels": ["splunk"]}])
    box = telling.boxes["splunk"]
    refusals = [refuse(lasting=True, down=False), lambda: None, refuse()]
    box.before = lambda: refusals.pop(0)() if refusals else None
    for name in "abcd":
        telling.world.vault(name, bad=True)
    told = telling.turn()["splunk"]
    assert (told.messages, told.failed, telling.states("splunk")) == (2, 2, {"sent": 2, "planned": 2})
    telling.send(telling.world.now + timedelta(minutes=2))
    assert (sorted(box.titles), telling.states("splunk")) == ([f"{name} is bad" for name in "abcd"], {"sent": 4})


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


def test_a_service_that_gives_no_answers_costs_one_message_at_a_time(telling: Telling) -> None:
    telling.configure([PEOPLE], [{"name": "ops", "channels": ["people"]}])

    def before() -> None:
        raise UnclearError("the service said nothing")

    telling.boxes["people"].before = before
    for name in "ab":
        telling.world.vault(name, bad=True)
    told = telling.turn()["people"]
    assert (told.messages, told.unsure, told.failed) == (0, 1, 1)
    assert list(told.problems) == ["the service said nothing; nobody knows whether it arrived"]
    assert telling.states("people") == {"unsure": 1, "planned": 1}


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


def test_two_configurations_over_one_graph_leave_each_other_what_is_not_theirs(telling: Telling) -> None:
    mine = [HOOK, LINES], [{"name": "ops", "channels": ["hook"]}, {"name": "kept", "channels": ["lines"]}]
    telling.configure(*mine)
    telling.world.vault("new", bad=True)
    telling.world.run()
    telling.evaluate()
    # Another machine, with a channel of its own and one of the same name by another route.
    telling.configure([PEOPLE, HOOK], [{"name": "desk", "channels": ["people", "hook"]}])
    told = telling.send()
    assert (told["hook"].left, told["lines"].left, told["people"].left) == (1, 1, 0)
    assert not any(one.went_wrong for one in told.values())
    (note,) = told["lines"].notes
    assert "1 alerts are left for whoever has the route kept" in note
    assert (telling.states("hook"), telling.states("lines")) == ({"pending": 1}, {"pending": 1})
    telling.configure(*mine)
    assert telling.send()["lines"].notes == []
    assert (telling.boxes["hook"].titles, len(telling.lines())) == (["new is bad"], 1)


def test_a_channel_or_route_that_is_gone_is_told_nothing_any_more(telling: Telling) -> None:
    telling.configure([HOOK, PEOPLE], [{"name": "ops", "channels": ["hook", "people"]}])
    telling.world.vault("new", bad=True)
    telling.world.run()
    telling.evaluate()
    telling.configure([PEOPLE], [{"name": "renamed", "channels": ["people"]}])
    telling.send()
    assert (telling.states("hook"), telling.states("people")) == ({"pending": 1}, {"pending": 1})
    told = telling.send(telling.world.now + timedelta(days=15))
    assert (telling.states("hook"), telling.states("people")) == ({"dropped": 1}, {"dropped": 1})
    assert all(told[name].went_wrong and told[name].dropped == 1 for name in ("hook", "people"))
    assert "1 alerts for the route ops were told to nobody" in str(told["hook"].problems)
    assert not any(one.went_wrong for one in telling.send(telling.world.now + timedelta(days=15)).values())


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
