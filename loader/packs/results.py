"""What evaluating a pack gives: a verdict for each control, and for each resource under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from loader.library.definitions import Remediation
from loader.library.exceptions import ResourceException
from loader.library.overridden import Overridden
from loader.library.parameters import Given
from loader.packs.basis import Assessed
from loader.verdicts import Severity, Verdict


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """One resource's verdict with the reason as a sentence. link: its page in the portal.

    exception: what makes it `excepted`; without it the verdict would be `fail`, for the same reason.
    browser: opens its node in Neo4j Browser, where `loader.browser.findings` has told it. kind: its entity type; area:
    the subscription's id, or the tenant's area; parent: the key it was fetched under. unseen: it is no resource, and
    stands for those that were not loaded at a place. raised: its severity where that is more than its check's, because
    of what it means where the resource stands (`loader.packs.meaning`); the reason says why. as_of: when the oldest of
    the evidence was read (ISO 8601), where that was not in the latest run; the reason says it too.
    """

    key: str
    name: str
    verdict: Verdict
    reason: str
    link: str = ""
    exception: ResourceException | None = None
    browser: str = ""
    kind: str = ""
    area: str = ""
    parent: str = ""
    unseen: bool = False
    raised: Severity | None = None
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check over its whole population; `resources` worst first."""

    verdict: Verdict
    reason: str
    resources: list[ResourceResult]


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """A check as one control uses it, over its whole population; `resources` worst first.

    settings: what the control sets the check's parameters to; used: the values of all its parameters.
    """

    id: str
    title: str
    severity: Severity
    verdict: Verdict
    reason: str
    resources: list[ResourceResult]
    remediation: Remediation
    references: list[str] = field(default_factory=list)
    settings: Mapping[str, Given] = field(default_factory=dict)
    used: Mapping[str, Given] = field(default_factory=dict)

    def severity_of(self, one: ResourceResult) -> Severity:
        """That of a finding: the check's, or what it is raised to."""
        return one.raised or self.severity

    @property
    def label(self) -> str:
        """What tells it from the control's other checks, for people and programs: `defender-plan (plan: KeyVaults)`."""
        return f"{self.id} ({values_told(self.settings)})" if self.settings else self.id

    @property
    def heading(self) -> str:
        """The same with its title."""
        return f"{self.title} ({values_told(self.settings)})" if self.settings else self.title


def values_told(settings: Mapping[str, Given]) -> str:
    """Parameters on one line: `days: 90, plans: A, B`."""
    return ", ".join(
        f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in settings.items()
    )


@dataclass(frozen=True, slots=True)
class ControlResult:
    """One control of a pack. checks: what evaluated it; none where nothing does.

    level: None where the benchmark has none. chapter: the heading of the topmost section above it. remains: what a
    person must still look at beside the checks; meanings: what a verdict means in this pack. The reason says both.
    overridden: what a user's `overrides.yaml` changed of the control and its checks, where `tell_overridden` told it.
    """

    id: str
    title: str
    section: str
    level: int | None
    verdict: Verdict
    reason: str
    checks: list[CheckOutcome] = field(default_factory=list)
    remains: str | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)
    overridden: tuple[Overridden, ...] = ()
    chapter: str = ""

    @property
    def rows(self) -> list[tuple[CheckOutcome, ResourceResult]]:
        """Every resource under every check, worst first: the resource's verdict, then the check's severity."""
        found = [(check, one) for check in self.checks for one in check.resources]
        return sorted(found, key=lambda pair: (pair[1].verdict.rank, pair[0].severity_of(pair[1]).rank))

    @property
    def resources(self) -> list[ResourceResult]:
        """The resources of all checks, worst first. One that several checks look at stands here as often."""
        return [one for _, one in self.rows]

    @property
    def only(self) -> CheckOutcome | None:
        """Its check, where there is exactly one."""
        return self.checks[0] if len(self.checks) == 1 else None

    @property
    def raised(self) -> Severity | None:
        """That of its worst finding, where that is more than the control's own."""
        found = [one.raised for _, one in self.rows if one.raised and one.verdict is Verdict.FAIL]
        worst = min(found, key=lambda one: one.rank, default=None)
        return worst if worst and self.severity and worst.rank < self.severity.rank else None

    @property
    def severity(self) -> Severity | None:
        """That of the worst check that fails, or of the worst of all where none does, whatever a finding means."""
        failing = [check.severity for check in self.checks if check.verdict is Verdict.FAIL]
        return min(failing or [check.severity for check in self.checks], key=lambda one: one.rank, default=None)

    def judged(self, checks: list[CheckOutcome]) -> ControlResult:
        """The same control with the verdict that these checks (at least one) give it."""
        verdict, reason = verdict_over_checks(checks)
        words = [self.meanings.get(verdict.value), reason]
        words.append(f"What remains for a person: {self.remains}" if self.remains else None)
        told = " ".join(one for one in words if one)
        return replace(self, checks=checks, verdict=verdict, reason=told)


