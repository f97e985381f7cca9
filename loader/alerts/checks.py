"""Checks as rules: the resources that fail a check are findings, in the life of alerts.

Verdicts and exceptions are those of the packs. What could not be evaluated stays as it is and is never resolved.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Alert
from loader.alerts.asking import At, Said
from loader.alerts.rule import Kind, Rule
from loader.areas import TENANT
from loader.errors import UsageError
from loader.library.definitions import Check, Control, Pack, Section
from loader.library.exceptions import ResourceException
from loader.library.library import Library
from loader.packs import CheckOutcome, ResourceResult, evaluate_pack
from loader.packs.exceptions import apply_exceptions
from loader.packs.results import values_told
from loader.verdicts import Verdict

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.tier0 import Tier0

PREFIX = "check."
# A pack of the checks that are named by themselves; exceptions for a pack are not about it.
_ALONE = "azgraph-alerts"


def rule_of(check: Check) -> Rule:
    """The rule that a check is; `check.<id>`."""
    rule = Rule.model_construct(
        id=PREFIX + check.id,
        title=check.title,
        severity=check.severity,
        kind=Kind.STATE,
        description=check.description or check.title,
        remediation=check.remediation.portal,
        references=check.references,
        needs=[*check.resource, *check.needs],
        identity=["entity", "settings"],
        message="{name} fails: {check}",
        severity_from="severity",
        cypher=check.cypher,
        examples=[],
    )
    return rule.changed({}, *check.overridden) if check.overridden else rule


class CheckRules:
    """Checks, and all checks of packs, as rules. rules: one a check; `ask` is the source of each.

    library: has these checks and packs. exceptions: leave out what they cover. The packs are evaluated once, when the
    first of the rules is asked. tier0: as `evaluate_pack` takes it.
    """

    def __init__(
        self,
        library: Library,
        checks: Iterable[str],
        packs: Iterable[str],
        exceptions: Sequence[ResourceException] = (),
        tier0: Tier0 | None = None,
    ) -> None:
        alone = list(dict.fromkeys(checks))
        self._library, self._exceptions, self._tier0 = library, exceptions, tier0
        self._packs = [library.pack(name) for name in dict.fromkeys(packs)]
        if alone:
            self._packs.append(_pack_of([library.check(name) for name in alone]))
        names = sorted({use.check for pack in self._packs for _, control in pack.controls() for use in control.uses})
        self.rules = [rule_of(library.check(name)) for name in names]
        self._told: dict[str, _Told] | None = None

    def ask(self, database: Database, rule: Rule, at: At) -> Said:
        """The failing resources of a check. It is a `Source`. Raises UsageError where the check itself fails."""
        if self._told is None:
            self._told = self._evaluated(database, at)
        told = self._told.get(rule.id.removeprefix(PREFIX), _Told())
        if failure := told.failure(rule.id.removeprefix(PREFIX)):
            raise UsageError(failure)
        return Said(list(told.failing.values()), list(told.accepted.values()), told.gone, told.untold())

    def _evaluated(self, database: Database, at: At) -> dict[str, _Told]:
        found: dict[str, _Told] = {}
        for pack in self._packs:
            result = evaluate_pack(database, self._library, pack, coverage=at.coverage, tier0=self._tier0)
            result = apply_exceptions(result, self._exceptions, at.now.date())
            for control in result.controls:
                where = "" if pack.id == _ALONE else f"{pack.id} {control.id}"
                for check in control.checks:
                    found.setdefault(check.id, _Told()).add(check, where)
        return {name: told.settled() for name, told in found.items()}


@dataclass(slots=True)
class _Told:
    """What packs said of the resources of one check, by identity: key and settings.

    asked: the settings it was asked with; packs: by which packs, where "" is the check by itself.
    """

    failing: dict[str, dict[str, Any]] = field(default_factory=dict)
    accepted: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    passing: set[str] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    packs: set[str] = field(default_factory=set)

    def add(self, check: CheckOutcome, where: str) -> None:
        """Takes in a check as one control has it."""
        settings = values_told(check.settings)
        self.asked.add(settings)
        self.packs.add(where.partition(" ")[0])
        for one in check.resources:
            identity = json.dumps([one.key, settings], ensure_ascii=False, separators=(",", ":"))
            if one.unseen:
                self.unseen[one.key] = one.reason
            elif one.verdict is Verdict.FAIL:
                row = self.failing.setdefault(identity, _row(check, one, settings))
                row["controls"] = sorted({*row["controls"], *([where] if where else [])})
            elif one.verdict is Verdict.EXCEPTED and one.exception is not None:
                accepted = one.exception
                sentence = f"{accepted.reason} (accepted by {accepted.owner} until {accepted.expires})"
                self.accepted.setdefault(identity, (_row(check, one, settings), sentence))
            elif one.verdict is Verdict.PASS:
                self.passing.add(identity)
            else:
                self.unknown[identity] = one.reason

    def settled(self) -> _Told:
        """What fails in one place is not accepted by an exception of another."""
        self.accepted = {one: row for one, row in self.accepted.items() if one not in self.failing}
        return self

    def failure(self, check: str) -> str | None:
        """Why the check said nothing of anything, where that is its own fault and not that of what was loaded."""
        if self.failing or self.passing or self.accepted:
            return None
        reasons = (*self.unknown.values(), *self.unseen.values())
        return next((reason for reason in reasons if reason.startswith(f"The check {check} ")), None)

    def untold(self) -> dict[str, str]:
        """Why nobody can tell, by the keys of what was not evaluated."""
        return {str(json.loads(one)[0]): reason for one, reason in self.unknown.items()} | self.unseen

    def gone(self, alert: Alert) -> bool | None:
        """Whether an alert that does not fail any more is known to be well."""
        if alert.identity in self.unknown:
            return False
        if alert.identity in self.passing:
            return True
        if not self._asked_for(alert):
            return False
        key = alert.entity_key
        return False if any(key == one or key.startswith(f"{one}/") or one == TENANT for one in self.unseen) else None

    def _asked_for(self, alert: Alert) -> bool:
        """Whether the alert's own question was asked: its settings, or all packs that had them and may have others now.

        A pack that was not evaluated may set the check to something else, of which nobody has heard anything now.
        """
        if str(json.loads(alert.identity)[1]) in self.asked:
            return True
        controls = json.loads(alert.values).get("controls") or [""]
        return {str(one).partition(" ")[0] for one in controls} <= self.packs


def _row(check: CheckOutcome, one: ResourceResult, settings: str) -> dict[str, Any]:
    return {
        "entity": one.key,
        "name": one.name,
        "check": check.heading,
        "reason": one.reason,
        "severity": check.severity_of(one).value,
        "settings": settings,
        "controls": [],
    }


def _pack_of(checks: Sequence[Check]) -> Pack:
    controls = [Control(id=check.id, title=check.title, check=check.id) for check in checks]
    section = Section(id="1", title="Checks", controls=controls)
    return Pack(id=_ALONE, version="1", title="Checks as rules", source="azgraph", sections=[section])


def sources_of(rules: CheckRules) -> Mapping[str, Any]:
    """The source of each of the rules, by its id."""
    return {rule.id: rules.ask for rule in rules.rules}


__all__ = ["PREFIX", "CheckRules", "rule_of", "sources_of"]
