"""What an evaluation did: rule by rule, and altogether."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loader.alerts.alert import Alert
from loader.alerts.rule import Rule
from loader.alerts.scopes import LastRun
from loader.coverage.coverage import Gap

EVENTS = ("opened", "reopened", "reminded", "raised", "unmuted", "ongoing", "held", "postponed", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What evaluating one rule did.

    status: ok; incomplete: evaluated, but `gaps` were not loaded whole or a row could not be read (`reason`), so
    nothing was resolved there; failed: not evaluated, nothing of it was touched, `reason` says why; waiting: its
    `every` is not over; off: it is switched off, or another rule stands for it now (`reason`), and its alerts were
    closed. counts: alerts by event, and what is found and does not open before the run that loads it is at its end
    (postponed). new: opened or reopened after the baseline.
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
    """One evaluation of rules over the latest finished run. failures: what became of the alerts about failing rules."""

    run: LastRun
    now: datetime
    outcomes: tuple[RuleOutcome, ...]
    failures: RuleOutcome | None = None

    @property
    def failed(self) -> bool:
        return any(outcome.status == "failed" for outcome in self._all)

    @property
    def new(self) -> list[Alert]:
        """What opened or reopened after the baseline, worst first."""
        found = [alert for outcome in self._all for alert in outcome.new]
        return sorted(found, key=lambda alert: (alert.severity.rank, alert.title, alert.id))

    @property
    def missing(self) -> list[str]:
        """What some rule needs and was not loaded whole, each as a sentence, once."""
        return self._told(unfinished=False)

    @property
    def unfinished(self) -> list[str]:
        """What some rule needs and the run that loads it is not at its end with, each as a sentence, once."""
        return self._told(unfinished=True)

    def _told(self, *, unfinished: bool) -> list[str]:
        gaps = (gap for outcome in self.outcomes for gap in outcome.gaps if gap.unfinished is unfinished)
        return list(dict.fromkeys(gap.sentence for gap in gaps))

    @property
    def totals(self) -> dict[str, int]:
        return {event: sum(outcome.counts.get(event, 0) for outcome in self._all) for event in EVENTS}

    @property
    def _all(self) -> tuple[RuleOutcome, ...]:
        return (*self.outcomes, self.failures) if self.failures else self.outcomes

    def as_json(self) -> dict[str, Any]:
        return {
            "run": self.run.id,
            "seq": self.run.seq,
            "at": self.now.isoformat(),
            "rules": [outcome.as_json() for outcome in self.outcomes],
            "summary": self.totals,
        }
