"""What evaluating a pack gives: a verdict for each control, and for each resource under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from loader.packs.definitions import Remediation, Severity

if TYPE_CHECKING:
    from loader.packs.exceptions import ExceptionUse, ResourceException


class Verdict(StrEnum):
    """The outcome for a control or a resource, worst first. EXCEPTED: it fails, and somebody has accepted that."""

    FAIL = "fail"
    NOT_EVALUATED = "not-evaluated"
    EXCEPTED = "excepted"
    MANUAL = "manual"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NOT_APPLICABLE = "not-applicable"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Verdict).index(self)


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """One resource's verdict with the reason as a sentence. link: its page in the portal.

    exception: what makes it `excepted`; without it the verdict would be `fail`, for the same reason.
    """

    key: str
    name: str
    verdict: Verdict
    reason: str
    link: str = ""
    exception: ResourceException | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check over its whole population; `resources` worst first."""

    verdict: Verdict
    reason: str
    resources: list[ResourceResult]


@dataclass(frozen=True, slots=True)
class ControlResult:
    """One control of a pack. check and what comes after it are empty where the control has no check.

    remains: what a person must still look at where the check sees a part; the reason says it too.
    """

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
    remains: str | None = None


@dataclass(frozen=True, slots=True)
class PackResult:
    """A pack, evaluated. run: the latest sync run the graph holds, or None; at: when it finished, ISO 8601.

    exceptions: those of the file that are about this pack, with what became of each.
    """

    pack: str
    title: str
    version: str
    source: str
    run: str | None
    at: str | None
    controls: list[ControlResult]
    exceptions: list[ExceptionUse] = field(default_factory=list)

    @property
    def summary(self) -> dict[Verdict, int]:
        """How many controls have each verdict."""
        return {one: sum(control.verdict is one for control in self.controls) for one in Verdict}

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
        """The failing controls of at least this severity; excepted ones are not among them."""
        return [
            control
            for control in self.controls
            if control.verdict is Verdict.FAIL and control.severity and control.severity.rank <= severity.rank
        ]


def with_remains(reason: str, remains: str | None) -> str:
    """A control's reason, with what its check does not see."""
    return f"{reason} What remains for a person: {remains}" if remains else reason


def verdict_over(resources: Sequence[ResourceResult]) -> tuple[Verdict, str]:
    """The verdict of a control over its resources (at least one), and the sentence that says why."""
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
