"""Evaluates rules over the graph: each rule's query is read, its alerts live on, and only what differs is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Alert, State, area_of
from loader.alerts.asking import Answer, At, Source, ask, ask_cypher
from loader.alerts.failures import tell_failures
from loader.alerts.findings import RowError, known_entities
from loader.alerts.folding import Folding
from loader.alerts.life import OFF, Excuse, Moment, Step, advance, owner_now
from loader.alerts.opened_by import with_changes
from loader.alerts.outcomes import Evaluation, RuleOutcome
from loader.alerts.rule import Kind, Rule
from loader.alerts.scopes import LastRun, Needs, last_run, last_seq_before, standing
from loader.alerts.store import (
    Also,
    DamagedError,
    RuleState,
    ensure_schema,
    read_alerts,
    read_rule_state,
    write_rule_state,
    write_steps,
)
from loader.coverage.coverage import Coverage
from loader.library.failing import FAILURES, own_failure

if TYPE_CHECKING:
    from loader.graph import Database


def evaluate(
    database: Database,
    rules: Iterable[Rule],
    *,
    now: datetime | None = None,
    sources: Mapping[str, Source] | None = None,
    at_once: Collection[str] = (),
    others: Iterable[Rule] = (),
    off: Iterable[Rule] = (),
    also: Also | None = None,
) -> Evaluation:
    """Evaluates each rule over the latest finished run; the failure of one is its own, and stops no other.

    now: the point in time that expiry and closing are measured from (default: now, in UTC). sources: where the rows of
    rules come from that have no query of their own, by the rules' ids. at_once: rules that do not wait for the end of
    their `every`. others: rules that are not evaluated now, but whose alerts count where they say what findings of
    Azure's own services say too. off: rules that are switched off, whose alerts are closed. also: writes more in the
    transactions in which alerts are written, see `store.write_steps`. Raises UsageError where no run has finished,
    UnreachableError where the database is not there.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    run = last_run(database)
    ensure_schema(database)
    # What Azure's own services find comes last: what ours say by then need not be said twice.
    ordered = sorted(rules, key=lambda rule: bool(rule.said_in))
    folding = Folding(database, [*ordered, *others])
    work = _Work(database, run, moment, Coverage.read(database), sources or {}, at_once, also, folding)
    silent = tuple(off)
    evaluated = [work.outcome(rule) for rule in ordered]
    stood_for = [one.rule for one in evaluated if one.status in ("ok", "incomplete")]
    gone = {one: rule for rule in stood_for for one in rule.formerly}
    former = [rule.model_copy(update={"id": one}) for one, rule in gone.items()]
    outcomes = (
        *evaluated,
        *work.close(silent, lambda _rule: OFF),
        *work.close(former, lambda rule: Excuse("other", f"the rule is now {gone[rule.id].id}")),
    )
    failures = tell_failures(database, outcomes, [*silent, *former], now=moment, seq=run.seq, also=also)
    return Evaluation(run, moment, outcomes, failures)


