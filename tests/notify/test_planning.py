"""What is told alone, together, later or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loader.alerts.alert import Alert
from loader.config.notify import Route
from loader.notify.deliveries import Delivery, Planned
from loader.notify.document import MOST_ALERTS, Kind
from loader.notify.message import document
from loader.notify.planning import Clock, Traits, awake, plan
from loader.notify.routing import Place, Way, ways
from loader.verdicts import Severity
from tests.notify.examples import AT, delivery, route

PEOPLE, ISSUES, RECORDS = Traits(), Traits(follows=True), Traits(people=False)
DIGEST = route(digest="08:00")


def planned(
    waiting: list[Delivery], *routes: Route, traits: Traits = PEOPLE, now: datetime = AT, at_most: int = 50
) -> list[Planned]:
    named = {one.name: one for one in routes or (route(),)}
    return plan(waiting, named, traits, Clock(now, ZoneInfo("UTC")), at_most)


def shape(found: list[Planned]) -> Counter[tuple[str, str, int]]:
    return Counter((one.state, str(one.kind or ""), len(one.deliveries)) for one in found)


def test_up_to_the_cap_each_is_told_and_more_become_one_summary() -> None:
    assert shape(planned([delivery(n) for n in range(10)])) == {("planned", "alert", 1): 10}
    assert shape(planned([delivery(n) for n in range(11)])) == {("planned", "summary", 11): 1}
    mixed = [*(delivery(n) for n in range(10_000)), delivery(10_001, rule="another")]
    assert shape(planned(mixed)) == {("planned", "summary", 10_000): 1, ("planned", "alert", 1): 1}


def test_too_many_of_many_rules_become_one_summary_and_the_worst_stay_alone() -> None:
    many = [delivery(n, rule=f"rule-{n}", severity="low") for n in range(60)]
    found = planned([*many, delivery(99, rule="rule-99", severity="critical")])
    assert shape(found) == {("planned", "alert", 1): 49, ("planned", "summary", 12): 1}
    assert found[-1].kind is Kind.SUMMARY
    assert "delivery-99-opened" in {one.deliveries[0] for one in found if one.kind is Kind.ALERT}


def test_records_are_each_their_own_however_many() -> None:
    found = planned([delivery(n, digest=True) for n in range(100)], DIGEST, traits=RECORDS, now=AT + timedelta(days=1))
    assert shape(found) == {("planned", "alert", 1): 100}


def test_issues_are_summed_up_when_they_open_and_never_when_they_close() -> None:
    opened = [delivery(n) for n in range(20)]
    closed = [delivery(n, "resolved", told=True, alert_state="resolved") for n in range(20, 40)]
    found = planned([*opened, *closed], traits=ISSUES)
    assert shape(found) == {("planned", "summary", 20): 1, ("planned", "alert", 1): 20}


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-03-02T20:00", {}), ("2026-03-03T07:59", {}), ("2026-03-03T08:00", {("planned", "digest", 3): 1})],
)
def test_a_digest_waits_for_its_time_and_then_has_all_that_waits(now: str, expected: dict[Any, int]) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    waiting = [delivery(n, digest=True) for n in range(2)]
    late = delivery(3, digest=True, at=AT + timedelta(hours=3))
    assert shape(planned([*waiting, late], DIGEST, now=moment)) == expected


def test_what_is_over_before_it_was_told_is_not_told_nor_that_it_is_over() -> None:
    over = [
        delivery(1, alert_state="resolved"),
        delivery(1, "resolved", alert_state="resolved"),
        delivery(2, alert_state="muted"),
        # Its alert is gone, or has reopened since and is told by that.
        delivery(3, alert_state=None),
    ]
    assert shape(planned(over)) == {("overtaken", "", 1): 4}
    assert shape(planned(over, traits=RECORDS)) == {("planned", "alert", 1): 4}
    told = [delivery(1, "resolved", alert_state="resolved", told=True)]
    assert shape(planned(told)) == {("planned", "alert", 1): 1}


def test_in_quiet_hours_all_but_the_worst_waits() -> None:
    quiet = route(quiet={"hours": "08:00-09:00", "unless": "critical"})
    found = planned([delivery(1), delivery(2, severity="critical")], quiet)
    assert [one.deliveries for one in found] == [("delivery-2-opened",)]
    assert shape(planned([delivery(1)], quiet, now=AT + timedelta(hours=1))) == {("planned", "alert", 1): 1}


def test_what_a_route_of_somebody_else_wants_is_left_but_an_issue_is_closed_all_the_same() -> None:
    gone = [delivery(1, route="gone"), delivery(2, "resolved", route="gone", told=True, alert_state="resolved")]
    assert shape(planned(gone)) == {}
    assert shape(planned(gone, traits=ISSUES)) == {("planned", "alert", 1): 1}
    clock = Clock(AT, ZoneInfo("UTC"))
    again = [replace(one, message=one.id) for one in gone]
    assert awake(again, {"ops": route()}, PEOPLE, clock) == []
    assert [one.message for one in awake(again, {"ops": route()}, ISSUES, clock)] == ["delivery-2-resolved"]


def test_a_message_of_one_alert_has_the_same_id_whenever_it_is_planned() -> None:
    first, second = planned([delivery(1)]), planned([delivery(1)])
    assert [one.message for one in first] == [one.message for one in second]
    assert len({one.message for one in planned([delivery(n) for n in range(5)])}) == 5


def test_a_large_message_names_the_worst_and_counts_the_rest() -> None:
    group = [*(delivery(n, severity="low") for n in range(10_000)), delivery(20_000, severity="critical")]
    told = document("x" * 32, Kind.SUMMARY, group)
    assert (told.total, len(told.alerts), told.more) == (10_001, MOST_ALERTS, 10_001 - MOST_ALERTS)
    assert told.alerts[0].severity == "critical"
    assert told.severities == {"critical": 1, "low": 10_000}
    assert len(told.as_bytes()) < 100_000


ALERT = Alert.model_construct(
    id="a",
    rule_id="key-vault-open",
    severity=Severity.HIGH,
    entity_key="/subscriptions/1111/resourcegroups/shop/x",
    scope="azure_keyvault_service|1111|",
    owner="Ada@contoso.com",
)
HERE = Place({"environment": "Production"}, "Contoso Production")


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"severity": "high"}, True),
        ({"severity": "critical"}, False),
        ({"rules": "key-vault-*"}, True),
        ({"rules": ["storage-*"]}, False),
        ({"packs": ["vaults"]}, True),
        ({"packs": ["other"]}, False),
        # Rules and packs are one list of rules.
        ({"rules": ["storage-*"], "packs": ["vaults"]}, True),
        ({"tags": {"Environment": "production"}}, True),
        ({"tags": {"environment": None}}, True),
        ({"tags": {"environment": "test"}}, False),
        ({"tags": {"cost": None}}, False),
        ({"owners": "*@contoso.com"}, True),
        ({"owners": "*@fabrikam.com"}, False),
        ({"subscriptions": "contoso production"}, True),
        ({"subscriptions": "1111"}, True),
        ({"subscriptions": "2222"}, False),
        ({"subscriptions": "1111", "owners": "nobody"}, False),
    ],
)
def test_a_route_is_for_what_all_of_it_says(more: dict[str, Any], fits: bool) -> None:
    found = ways([route(**more)], ALERT, "opened", HERE, lambda _rule: ["vaults"])
    assert found == ([Way("mail", "ops", digest=False)] if fits else [])


def test_each_channel_is_told_once_by_the_first_route_that_fits() -> None:
    routes = [
        route(name="vaults", rules=["key-vault-*"], channels=["mail"], digest="08:00", at_once=[]),
        route(name="all", channels=["mail", "chat"]),
    ]
    found = ways(routes, ALERT, "opened", HERE, lambda _rule: ())
    assert found == [Way("mail", "vaults", digest=True), Way("chat", "all", digest=False)]
    assert ways(routes, ALERT, "resolved", HERE, lambda _rule: ()) == []


def test_what_failed_at_night_does_not_ring_when_it_is_tried_again() -> None:
    quiet = {"ops": route(quiet={"hours": "08:00-09:00"})}
    failed = [
        delivery(1, message="a"),
        delivery(2, message="b", kind=Kind.DIGEST),
    ]
    night, day = Clock(AT, ZoneInfo("UTC")), Clock(AT + timedelta(hours=1), ZoneInfo("UTC"))
    assert [one.message for one in awake(failed, quiet, PEOPLE, night)] == ["b"]
    assert [one.message for one in awake(failed, quiet, PEOPLE, day)] == ["a", "b"]
