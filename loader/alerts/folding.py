"""What Azure's own services find and a rule of ours says already is told once: by ours, with a note of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from loader.alerts.alert import SHORT_ID, Alert, Finding
from loader.alerts.life import Excuse, Step
from loader.alerts.rule import Rule
from loader.alerts.store import alert_of

if TYPE_CHECKING:
    from loader.graph import Database

_OURS = """
MATCH (a:Alert) WHERE a.ruleId IN $rules AND a.notifyKey IS NOT NULL AND a.state <> 'resolved'
RETURN properties(a) AS alert
"""


class Folding:
    """The alerts of ours that say what findings of a rule over Azure's own services say too.

    rules: those whose alerts count; `also` of each names what the services call the same.
    """

    def __init__(self, database: Database, rules: Iterable[Rule]) -> None:
        self._database = database
        self._names = {rule.id: {name.lower() for name in rule.also} for rule in rules if rule.also}

    def fold(self, rule: Rule, findings: Mapping[str, Finding]) -> tuple[dict[str, Excuse], list[Step]]:
        """Of a rule's findings those that one of ours says already, and those of ours whose note of it is new.

        Ours must be there now, and be about the same resource or a part of it.
        """
        if not self._names:
            return {}, []
        ours = [alert_of(row["alert"]) for row in self._database.read(_OURS, {"rules": sorted(self._names)})]
        by_place: dict[str, list[Alert]] = {}
        for alert in ours:
            for place in _places(alert.entity_key):
                by_place.setdefault(place, []).append(alert)
        excused: dict[str, Excuse] = {}
        said: dict[str, set[str]] = {}
        for finding in findings.values():
            names = {name.lower() for name in finding.said}
            for alert in by_place.get(finding.entity_key, ()):
                if names & self._names[alert.rule_id]:
                    told = f"alert {alert.id[:SHORT_ID]} of {alert.rule_id} says the same"
                    excused.setdefault(finding.id, Excuse("other", told))
                    said.setdefault(alert.id, set()).add(f"{rule.title}: {finding.title}")
        return excused, [step for alert in ours if (step := _noted(alert, rule, said.get(alert.id, set())))]


def _places(key: str) -> Iterable[str]:
    """The key and all that it is a part of."""
    parts = key.split("/")
    return ("/".join(parts[:length]) for length in range(len(parts), 0, -1))


def _noted(alert: Alert, rule: Rule, said: set[str]) -> Step | None:
    """Ours with what this rule's findings say of it, where that differs."""
    others = {one for one in alert.also if not one.startswith(f"{rule.title}: ")}
    also = tuple(sorted(others | said))
    return Step(alert.model_copy(update={"also": also}), "ongoing") if also != alert.also else None