@dataclass(frozen=True, slots=True)
class _Work:
    """One evaluation while it is at work."""

    database: Database
    run: LastRun
    now: datetime
    coverage: Coverage
    sources: Mapping[str, Source]
    at_once: Collection[str]
    also: Also | None
    folding: Folding

    def outcome(self, rule: Rule) -> RuleOutcome:
        """One rule. Whatever is wrong with it, or with what it reads, is its own outcome."""
        try:
            return self._evaluated(rule)
        except (*FAILURES, RowError) as error:
            reason = f"The query of {rule.id} {error}." if isinstance(error, RowError) else None
            reason = reason or own_failure(f"The query of {rule.id}", error)
            if reason is None:
                raise
            self._remember_failure(rule, reason)
            return RuleOutcome(rule, "failed", reason)

    def close(self, rules: Iterable[Rule], why: Callable[[Rule], Excuse]) -> Iterator[RuleOutcome]:
        """Closes the alerts of rules that are not evaluated any more; tells of those that had some."""
        for rule in rules:
            try:
                stored, _ = read_alerts(self.database, rule.id, ())
            except DamagedError as error:
                yield RuleOutcome(rule, "failed", f"The alerts of {rule.id} cannot be closed: {error}.")
                continue
            excused = dict.fromkeys(stored, why(rule))
            moment = Moment(self.now, self.run.seq, None, lambda _alert: False, excused)
            steps = [advance(rule, alert, None, moment) for alert in stored.values()]
            write_steps(self.database, steps, self.also)
            if steps:
                told = "" if why(rule) is OFF else f"The alerts of {rule.id} are closed: {why(rule).sentence}."
                yield RuleOutcome(rule, "off", told, Counter(step.event for step in steps))

    def _remember_failure(self, rule: Rule, reason: str) -> None:
        with suppress(DamagedError):
            before = read_rule_state(self.database, rule.id)
            write_rule_state(self.database, before, _state(rule, before, last_status="failed", last_reason=reason))

    def _evaluated(self, rule: Rule) -> RuleOutcome:
        before = read_rule_state(self.database, rule.id)
        state = _state(rule, before)
        if self._waits(rule, state):
            return RuleOutcome(rule, "waiting")
        since = _since(self.database, rule, state, self.now)
        at = At(self.now, since, self.run.seq, self.coverage)
        answer = ask(self.database, rule, at, self.sources.get(rule.id, ask_cypher))
        run, coverage = standing(self.database, self.run, self.coverage)
        # A row that cannot be read may be that of any alert, so none is resolved for not being found.
        needs = Needs(rule, coverage, settled=run.settled and not answer.faults)
        outcome = self._live(rule, answer, state, needs)
        if answer.faults:
            said = f"The query of {rule.id} {answer.faults[0]}; its other rows were evaluated."
            outcome = replace(outcome, reason=said)
        # Changes that could not be seen whole are read again next time; identity keeps them from opening twice.
        seen_all = outcome.status == "ok" or (rule.kind is not Kind.CHANGE and not outcome.counts.get("postponed"))
        state = _state(
            rule,
            before,
            last_status=outcome.status,
            last_reason=outcome.reason,
            last_evaluated_seq=self.run.seq if seen_all else since,
            last_evaluated_at=self.now if rule.every else None,
            areas=tuple(sorted({*state.areas, *needs.begun})),
        )
        write_rule_state(self.database, before, state)
        return outcome

    def _waits(self, rule: Rule, state: RuleState) -> bool:
        if rule.every is None or rule.id in self.at_once or state.last_evaluated_at is None:
            return False
        return state.last_evaluated_at <= self.now < state.last_evaluated_at + rule.every

    def _live(self, rule: Rule, answer: Answer, state: RuleState, needs: Needs) -> RuleOutcome:
        """Advances every alert of the rule and writes those that differ."""
        excused, found = dict(answer.excused), dict(answer.findings)
        noted: list[Step] = []
        if rule.said_in:
            folded, noted = self.folding.fold(rule, found)
            excused |= folded
            found = {one: finding for one, finding in found.items() if one not in folded}
        stored, adrift = read_alerts(self.database, rule.id, found)

        # What may be half written opens nothing, and changes nothing of what is there.
        late = {one for one, finding in found.items() if needs.unfinished(area_of(finding.scope, finding.entity_key))}
        waiting = [one for one in late if one not in stored or stored[one].state is State.RESOLVED]
        found = {one: finding for one, finding in found.items() if one not in late}

        def whole(alert: Alert) -> bool:
            if alert.id in late:
                return False
            gone = answer.gone(alert)
            return needs.whole_for(alert) if gone is None else gone and needs.settled

        rest = {one: alert for one, alert in stored.items() if one not in found and one not in late}
        present = {**stored, **self._owned(rule, rest)}
        first = state.last_evaluated_seq is None

        def newest(alert: Alert) -> int | None:
            return needs.newest(self.database, alert)

        moment = Moment(self.now, self.run.seq, None if first else frozenset(state.areas), whole, excused, newest)
        steps = [advance(rule, present.get(one), found.get(one), moment) for one in sorted({*stored, *found})]
        if not first:
            steps = with_changes(self.database, steps, state.last_evaluated_seq or 0, self.run.seq)
        differing = [step for step in steps if step.alert != stored.get(step.alert.id) or step.alert.id in adrift]
        write_steps(self.database, [*differing, *noted], self.also)
        fresh = tuple(step.alert for step in steps if step.event in ("opened", "reopened") and step.alert.is_new)
        return RuleOutcome(
            rule,
            "ok" if needs.whole() else "incomplete",
            counts=Counter({"postponed": len(waiting)}) + Counter(step.event for step in steps),
            new=fresh,
            gaps=tuple(needs.gaps()),
        )

    def _owned(self, rule: Rule, alerts: Mapping[str, Alert]) -> dict[str, Alert]:
        """Of alerts that are there and not found now (a change is found once), those that somebody else owns now."""
        there = {one: alert for one, alert in alerts.items() if alert.state is not State.RESOLVED}
        known = known_entities(self.database, rule, (one.entity_key for one in there.values())) if there else {}
        owners = {
            one: owner_now(alert, known[alert.entity_key].owner, there=known[alert.entity_key].there)
            for one, alert in there.items()
        }
        return {
            one: alert.model_copy(update={"owner": owners[one]})
            for one, alert in there.items()
            if owners[one] != alert.owner
        }


def _state(rule: Rule, before: RuleState | None, **changes: Any) -> RuleState:
    """The state of a rule as it is now in the library, with what is remembered of it."""
    return RuleState(
        id=rule.id,
        title=rule.title,
        severity=str(rule.severity),
        kind=str(rule.kind),
        last_evaluated_seq=before.last_evaluated_seq if before else None,
        last_evaluated_at=before.last_evaluated_at if before else None,
        areas=before.areas if before else (),
    ).model_copy(update=changes)


def _since(database: Database, rule: Rule, state: RuleState, now: datetime) -> int:
    """The run after which changes count: what was evaluated, and nothing that would be closed at once."""
    if rule.kind is not Kind.CHANGE or rule.close_after is None:
        return state.last_evaluated_seq or 0
    return max(state.last_evaluated_seq or 0, last_seq_before(database, now - rule.close_after))