class ExceptionState(StrEnum):
    """What became of an exception in a pack. UNUSED: its resources are there, and none of them fails."""

    USED = "used"
    EXPIRED = "expired"
    UNMATCHED = "unmatched"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class ExceptionUse:
    """An exception with what became of it in one pack. note: a sentence for those whose state needs one."""

    exception: ResourceException
    state: ExceptionState
    resources: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PackResult:
    """A pack, evaluated. run: the latest sync run the graph holds, or None; at: when it finished, ISO 8601.

    exceptions: those of the file that are about this pack, with what became of each. licence: on what terms the
    requirements' ids and titles stand here; a copy of them must name it. subscriptions: those that the graph knows, by
    their ids, with their names.

    filters: what was asked for, where it is a part of the pack (`loader.packs.selection`); of: how many controls the
    whole pack has then. whole: all controls that were judged, where `controls` lists only some verdicts of them.
    assessed: what all of it rests on, where the command told it.
    """

    pack: str
    title: str
    version: str
    source: str
    run: str | None
    at: str | None
    controls: list[ControlResult]
    exceptions: list[ExceptionUse] = field(default_factory=list)
    licence: str | None = None
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, list[str]] = field(default_factory=dict)
    of: int | None = None
    whole: list[ControlResult] | None = None
    assessed: Assessed | None = None

    @property
    def judged_controls(self) -> list[ControlResult]:
        """What summary and scores are about, whatever of it is listed."""
        return self.controls if self.whole is None else self.whole

    @property
    def covered(self) -> int:
        """How many controls have a check, whatever it says."""
        return sum(bool(control.checks) for control in self.judged_controls)

    @property
    def summary(self) -> dict[Verdict, int]:
        """How many controls have each verdict."""
        return {one: sum(control.verdict is one for control in self.judged_controls) for one in Verdict}

    @property
    def evaluated(self) -> int:
        """How many controls pass or fail: what the score is a share of."""
        return self.summary[Verdict.PASS] + self.summary[Verdict.FAIL]

    @property
    def score(self) -> int | None:
        """Passing controls as a percentage of those that pass or fail, rounded down; None where none does.

        Excepted, manual and not-evaluated controls count neither way, so a reader needs their numbers beside it.
        """
        return 100 * self.summary[Verdict.PASS] // self.evaluated if self.evaluated else None

    def findings(self, severity: Severity) -> list[ControlResult]:
        """The listed controls with a finding of at least this severity: its check's, or what it is raised to.

        Excepted ones are not among them.
        """
        return [
            control
            for control in self.controls
            if any(
                check.severity_of(one).rank <= severity.rank and one.verdict is Verdict.FAIL
                for check in control.checks
                for one in check.resources
            )
        ]


def verdict_over(resources: Sequence[ResourceResult]) -> tuple[Verdict, str]:
    """The verdict of a control over its resources (at least one), and sentences that say why, and how old that is."""
    verdict, reason = _verdict_over(resources)
    return verdict, f"{reason}{_aged(resources)}"


def _aged(resources: Iterable[ResourceResult]) -> str:
    """A sentence where some of the evidence is older than the latest run; empty otherwise."""
    times = [one.as_of for one in resources if one.as_of]
    if not times:
        return ""
    oldest = datetime.fromisoformat(min(times, key=datetime.fromisoformat))
    return f" Evidence of {len(times)} is older than the latest run, the oldest as of {oldest:%Y-%m-%d %H:%M} UTC."


def _verdict_over(resources: Sequence[ResourceResult]) -> tuple[Verdict, str]:
    counts = Counter(one.verdict for one in resources)
    failing, unknown, excepted = (counts[one] for one in (Verdict.FAIL, Verdict.NOT_EVALUATED, Verdict.EXCEPTED))
    told = {
        f"{failing} of {len(resources)} fail.": failing,
        f"{excepted} of {len(resources)} {'fails' if excepted == 1 else 'fail'}, which an exception accepts.": excepted,
    }
    reason = " ".join(sentence for sentence, count in told.items() if count)
    if failing:
        return Verdict.FAIL, f"{reason} {unknown} could not be evaluated." if unknown else reason
    if unknown:
        first = next(one for one in resources if one.verdict is Verdict.NOT_EVALUATED)
        rest = f"{unknown} of {len(resources)} could not be evaluated. {first.reason}"
        return Verdict.NOT_EVALUATED, f"{reason} {rest}".lstrip()
    if excepted:
        return Verdict.EXCEPTED, reason
    return Verdict.PASS, f"All {len(resources)} pass." if len(resources) > 1 else "It passes."


def verdict_over_checks(checks: Sequence[CheckOutcome]) -> tuple[Verdict, str]:
    """The verdict of a control over its checks (at least one), and the sentences that say why.

    A check with nothing to look at counts only where all of them have nothing.
    """
    if len(checks) == 1:
        return checks[0].verdict, checks[0].reason
    verdict = min((one.verdict for one in checks), key=lambda one: one.rank)
    told = []
    for one, words in _OUTCOMES.items():
        these = [check for check in checks if check.verdict is one]
        if these:
            number = f"{len(these)} of {len(checks)}" if len(these) < len(checks) else f"All {len(checks)}"
            told.append(f"{number} checks {words}{_named(these) if one in _NAMED else '.'}")
    return verdict, " ".join(told) + _aged(resource for check in checks for resource in check.resources)


_OUTCOMES = {
    Verdict.FAIL: "fail",
    Verdict.NOT_EVALUATED: "could not be evaluated",
    Verdict.EXCEPTED: "fail as an exception accepts",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "had nothing to look at",
}
# The verdicts whose checks a reason names, and how many of them.
_NAMED = (Verdict.FAIL, Verdict.NOT_EVALUATED)
_CHECKS_TOLD = 3


def _named(checks: Sequence[CheckOutcome]) -> str:
    """The worst few checks with their reasons."""
    worst = sorted(checks, key=lambda one: one.severity.rank)[:_CHECKS_TOLD]
    told = " ".join(f"{one.heading}: {one.reason}" for one in worst)
    return f". {told}" + (f" And {len(checks) - _CHECKS_TOLD} more." if len(checks) > _CHECKS_TOLD else "")
