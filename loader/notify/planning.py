"""From deliveries that wait to messages: what is told alone, what together, what not yet, and what not at all."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from loader.config.hours import parse_digest
from loader.config.notify import Route
from loader.notify.deliveries import Delivery, Planned
from loader.notify.document import Kind
from loader.notify.notice import ENDS, NEWS
from loader.notify.quiet import is_quiet
from loader.verdicts import Severity


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells one kind of channel from another.

    people: people read it, so that many of one sort become one message, and what is over already is not told any more.
    follows: something of its own (an issue) lives as long as the alert. at_a_time: messages that leave together.
    sends_again: what may have left before a crash is sent once more, under the same id.
    """

    people: bool = True
    follows: bool = False
    at_a_time: int = 1
    sends_again: bool = True


@dataclass(frozen=True, slots=True)
class Clock:
    """When it is, and in which time zone people live. digests: routes whose digest somebody wants now."""

    now: datetime
    zone: ZoneInfo
    digests: frozenset[str] = frozenset()


def plan(
    waiting: Iterable[Delivery], routes: Mapping[str, Route], traits: Traits, clock: Clock, at_most: int
) -> list[Planned]:
    """What becomes of one channel's deliveries. Those that are not in any of it go on waiting."""
    ended, living = _sorted_out((one for one in waiting if is_ours(one, routes, traits)), traits)
    digests, rest = _digests(living, routes, traits, clock)
    at_once = [one for one in rest if not _is_quiet(one, routes.get(one.route), clock)]
    singles, summaries = _capped(at_once, routes, traits, at_most)
    return [
        *ended,
        *(_planned(Kind.ALERT, [one]) for one in singles),
        *(_planned(Kind.SUMMARY, group) for group in summaries),
        *(_planned(Kind.DIGEST, group) for group in digests),
    ]


def is_ours(one: Delivery, routes: Mapping[str, Route], traits: Traits) -> bool:
    """Whether this configuration tells it: another one over the same graph may have routes of its own.

    An issue is closed whatever became of the route by which it was made.
    """
    return one.route in routes or (traits.follows and one.notice.event in ENDS)


def awake(planned: Iterable[Delivery], routes: Mapping[str, Route], traits: Traits, clock: Clock) -> list[Delivery]:
    """Of what is planned already and did not arrive, the messages that may be told now; a digest may at any time.

    What became of an alert is told in the order in which it happened, or its end would come before its opening.
    """
    listed = list(planned)
    messages = {
        one.message for one in listed if one.kind is Kind.DIGEST or not _is_quiet(one, routes.get(one.route), clock)
    } - {one.message for one in listed if one.behind or not is_ours(one, routes, traits)}
    return [one for one in listed if one.message in messages]


def _is_quiet(one: Delivery, route: Route | None, clock: Clock) -> bool:
    return route is not None and is_quiet(route.quiet, one.notice.facts.severity, clock.now, clock.zone)


def _sorted_out(waiting: Iterable[Delivery], traits: Traits) -> tuple[list[Planned], list[Delivery]]:
    ended: list[Planned] = []
    living: list[Delivery] = []
    for one in waiting:
        if _is_overtaken(one, traits):
            ended.append(Planned((one.id,), state="overtaken"))
        else:
            living.append(one)
    return ended, living


def _is_overtaken(one: Delivery, traits: Traits) -> bool:
    """Whether there is nothing more to say: it is over before it was told, or somebody has muted it since."""
    if not (traits.people or traits.follows):
        return False
    if one.notice.event in NEWS:
        return one.alert_state in (None, "resolved", "muted")
    return not one.told


def _digests(
    living: Iterable[Delivery], routes: Mapping[str, Route], traits: Traits, clock: Clock
) -> tuple[list[list[Delivery]], list[Delivery]]:
    """The digests that are due, each with all that waits for it, and what waits for none."""
    waiting: dict[str, list[Delivery]] = {}
    rest: list[Delivery] = []
    for one in living:
        route = routes.get(one.route)
        if route is not None and route.digest is not None and one.digest:
            waiting.setdefault(one.route, []).append(one)
        else:
            rest.append(one)
    due = [group for name, group in waiting.items() if _is_due(name, str(routes[name].digest), group, clock)]
    if traits.follows or not traits.people:
        # An issue, or a record, is of one alert; what waited for the digest comes then, each by itself.
        return [], [*rest, *(one for group in due for one in group)]
    return due, rest


def _is_due(route: str, written: str, group: Iterable[Delivery], clock: Clock) -> bool:
    oldest = min(one.notice.at for one in group)
    return route in clock.digests or parse_digest(written).after(oldest, clock.zone) <= clock.now


def _capped(
    at_once: Sequence[Delivery], routes: Mapping[str, Route], traits: Traits, at_most: int
) -> tuple[list[Delivery], list[list[Delivery]]]:
    """What is told alone, and what is told as summaries: too many of one rule, and too many altogether."""
    if not (traits.people or traits.follows):
        return list(at_once), []
    groups: dict[tuple[str, str, bool], list[Delivery]] = {}
    for one in at_once:
        groups.setdefault((one.route, one.notice.rule, one.notice.event in ENDS), []).append(one)
    singles: list[Delivery] = []
    summaries: list[list[Delivery]] = []
    for (route, _rule, ends), group in groups.items():
        closes = ends and traits.follows
        if not closes and route in routes and len(group) > routes[route].cap:
            summaries.append(group)
        else:
            singles.extend(group)
    room = max(at_most - len(summaries), 1)
    if len(singles) > room and not traits.follows:
        singles.sort(key=lambda one: (Severity(one.notice.facts.severity).rank, one.notice.at))
        summaries.append(singles[room - 1 :])
        singles = singles[: room - 1]
    return sorted(singles, key=lambda one: (one.notice.at, one.notice.id)), summaries


def _planned(kind: Kind, group: Sequence[Delivery]) -> Planned:
    # Of one alert the id follows from what it is; of several it is made up here, and kept.
    name = (
        hashlib.sha256(f"message\0{group[0].id}".encode()).hexdigest()[:32] if kind is Kind.ALERT else uuid.uuid4().hex
    )
    return Planned(tuple(one.id for one in group), kind=kind, message=name)
