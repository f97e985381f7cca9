"""Evaluates rules over the graph: each rule's query is read, its alerts live on, and only what differs is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Alert, Finding
from loader.alerts.findings import RowError, known_entities, read_rows
from loader.alerts.life import Moment, advance
from loader.alerts.rule import Kind, Rule
from loader.alerts.scopes import LastRun, Needs, last_run, last_seq_before
from loader.alerts.store import (
    DamagedError,
    RuleState,
    ensure_schema,
    read_alerts,
    read_rule_state,
    write_alerts,
    write_rule_state,
)
from loader.coverage.coverage import Coverage, Gap
from loader.library.failing import FAILURES, own_failure
from loader.library.parameters import bind
from loader.library.running import TIMEOUT, read

if TYPE_CHECKING:
    from loader.graph import Database

EVENTS = ("opened", "reopened", "ongoing", "held", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What evaluating one rule did.

    status: ok; incomplete: evaluated, but `gaps` were not loaded whole or a row could not be read (`reason`), so
    nothing was resolved there; failed: not evaluated, nothing of it was touched, `reason` says why. counts: alerts by
    event. new: opened or reopened after the baseline.
    """

    rule: Rule
    status: str
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    new: tuple[Alert, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def told(self) -> str:
        """The counts in words: "1 opened, 3 ongoing"."""
        return ", ".join(f"{self.counts[event]} {event}" for event in EVENTS if self.counts.get(event)) or "none"

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "severity": str(self.rule.severity),
            "overridden": [change.as_json() for change in self.rule.overridden],
            "status": self.status,
            "reason": self.reason,
            **{event: self.counts.get(event, 0) for event in EVENTS},
            "new": [{"id": alert.id, "title": alert.title, "severity": str(alert.severity)} for alert in self.new],
            "gaps": [{"step": gap.step, "scope": gap.area, "reason": gap.sentence} for gap in self.gaps],
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of rules over the latest finished run."""

    run: LastRun
    now: datetime
    outcomes: tuple[RuleOutcome, ...]

    @property
    def failed(self) -> bool:
        return any(outcome.status == "failed" for outcome in self.outcomes)

    @property
    def new(self) -> list[Alert]:
        """What opened or reopened after the baseline, worst first."""
        found = (alert for outcome in self.outcomes for alert in outcome.new)
        return sorted(found, key=lambda alert: (alert.severity.rank, alert.title, alert.id))

    @property
    def missing(self) -> list[str]:
        """What some rule needs and was not loaded whole, each as a sentence, once."""
        return list(dict.fromkeys(gap.sentence for outcome in self.outcomes for gap in outcome.gaps))

    @property
    def totals(self) -> dict[str, int]:
        return {event: sum(outcome.counts.get(event, 0) for outcome in self.outcomes) for event in EVENTS}

    def as_json(self) -> dict[str, Any]:
        return {
            "run": self.run.id,
            "seq": self.run.seq,
            "at": self.now.isoformat(),
            "rules": [outcome.as_json() for outcome in self.outcomes],
            "summary": self.totals,
        }


def evaluate(database: Database, rules: Iterable[Rule], *, now: datetime | None = None) -> Evaluation:
    """Evaluates each rule over the latest finished run; the failure of one is its own and stops no other.

    now: the point in time that expiry and closing are measured from (default: now, in UTC). Raises UsageError where
    no run has finished yet, UnreachableError where the database is not there.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    run = last_run(database)
    ensure_schema(database)
    coverage = Coverage.read(database)
    return Evaluation(run, moment, tuple(_evaluate(database, rule, run, coverage, moment) for rule in rules))


def _evaluate(database: Database, rule: Rule, run: LastRun, coverage: Coverage, now: datetime) -> RuleOutcome:
    """One rule. Whatever is wrong with it, or with what it reads, is its own outcome."""
    try:
        return _evaluated(database, rule, run, coverage, now)
    except (*FAILURES, RowError) as error:
        reason = f"The query of {rule.id} {error}." if isinstance(error, RowError) else None
        reason = reason or own_failure(f"The query of {rule.id}", error)
        if reason is None:
            raise
        _remember_failure(database, rule, reason)
        return RuleOutcome(rule, "failed", reason)


def _remember_failure(database: Database, rule: Rule, reason: str) -> None:
    with suppress(DamagedError):
        before = read_rule_state(database, rule.id)
        write_rule_state(database, before, _state(rule, before, last_status="failed", last_reason=reason))


def _state(rule: Rule, before: RuleState | None, **changes: Any) -> RuleState:
    """The state of a rule as it is now in the library, with what is remembered of it."""
    return RuleState(
        id=rule.id,
        title=rule.title,
        severity=str(rule.severity),
        kind=str(rule.kind),
        last_evaluated_seq=before.last_evaluated_seq if before else None,
        areas=before.areas if before else (),
    ).model_copy(update=changes)


def _evaluated(database: Database, rule: Rule, run: LastRun, coverage: Coverage, now: datetime) -> RuleOutcome:
    before = read_rule_state(database, rule.id)
    state = _state(rule, before)
    since = _since(database, rule, state, now)
    found, faults = _findings(database, rule, now=now, since=since, until=run.seq)
    # A row that cannot be read may be that of any alert, so none is resolved for not being found.
    needs = Needs(rule, coverage, settled=run.settled and not faults)
    first = state.last_evaluated_seq is None
    moment = Moment(now, run.seq, None if first else frozenset(state.areas), needs.whole_for)
    outcome = _live(database, rule, found, moment, needs)
    if faults:
        outcome = replace(outcome, reason=f"The query of {rule.id} {faults[0]}; its other rows were evaluated.")
    # Changes that could not be seen whole are read again next time; identity keeps them from opening twice.
    seen_all = outcome.status == "ok" or rule.kind is not Kind.CHANGE
    state = _state(
        rule,
        before,
        last_status=outcome.status,
        last_reason=outcome.reason,
        last_evaluated_seq=run.seq if seen_all else since,
        areas=tuple(sorted({*state.areas, *needs.areas})),
    )
    write_rule_state(database, before, state)
    return outcome


def _since(database: Database, rule: Rule, state: RuleState, now: datetime) -> int:
    """The run after which changes count: what was evaluated, and nothing that would be closed at once."""
    if rule.kind is not Kind.CHANGE or rule.close_after is None:
        return state.last_evaluated_seq or 0
    return max(state.last_evaluated_seq or 0, last_seq_before(database, now - rule.close_after))


def _findings(
    database: Database, rule: Rule, *, now: datetime, since: int, until: int
) -> tuple[dict[str, Finding], list[str]]:
    """The findings by their ids, and what is wrong with rows that are none."""
    horizon = max((bucket.days for bucket in rule.buckets), default=0)
    declared = bind(f"The rule {rule.id}", rule.parameters, {})
    parameters = {**declared, "now": now, "sinceSeq": since, "days": horizon}
    raw = read(database, f"The query of {rule.id}", rule.cypher, parameters, TIMEOUT)
    rows, faults = read_rows(rule, raw, now=now, since=since, until=until)
    known = known_entities(database, (row.entity_key for row in rows)) if rows else {}
    findings = (row.finding(rule, known[row.entity_key]) for row in rows)
    return {finding.id: finding for finding in findings}, faults


def _live(database: Database, rule: Rule, found: dict[str, Finding], moment: Moment, needs: Needs) -> RuleOutcome:
    """Advances every alert of the rule and writes those that differ."""
    stored, adrift = read_alerts(database, rule.id, found)
    steps = [advance(rule, stored.get(one), found.get(one), moment) for one in sorted({*stored, *found})]
    write_alerts(
        database,
        [step.alert for step in steps if step.alert != stored.get(step.alert.id) or step.alert.id in adrift],
    )
    fresh = tuple(step.alert for step in steps if step.event in ("opened", "reopened") and step.alert.is_new)
    return RuleOutcome(
        rule,
        "ok" if needs.whole() else "incomplete",
        counts=Counter(step.event for step in steps),
        new=fresh,
        gaps=tuple(needs.gaps()),
    )
