"""Telling what the outbox holds: planned, marked, sent, marked again; a channel that is down keeps no other waiting.

Before a message leaves it is marked, and after it has arrived. What a crash left in between may have arrived: channels
that can tell (a file, an issue) look before they do it again, those whose receivers can tell by the id (webhooks) send
it again, the others leave it, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loader.config import Instance
from loader.config import notify as said
from loader.config.hours import parse_zone
from loader.errors import AzgraphError
from loader.graph.lease import Lease
from loader.notify.channels.channel import Channel, NotDeliveredError, UnclearError
from loader.notify.channels.opening import open_channel, traits_of
from loader.notify.dead_letters import dead_letter_file, keep
from loader.notify.deliveries import Deliveries, Delivery, Ours
from loader.notify.document import Kind
from loader.notify.message import Message, messages_of
from loader.notify.outbox import Outbox, ensure_schema
from loader.notify.planning import Clock, Traits, awake, plan
from loader.notify.templates import Templates

if TYPE_CHECKING:
    from loader.graph import Database

# A message is given up after so many tries, over more than two days: a weekend.
MOST_TRIES = 16
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=8)
_KEPT = timedelta(days=90)
# For so long what is not of this configuration waits for another one that sends from the same graph: longer than the
# time from one weekly digest to the next.
_STRANGE_KEPT = timedelta(days=14)

_NUMBERS = ("messages", "alerts", "failed", "dead", "unsure", "left", "dropped")
Open = Callable[[said.Channel], Channel]


@dataclass(slots=True)
class Told:
    """What became of one channel's messages. problems: sentences, each once; notes: what is no problem.

    left, dropped: alerts that wait for a route or channel that is not of this configuration, and that waited too long.
    """

    channel: str
    messages: int = 0
    alerts: int = 0
    failed: int = 0
    dead: int = 0
    unsure: int = 0
    left: int = 0
    dropped: int = 0
    problems: dict[str, None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return {"channel": self.channel, **numbers, "problems": list(self.problems), "notes": self.notes}

    @property
    def went_wrong(self) -> bool:
        """Whether anything was not told that should have been."""
        return bool(self.failed or self.dead or self.unsure or self.dropped or self.problems)


@dataclass(frozen=True, slots=True)
class Post:
    """All that sending needs. folder: where relative paths of the configuration begin; outbox: what evaluation uses."""

    notify: said.Notify
    outbox: Outbox
    folder: Path
    instances: tuple[Instance, ...] = ()
    open: Open | None = None

    def opened(self, channel: said.Channel) -> Channel:
        """The channel, with its secrets read."""
        return self.open(channel) if self.open else open_channel(channel, self.templates(), self.folder, self.instances)

    def templates(self) -> Templates:
        """The templates that hold."""
        own = self.notify.templates
        return Templates(self.folder / own.expanduser() if own else None)


def send(
    database: Database, post: Post, *, now: datetime | None = None, wait: float = 0, digests: Iterable[str] = ()
) -> list[Told]:
    """Tells what is due; gives what became of it by channel. One azgraph at a time does that.

    now: by which digests and quiet hours are judged (default: now). wait: seconds for another one to end. digests:
    routes whose digest is told now. Raises AzgraphError where another one is sending, UnreachableError where the
    database is not there. Whatever goes wrong with a channel is told in its part.
    """
    clock = Clock((now or datetime.now(UTC)).astimezone(UTC), parse_zone(post.notify.time_zone), frozenset(digests))
    ensure_schema(database)
    lease = Lease(database, name="notify")
    lease.acquire(wait)
    try:
        post.outbox.close_by_hand(database)
        deliveries = Deliveries(database, lease)
        told = {one.name: _channel(deliveries, post, one, clock) for one in post.notify.channels}
        _leave(deliveries, post.notify, told, clock.now)
        deliveries.prune(clock.now - _KEPT)
    finally:
        lease.release()
    return list(told.values())


def _leave(deliveries: Deliveries, notify: said.Notify, told: dict[str, Told], now: datetime) -> None:
    """Leaves what another configuration over the same graph may tell, and says so; ends what nobody has told."""
    ours = Ours(
        [(channel, route.name) for route in notify.routes for channel in route.channels],
        [one.name for one in notify.channels if traits_of(one).follows],
    )
    days = _STRANGE_KEPT.days
    reason = f"for {days} days nobody who tells from this graph had its route and channel"
    for one in deliveries.drop(ours, now - _STRANGE_KEPT, reason, now):
        channel = told.setdefault(one.channel, Told(one.channel))
        channel.dropped += one.deliveries
        channel.problems[f"{one.deliveries} alerts for the route {one.route} were told to nobody: {reason}"] = None
    for one in deliveries.left(ours):
        channel = told.setdefault(one.channel, Told(one.channel))
        channel.left += one.deliveries
        assert one.oldest is not None
        channel.notes.append(
            f"{one.deliveries} alerts are left for whoever has the route {one.route}, which this configuration does "
            f"not have; they are given up from {one.oldest + _STRANGE_KEPT:%Y-%m-%d} on"
        )


def _channel(deliveries: Deliveries, post: Post, channel: said.Channel, clock: Clock) -> Told:
    told, traits = Told(channel.name), traits_of(channel)
    routes = {route.name: route for route in post.notify.routes if channel.name in route.channels}
    again = traits.sends_again if channel.after_crash is None else channel.after_crash == "send_again"
    crashed = deliveries.crashed(channel.name, clock.now, send_again=again)
    if crashed and not again:
        told.unsure = crashed
        told.problems[f"azgraph ended while {crashed} messages were sent; nobody knows whether they arrived"] = None
    waiting = deliveries.read(channel.name, "pending", clock.now)
    if waiting:
        deliveries.plan(plan(waiting, routes, traits, clock, post.notify.at_most), clock.now)
    planned = awake(deliveries.read(channel.name, "planned", clock.now), routes, traits, clock)
    if planned:
        _send_all(deliveries, post, channel, planned, traits, told, clock.now, again=again)
    return told


def _send_all(
    deliveries: Deliveries,
    post: Post,
    channel: said.Channel,
    planned: Sequence[Delivery],
    traits: Traits,
    told: Told,
    now: datetime,
    *,
    again: bool,
) -> None:
    messages = messages_of(planned)
    try:
        opened = post.opened(channel)
    except (AzgraphError, NotDeliveredError) as error:
        told.problems[str(error).rstrip(".")] = None
        told.failed = len(messages)
        return
    # Alerts of which something waits for another try: what came after it would be told before it.
    behind: set[str] = set()
    for start in range(0, len(messages), traits.at_a_time):
        due = messages[start : start + traits.at_a_time]
        part = [one for one in due if not behind & _alerts_of(one)]
        told.failed += len(due) - len(part)
        if not part:
            continue
        deliveries.sending([one.id for one in part], now)
        down = False
        for some, outcome in _outcomes(opened, part):
            if isinstance(outcome, NotDeliveredError):
                _not_delivered(deliveries, channel.name, some, outcome, told, now)
                down = down or outcome.down
            elif isinstance(outcome, Exception):
                _unclear(deliveries, some, outcome, told, now, again=again)
                # A service that gives no answers is left alone until the next time.
                down = down or isinstance(outcome, UnclearError)
            else:
                deliveries.sent([one.id for one in some], outcome, now)
                told.messages += len(some)
                told.alerts += sum(one.document.total for one in some)
            if isinstance(outcome, Exception) and not (isinstance(outcome, NotDeliveredError) and outcome.lasting):
                behind.update(*map(_alerts_of, some))
        if down:
            # What was not tried costs no try.
            told.failed += len(messages) - start - len(due)
            return


def _outcomes(opened: Channel, part: Sequence[Message]) -> Iterator[tuple[Sequence[Message], list[str] | Exception]]:
    """What became of a batch, part by part: the receipts, or why they did not arrive.

    A batch that is refused for what is in it is halved until the one message is found: only that one is given up. Some
    may have been taken with the refused ones; they come twice under one id, as after a crash.
    """
    waiting = [part]
    while waiting:
        some = waiting.pop()
        outcome = _outcome(opened, some)
        refused = outcome if isinstance(outcome, NotDeliveredError) else None
        if refused and refused.lasting and not refused.down and len(some) > 1:
            waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
            continue
        yield some, outcome
        if refused and refused.down:
            # The others would meet the same.
            yield from ((one, outcome) for one in reversed(waiting))
            return


def _outcome(opened: Channel, some: Sequence[Message]) -> list[str] | Exception:
    try:
        return opened.send(some)
    except Exception as error:  # noqa: BLE001 - an answer that nobody thought of costs its message, and no other
        return error


def _alerts_of(message: Message) -> set[str]:
    """The alert of a message of one; what is told together is no part of any order."""
    return {one.id for one in message.document.alerts} if message.document.kind is Kind.ALERT else set()


def _unclear(
    deliveries: Deliveries, part: Sequence[Message], error: Exception, told: Told, now: datetime, *, again: bool
) -> None:
    """As after a crash. The text of what nobody thought of may quote a secret."""
    why = (
        str(error)
        if isinstance(error, UnclearError)
        else f"sending ended in an unforeseen way ({type(error).__name__})"
    )
    reason = f"{why}; nobody knows whether it arrived"
    told.problems[reason] = None
    for one in part:
        tries_left = again and one.attempts + 1 < MOST_TRIES
        deliveries.unclear([one.id], reason, now, now + _pause(one.attempts) if tries_left else None)
        told.failed += tries_left
        told.unsure += not tries_left


def _pause(attempts: int) -> timedelta:
    return min(_FIRST_PAUSE * float(2**attempts), _LONGEST_PAUSE)


def _not_delivered(
    deliveries: Deliveries, channel: str, part: Sequence[Message], error: NotDeliveredError, told: Told, now: datetime
) -> None:
    reason = str(error).rstrip(".")
    told.problems[reason] = None
    given_up = [one for one in part if error.lasting or one.attempts + 1 >= MOST_TRIES]
    others = [one for one in part if one not in given_up]
    for one in others:
        pause = max(_pause(one.attempts), min(timedelta(seconds=error.after), _LONGEST_PAUSE))
        deliveries.failed([one.id], reason, now, now + pause)
    told.failed += len(others)
    if not given_up:
        return
    told.dead += len(given_up)
    try:
        for one in given_up:
            keep(channel, one, reason, now)
    except (OSError, AzgraphError):
        told.problems[f"{dead_letter_file(channel)} cannot be written; the graph has them all the same"] = None
    deliveries.failed([one.id for one in given_up], reason, now, None)
