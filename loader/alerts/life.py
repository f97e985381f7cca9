"""The life of an alert, as a pure function: what the graph has and what the rule found give what it must become.

    (nothing) ── found ──► open ── acknowledge ──► acknowledged ── mute ──► muted
                            ▲  └──────────── not found any more ──────────────┘
                            │                        ▼
                            └──── found again ── resolved

Nothing resolves where the data was not loaded whole. What somebody has accepted, or another alert says, is closed. What
is found in a rule's first evaluation of an area is its baseline: it opens without being new, so that switching a rule
on does not ring all bells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from loader.alerts.alert import Alert, Finding, State, area_of
from loader.alerts.rule import First, Kind, Rule

# What somebody may want to hear of; the other events are no news.
NEWS = ("opened", "reopened", "reminded", "raised", "unmuted", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a finding opens no alert though it is there. by: exception, other or off, as in `Alert.resolved_by`."""

    by: str
    sentence: str


OFF = Excuse("off", "the rule is switched off")


@dataclass(frozen=True, slots=True)
class Moment:
    """When and over what data a rule is evaluated.

    seq: the latest finished run. known_areas: areas this rule was evaluated for before, None if it never was.
    whole: tells of an alert whether all that it can depend on was loaded whole. excused: findings by their ids that
    are there and open nothing. newest: the latest run that loaded anything an alert can depend on, None where that is
    not known; the latest run of all may be another tenant's.
    """

    now: datetime
    seq: int
    known_areas: frozenset[str] | None
    whole: Callable[[Alert], bool]
    excused: Mapping[str, Excuse] = field(default_factory=dict)
    newest: Callable[[Alert], int | None] = lambda _alert: None

    def is_baseline(self, rule: Rule, area: str) -> bool:
        if rule.first is First.OPEN:
            return False
        return self.known_areas is None or (bool(area) and area not in self.known_areas)


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one alert: `event` is opened, reopened, reminded, raised, unmuted, ongoing, held, resolved, closed
    or left. Raised is more severe than it was; unmuted, that the time of its mute is over.

    A muted alert has events too; whether somebody is told is for whoever tells.
    """

    alert: Alert
    event: str

    @property
    def is_news(self) -> bool:
        """Whether it is something to hear of."""
        return self.event in NEWS


def advance(rule: Rule, stored: Alert | None, finding: Finding | None, moment: Moment) -> Step:
    """The next state of one alert; `stored` or `finding` may be missing, never both."""
    if stored is None:
        assert finding is not None
        return Step(_open(rule, finding, moment), "opened")
    if finding is None:
        return _unseen(rule, stored, moment)
    if stored.state is State.RESOLVED:
        return _seen_after_end(rule, stored, finding, moment)
    return _going_on(stored, _seen(stored, finding, moment), "ongoing")


def notify_key(alert: str, times_opened: int, bucket: int | None) -> str:
    """Names the occasion to tell somebody: once each opening, and once each bucket of an expiry."""
    return f"{alert}:{times_opened}" + (f":{bucket}" if bucket is not None else "")


def _open(rule: Rule, finding: Finding, moment: Moment) -> Alert:
    baseline = moment.is_baseline(rule, area_of(finding.scope, finding.entity_key))
    alert = Alert(
        id=finding.id,
        rule_id=rule.id,
        identity=finding.identity,
        entity_key=finding.entity_key,
        entity_type=finding.entity_type,
        entity_name=finding.entity_name,
        scope=finding.scope,
        title=finding.title,
        severity=finding.severity,
        state=State.OPEN,
        opened_at=moment.now,
        opened_seq=moment.seq,
        last_seen_seq=finding.seq,
        is_new=not baseline,
        baseline=baseline,
        values=finding.values,
        notify_key=notify_key(finding.id, 1, finding.bucket),
        bucket=finding.bucket,
        owner=finding.owner,
        opened_by=finding.opened_by,
    )
    return alert.to("opened", moment.now, moment.seq, remark="baseline" if baseline else "")


def _seen(stored: Alert, finding: Finding, moment: Moment) -> Alert:
    """Still there: takes over what the finding now says; a new bucket and more severity are worth an event."""
    alert = stored.model_copy(
        update={
            "title": finding.title,
            "severity": finding.severity,
            "values": finding.values,
            "entity_key": finding.entity_key,
            # An entity that has just gone from the graph leaves its name and place behind.
            "entity_type": finding.entity_type or stored.entity_type,
            "entity_name": finding.entity_name or stored.entity_name,
            "scope": finding.scope or stored.scope,
            "last_seen_seq": max(finding.seq, stored.last_seen_seq),
            "bucket": finding.bucket,
            "owner": owner_now(stored, finding.owner, there=finding.there),
            "notify_key": notify_key(stored.id, stored.times_opened, finding.bucket),
        }
    )
    if finding.bucket != stored.bucket:
        alert = alert.to("reminded", moment.now, moment.seq, remark=f"{finding.bucket} days or less")
    elif stored.state is not State.RESOLVED and finding.severity.rank < stored.severity.rank:
        alert = alert.to("raised", moment.now, moment.seq, remark=f"{finding.severity}, was {stored.severity}")
    return _aged(alert, moment)


def owner_now(stored: Alert, owner: str, *, there: bool) -> str:
    """Whose an alert is now. An entity that has gone took its tags with it: whoever owned it then still does."""
    return owner if there else stored.owner or owner


def _going_on(stored: Alert, alert: Alert, otherwise: str) -> Step:
    """An alert that was there and still is, with what happened to it that is worth telling."""
    if alert.bucket != stored.bucket:
        return Step(alert, "reminded")
    if stored.state is State.MUTED and alert.state is not State.MUTED:
        return Step(alert, "unmuted")
    return Step(alert, "raised" if alert.severity.rank < stored.severity.rank else otherwise)


def _seen_after_end(rule: Rule, stored: Alert, finding: Finding, moment: Moment) -> Step:
    """A resolved alert reopens when it is really back, not when old news is read again."""
    old_news = rule.kind is Kind.CHANGE and finding.seq <= stored.last_seen_seq
    if old_news or (stored.resolved_by == "hand" and _knew_this(stored, finding, moment)):
        return Step(stored, "left")
    times = stored.times_opened + 1
    alert = _seen(stored, finding, moment).to(
        "reopened",
        moment.now,
        moment.seq,
        state=State.MUTED if stored.mute_holds(moment.now) else State.OPEN,
        opened_at=moment.now,
        opened_seq=moment.seq,
        times_opened=times,
        is_new=True,
        baseline=False,
        notify_key=notify_key(stored.id, times, finding.bucket),
        resolved_at=None,
        resolved_seq=None,
        resolved_by=None,
        opened_by=finding.opened_by,
        muted=stored.mute_holds(moment.now),
        muted_until=stored.muted_until if stored.mute_holds(moment.now) else None,
    )
    return Step(alert, "reopened")


def _knew_this(stored: Alert, finding: Finding, moment: Moment) -> bool:
    """Whether the person who closed it had the data that still show it: only what was loaded since says otherwise."""
    loaded, closed = moment.newest(stored), stored.resolved_seq or 0
    return finding.seq <= closed or (loaded is not None and loaded <= closed)


def _unseen(rule: Rule, stored: Alert, moment: Moment) -> Step:
    if stored.state is State.RESOLVED:
        return Step(stored, "left")
    if excuse := moment.excused.get(stored.id):
        return Step(_resolve(stored, moment, "closed", excuse.by, excuse.sentence), "closed")
    if rule.kind is Kind.CHANGE:
        # What happened stays happened: only time, or a person, closes it.
        if rule.close_after is not None and stored.opened_at + rule.close_after <= moment.now:
            return Step(_resolve(stored, moment, "closed", "time"), "closed")
        return _going_on(stored, _aged(stored, moment), "ongoing")
    if not moment.whole(stored):
        return _going_on(stored, _aged(stored, moment), "held")
    return Step(_resolve(stored, moment, "resolved", "rule"), "resolved")


def _aged(stored: Alert, moment: Moment) -> Alert:
    """What time alone does: no longer new once another run has passed, no longer muted once the mute has ended."""
    alert = stored.model_copy(update={"is_new": stored.is_new and stored.opened_seq == moment.seq})
    if alert.state is State.MUTED and not alert.mute_holds(moment.now):
        return alert.to("unmuted", moment.now, moment.seq, state=State.OPEN, muted=False, muted_until=None)
    return alert


def _resolve(stored: Alert, moment: Moment, event: str, by: str, remark: str = "") -> Alert:
    return stored.to(
        event,
        moment.now,
        moment.seq,
        remark=remark,
        state=State.RESOLVED,
        resolved_at=moment.now,
        resolved_seq=moment.seq,
        resolved_by=by,
        is_new=False,
    )
