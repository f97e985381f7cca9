"""Why an alert is open or is not: the question, its parameters, what it returns now, and what was not loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Alert, Finding, State, area_of
from loader.alerts.asking import Answer, At, Source, ask, ask_cypher, parameters_of
from loader.alerts.failures import RULE_FAILED
from loader.alerts.findings import RowError
from loader.alerts.folding import Folding
from loader.alerts.opened_by import changes_of
from loader.alerts.rule import Kind, Rule
from loader.alerts.scopes import Needs, last_run
from loader.areas import TENANT
from loader.coverage.coverage import Coverage
from loader.errors import UsageError
from loader.library.running import plain

if TYPE_CHECKING:
    from loader.graph import Database


_POSTPONED = "The run that loads it is not at its end, so nothing opens before the next evaluation after that."
_CLOSES_OFF = "The rule is switched off: the alert closes with the next `azgraph alerts evaluate`."


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an alert is as it is. why: sentences; findings: what the rule finds of it now, out of `rows` findings.

    missing: what the rule needs and was not loaded whole. changes: those that opened the alert.
    """

    rule: str
    query: str
    parameters: Mapping[str, Any]
    rows: int
    findings: list[dict[str, Any]]
    why: list[str]
    missing: list[str]
    changes: list[dict[str, Any]] = field(default_factory=list)
    alert: Alert | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "alert": self.alert.id if self.alert else None,
            "state": str(self.alert.state) if self.alert else None,
            "why": self.why,
            "query": self.query,
            "parameters": {name: plain(value) for name, value in self.parameters.items()},
            "rows": self.rows,
            "findings": self.findings,
            "missing": self.missing,
            "changes": self.changes,
        }


def explain_alert(
    database: Database,
    alert: Alert,
    rule: Rule | None,
    source: Source = ask_cypher,
    *,
    others: Sequence[Rule] = (),
    now: datetime | None = None,
) -> Explained:
    """Why an alert is open or is not. rule: its rule, None where the library has it no more; others: all other rules.

    Raises UsageError where no run has finished yet.
    """
    changes = changes_of(database, alert)
    if alert.rule_id == RULE_FAILED.id:
        told = json.loads(alert.values)
        why = [_ended(alert)] if alert.state is State.RESOLVED else [str(told["reason"])]
        return Explained(RULE_FAILED.id, "", {"rule": told["rule"]}, 0, [], why, [], changes, alert)
    if rule is None:
        return Explained(alert.rule_id, "", {}, 0, [], [_without_rule(alert, others)], [], changes, alert)
    asked = _Asked(database, rule, source, others, now, before=alert.last_seen_seq)
    if asked.failure:
        return asked.explained(
            [], [asked.failure, "Nothing of the alert is touched until it works again."], alert, changes
        )
    found = [one for one in asked.answer.findings.values() if one.id == alert.id]
    rows = [{"title": one.title, "severity": str(one.severity), "values": one.values} for one in found]
    why = asked.found(alert) if found else asked.not_found(alert)
    if alert.state is State.MUTED:
        until = f"until {alert.muted_until:%Y-%m-%d %H:%M} UTC" if alert.muted_until else "until somebody lifts it"
        why.append(f"It is muted {until}: {alert.note or 'no note was left'}.")
    return asked.explained(rows, why, alert, changes)


def explain_entity(
    database: Database,
    rule: Rule,
    entity: str,
    source: Source = ask_cypher,
    *,
    others: Sequence[Rule] = (),
    now: datetime | None = None,
) -> Explained:
    """Why a rule opens an alert about an entity (by its `_key`), or opens none. others: all other rules."""
    asked = _Asked(database, rule, source, others, now, before=1)
    if asked.failure:
        return asked.explained([], [asked.failure], None, [])
    keys = (entity, entity.lower())
    found = [one for one in asked.answer.findings.values() if one.entity_key in keys]
    rows = [{"title": one.title, "severity": str(one.severity), "values": one.values} for one in found]
    known = database.read("MATCH (e:Entity) WHERE e._key IN [$key, toLower($key)] RETURN 1 AS one", {"key": entity})
    excuses = [asked.answer.excused.get(one.id) for one in found]
    silent = [told for one, told in asked.answer.silent.items() if any(_is_about(one, key) for key in keys)]
    if found and all(excuses):
        why = [f"It is found, but opens nothing: {one.sentence}." for one in excuses if one]
    elif found and rule.enabled is False:
        why = [f"The rule finds {entity}, but it is switched off, so it opens nothing."]
    elif found and all(asked.postponed(one) for one in found):
        why = [f"The rule finds {entity}. {_POSTPONED}"]
    elif found:
        why = [f"The rule finds {entity}: the alert is there, or opens with the next `azgraph alerts evaluate`."]
    elif silent:
        why = silent
    elif not known:
        why = [f"The graph has no entity {entity!r}."]
    else:
        why = [f"The rule's query returns no row for {entity}."]
        if asked.missing:
            why.append("Not all that the rule needs was loaded whole, so that does not say that all is well.")
    return asked.explained(rows, why, None, [])


