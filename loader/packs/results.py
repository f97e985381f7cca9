"""What evaluating a pack gives: a verdict for each control, and for each resource under it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from loader.packs.definitions import Remediation, Severity


class Verdict(StrEnum):
    """The outcome for a control or a resource, worst first."""

    FAIL = "fail"
    NOT_EVALUATED = "not-evaluated"
    MANUAL = "manual"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NOT_APPLICABLE = "not-applicable"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """One resource's verdict with the reason as a sentence. link: its page in the portal."""

    key: str
    name: str
    verdict: Verdict
    reason: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check over its whole population; `resources` worst first."""

    verdict: Verdict
    reason: str
    resources: list[ResourceResult]


@dataclass(frozen=True, slots=True)
class ControlResult:
    """One control of a pack. check and what comes after it are empty where the control has no check."""

    id: str
    title: str
    section: str
    level: int
    verdict: Verdict
    reason: str
    resources: list[ResourceResult] = field(default_factory=list)
    check: str | None = None
    severity: Severity | None = None
    remediation: Remediation | None = None
    references: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PackResult:
    """A pack, evaluated. run: the latest sync run the graph holds, or None; at: when it finished, ISO 8601."""

    pack: str
    title: str
    version: str
    source: str
    run: str | None
    at: str | None
    controls: list[ControlResult]

    @property
    def summary(self) -> dict[Verdict, int]:
        """How many controls have each verdict."""
        return {one: sum(control.verdict is one for control in self.controls) for one in Verdict}

    def findings(self, severity: Severity) -> list[ControlResult]:
        """The failing controls of at least this severity."""
        return [
            control
            for control in self.controls
            if control.verdict is Verdict.FAIL and control.severity and control.severity.rank <= severity.rank
        ]
