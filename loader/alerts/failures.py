"""A rule that cannot be evaluated is itself an alert: nobody watches what it would have watched."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from loader.alerts.alert import Finding, alert_id, identity_of
from loader.alerts.life import OFF, Moment, advance
from loader.alerts.outcomes import RuleOutcome
from loader.alerts.rule import First, Kind, Rule
from loader.alerts.store import Also, DamagedError, read_alerts, write_steps
from loader.verdicts import Severity

if TYPE_CHECKING:
    from loader.graph import Database

# It has no query: evaluation itself knows.
RULE_FAILED = Rule.model_construct(
    id="rule-failed",
    title="An alert rule cannot be evaluated",
    severity=Severity.HIGH,
    kind=Kind.STATE,
    description="A rule's query fails, so nobody is told of what it watches. Its alerts stay as they were.",
    remediation="Read the reason. A rule of your own is wrong, asks too much, or the graph holds what it cannot read.",
    needs=[],
    identity=["rule"],
    first=First.OPEN,
    examples=[],
)


def tell_failures(
    database: Database,
    outcomes: Iterable[RuleOutcome],
    off: Iterable[Rule] = (),
    *,
    now: datetime,
    seq: int,
    also: Also | None = None,
) -> RuleOutcome:
    """Opens an alert for each rule that failed, ends those of rules that were evaluated again or are switched off."""
    judged = [one for one in outcomes if one.status != "waiting"]
    found = {one.id: one for one in (_finding(one, seq) for one in judged if one.status == "failed")}
    working = {identity_of([one.rule.id]) for one in judged if one.status != "failed"}
    try:
        stored, _ = read_alerts(database, RULE_FAILED.id, found)
    except DamagedError as error:
        return RuleOutcome(RULE_FAILED, "failed", f"That rules fail cannot be told: {error}.")
    excused = {alert_id(RULE_FAILED.id, identity_of([rule.id])): OFF for rule in off}
    moment = Moment(now, seq, None, lambda alert: alert.identity in working, excused)
    steps = [advance(RULE_FAILED, stored.get(one), found.get(one), moment) for one in sorted({*stored, *found})]
    write_steps(database, [step for step in steps if step.alert != stored.get(step.alert.id)], also)
    new = tuple(step.alert for step in steps if step.event in ("opened", "reopened"))
    return RuleOutcome(RULE_FAILED, "ok", counts=Counter(step.event for step in steps), new=new)


def _finding(outcome: RuleOutcome, seq: int) -> Finding:
    rule, identity = outcome.rule, identity_of([outcome.rule.id])
    return Finding(
        id=alert_id(RULE_FAILED.id, identity),
        identity=identity,
        entity_key=f"rule/{rule.id}",
        entity_type="alert-rule",
        entity_name=rule.title,
        title=f"Rule {rule.id} cannot be evaluated",
        severity=RULE_FAILED.severity,
        values=json.dumps({"reason": outcome.reason, "rule": rule.id}, ensure_ascii=False, sort_keys=True),
        seq=seq,
    )