def _is_about(told: str, key: str) -> bool:
    """Whether what is told of one entity, or of the whole tenant, is about this one too."""
    return told in (key, TENANT) or key.startswith(f"{told}/")


class _Asked:
    """A rule asked once more, and what follows for an alert of it."""

    def __init__(
        self,
        database: Database,
        rule: Rule,
        source: Source,
        others: Sequence[Rule],
        now: datetime | None,
        *,
        before: int,
    ) -> None:
        self._database, self._rule = database, rule
        self._now = (now or datetime.now(UTC)).astimezone(UTC)
        self._run = last_run(database)
        coverage = Coverage.read(database)
        # A change that opened an alert was news then; so all changes since before that are looked at.
        self._at = At(self._now, before - 1 if rule.kind is Kind.CHANGE else self._run.seq, self._run.seq, coverage)
        self._needs = Needs(rule, coverage, settled=self._run.settled)
        self.failure, self.answer = "", Answer({})
        try:
            self.answer = ask(database, rule, self._at, source)
            if rule.said_in:
                folded, _ = Folding(database, others).fold(rule, self.answer.findings)
                self.answer.excused.update(folded)
        except (RowError, UsageError) as error:
            self.failure = str(error) if isinstance(error, UsageError) else f"The query of {rule.id} {error}."

    def explained(
        self, rows: list[dict[str, Any]], why: list[str], alert: Alert | None, changes: list[dict[str, Any]]
    ) -> Explained:
        return Explained(
            self._rule.id,
            self._rule.cypher,
            parameters_of(self._rule, self._at),
            len(self.answer.findings),
            rows,
            why,
            self.missing,
            changes,
            alert,
        )

    @property
    def missing(self) -> list[str]:
        """What the rule needs and was not loaded whole, or is older than the latest run."""
        return [*(gap.sentence for gap in self._needs.gaps()), *self._needs.older()]

    def postponed(self, finding: Finding) -> bool:
        """Whether the finding waits for the end of the run that loads what it depends on."""
        return self._needs.unfinished(area_of(finding.scope, finding.entity_key))

    def found(self, alert: Alert) -> list[str]:
        """Why it is as it is where the rule finds it now."""
        if excuse := self.answer.excused.get(alert.id):
            return [f"It is found, but opens nothing: {excuse.sentence}."]
        if self._rule.enabled is False:
            return [_ended(alert) if alert.state is State.RESOLVED else _CLOSES_OFF]
        if alert.state is not State.RESOLVED:
            return [f"It is {alert.state}: the rule's query returns it over run {self._run.seq}."]
        loaded = self._needs.newest(self._database, alert) or self._run.seq
        if alert.resolved_by == "hand" and min(loaded, self._run.seq) <= (alert.resolved_seq or 0):
            return [f"Somebody closed it in run {alert.resolved_seq}; it reopens if a later run still finds it."]
        if alert.resolved_by == "exception":
            # The file of exceptions is given to evaluations, and not here.
            return [_ended(alert), "It is found all the same, and reopens when the exception does not hold any more."]
        if self._rule.kind is Kind.CHANGE:
            return ["The change is the one that opened it, and that is over; only a new one reopens it."]
        if self.postponed(self.answer.findings[alert.id]):
            return [f"It is found again. {_POSTPONED}"]
        return ["It is found again and reopens with the next `azgraph alerts evaluate`."]

    def not_found(self, alert: Alert) -> list[str]:
        """The same where the rule does not find it."""
        if alert.state is State.RESOLVED:
            return [_ended(alert)]
        if excuse := self.answer.excused.get(alert.id):
            return [f"It closes with the next evaluation: {excuse.sentence}."]
        if self._rule.close_after is not None:
            closes = alert.opened_at + self._rule.close_after
            return [f"It tells of something that happened and closes by itself on {closes:%Y-%m-%d}, or by hand."]
        gone = self.answer.gone(alert)
        if gone is False and (told := self.answer.silent.get(alert.entity_key)):
            return [f"{told} It stays until somebody can."]
        if gone is None:
            gone = self._needs.whole_for(alert)
        if not gone or not self._needs.settled:
            return ["It is not found any more, but stays: not all that it depends on was loaded whole or evaluated."]
        return ["It is not found any more and is resolved with the next `azgraph alerts evaluate`."]


def _without_rule(alert: Alert, others: Sequence[Rule]) -> str:
    if alert.state is State.RESOLVED:
        return _ended(alert)
    now = next((rule.id for rule in others if alert.rule_id in rule.formerly), None)
    if now is not None:
        return f"The rule {alert.rule_id} is now {now}: the alert closes when that is evaluated."
    return f"No rule {alert.rule_id} is evaluated any more, so the alert stays as it is until somebody closes it."


def _ended(alert: Alert) -> str:
    how = {
        "rule": "the rule no longer found it",
        "time": "its time was over",
        "hand": "somebody closed it",
        "exception": "an exception accepts it",
        "other": "another alert says the same",
        "off": "the rule is switched off",
    }.get(alert.resolved_by or "", "it ended")
    at = f" on {alert.resolved_at:%Y-%m-%d %H:%M} UTC" if alert.resolved_at else ""
    return f"It is resolved{at} in run {alert.resolved_seq}: {how}."
