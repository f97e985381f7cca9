"""Scores that mean something: how much of what was judged passes, by resource, by control, and in parts of either.

A control passes only if every one of its resources does, so its score barely moves while a tenant is put right; that of
the resources moves with each. What was not evaluated, is excepted, manual or has nothing to check counts in neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from loader.areas import is_subscription
from loader.packs.results import CheckOutcome, ControlResult, PackResult, ResourceResult
from loader.verdicts import Severity, Verdict

# Each severity counts twice as much as the next one.
WEIGHTS = {Severity.CRITICAL: 16, Severity.HIGH: 8, Severity.MEDIUM: 4, Severity.LOW: 2, Severity.INFO: 1}
# What lies in no subscription: the directory, management groups.
TENANT_NAME = "the tenant itself"


@dataclass(frozen=True, slots=True)
class Score:
    """What passes of what was judged: how many, or how much they weigh."""

    passed: int = 0
    judged: int = 0

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all; None where nothing was judged."""
        return 100 * self.passed // self.judged if self.judged else None

    @property
    def failed(self) -> int:
        """What does not pass of what was judged."""
        return self.judged - self.passed


@dataclass(frozen=True, slots=True)
class Group:
    """The scores of a part: a severity, a section, a subscription.

    resources: a resource counts once under each check that looks at it; weighted: the same by `WEIGHTS`; controls: of
    a subscription, a control passes where all of its resources in there do. key: a subscription's id, else the
    name.
    """

    key: str
    name: str
    resources: Score = Score()
    weighted: Score = Score()
    controls: Score = Score()


@dataclass(frozen=True, slots=True)
class Scores:
    """All scores of a result: of the whole, and by severity (worst first), section and subscription (in their order).

    not_evaluated, excepted: how many verdicts on resources, or on places that hide some, are these.
    """

    whole: Group
    severities: Sequence[Group]
    sections: Sequence[Group]
    subscriptions: Sequence[Group]
    not_evaluated: int
    excepted: int


@dataclass(frozen=True, slots=True)
class Help:
    """What a check would bring if all of its resources passed. points: percent of the weighted score of the whole."""

    check: CheckOutcome
    failing: int
    controls: tuple[str, ...]
    points: float


@dataclass(frozen=True, slots=True)
class Worst:
    """A resource with the checks that it fails, the worst first."""

    resource: ResourceResult
    checks: tuple[CheckOutcome, ...]


def scores_of(result: PackResult) -> Scores:
    """The scores over all that was judged, whatever of it is listed."""
    once = _verdicts(result.judged_controls)
    whole = _group("", "", once, result.judged_controls)
    return Scores(
        whole=whole,
        severities=_severities(result, once),
        sections=_sections(result),
        subscriptions=_subscriptions(result, once),
        not_evaluated=sum(one.verdict is Verdict.NOT_EVALUATED for _, one in once),
        excepted=sum(one.verdict is Verdict.EXCEPTED for _, one in once),
    )


def part_of(name: str, controls: Sequence[ControlResult]) -> Group:
    """The scores of some of a result's controls, such as those of a section."""
    return _group(name, name, _verdicts(controls), controls)


def helps(result: PackResult) -> list[Help]:
    """The failing checks, first those whose mending raises the weighted score most."""
    verdicts = _verdicts(result.judged_controls)
    total = _group("", "", verdicts, ()).weighted.judged
    failing = Counter(check.label for check, one in verdicts if one.verdict is Verdict.FAIL)
    uses: dict[str, list[str]] = {}
    checks: dict[str, CheckOutcome] = {}
    for control in result.judged_controls:
        for check in control.checks:
            uses.setdefault(check.label, []).append(control.id)
            checks.setdefault(check.label, check)
    found = []
    for name, count in failing.items():
        points = 100 * count * WEIGHTS[checks[name].severity] / total
        found.append(Help(checks[name], count, tuple(dict.fromkeys(uses[name])), points))
    return sorted(found, key=lambda one: (-one.points, one.check.severity.rank, one.check.label))


def worst_resources(result: PackResult) -> list[Worst]:
    """The resources that fail something, first those whose failures weigh most."""
    found: dict[str, tuple[ResourceResult, list[CheckOutcome]]] = {}
    for check, one in _verdicts(result.judged_controls):
        if one.verdict is Verdict.FAIL:
            found.setdefault(one.key, (one, []))[1].append(check)
    worst = [Worst(one, tuple(sorted(checks, key=lambda check: check.severity.rank))) for one, checks in found.values()]
    return sorted(worst, key=lambda one: (-_weight(one.checks), one.resource.name.lower(), one.resource.key))


def _weight(checks: Iterable[CheckOutcome]) -> int:
    return sum(WEIGHTS[check.severity] for check in checks)


def _verdicts(controls: Iterable[ControlResult]) -> list[tuple[CheckOutcome, ResourceResult]]:
    """Every verdict on a resource, once, however many controls rest on it: the worst, where an exception is for some of
    these controls only.
    """
    found: dict[tuple[str, str], tuple[CheckOutcome, ResourceResult]] = {}
    for check in (check for control in controls for check in control.checks):
        for one in check.resources:
            before = found.get((check.label, one.key))
            if before is None or one.verdict.rank < before[1].verdict.rank:
                found[check.label, one.key] = (check, one)
    return list(found.values())


def _group(
    key: str, name: str, verdicts: Iterable[tuple[CheckOutcome, ResourceResult]], controls: Iterable[ControlResult]
) -> Group:
    judged, weighing = {Verdict.PASS: 0, Verdict.FAIL: 0}, {Verdict.PASS: 0, Verdict.FAIL: 0}
    for check, one in verdicts:
        if one.verdict in judged:
            judged[one.verdict] += 1
            weighing[one.verdict] += WEIGHTS[check.severity]
    counts = Counter(control.verdict for control in controls)
    resources, weighted, whole = (
        Score(part[Verdict.PASS], part[Verdict.PASS] + part[Verdict.FAIL]) for part in (judged, weighing, counts)
    )
    return Group(key, name, resources, weighted, whole)


def _severities(result: PackResult, once: Sequence[tuple[CheckOutcome, ResourceResult]]) -> list[Group]:
    verdicts: dict[Severity, list[tuple[CheckOutcome, ResourceResult]]] = {}
    for pair in once:
        verdicts.setdefault(pair[0].severity, []).append(pair)
    controls: dict[Severity | None, list[ControlResult]] = {}
    for control in result.judged_controls:
        controls.setdefault(control.severity, []).append(control)
    return [
        _group(severity.value, severity.value, verdicts.get(severity, ()), controls.get(severity, ()))
        for severity in Severity
        if severity in verdicts or severity in controls
    ]


def _sections(result: PackResult) -> list[Group]:
    chapters: dict[str, list[ControlResult]] = {}
    for control in result.judged_controls:
        chapters.setdefault(control.chapter or control.section, []).append(control)
    return [part_of(name, controls) for name, controls in chapters.items()]


def _subscriptions(result: PackResult, once: Sequence[tuple[CheckOutcome, ResourceResult]]) -> list[Group]:
    """Those that hold something that was judged; what lies in none stands last."""
    places: dict[str, list[tuple[CheckOutcome, ResourceResult]]] = {}
    for check, one in once:
        places.setdefault(place_of(one), []).append((check, one))
    parts = _controls_by_place(result.judged_controls)
    names = {key: place_name(key, result.subscriptions) for key in places}
    ordered = sorted(places, key=lambda key: (key == "", names[key].lower(), key))
    return [_group(key, names[key], places[key], parts.get(key, ())) for key in ordered]


def place_of(one: ResourceResult) -> str:
    """The id of the subscription that a resource lies in; empty where it lies in none."""
    if one.key.startswith("/subscriptions/"):
        return one.key.split("/")[2]
    return one.area if one.area and is_subscription(one.area) else ""


def place_name(place: str, subscriptions: Mapping[str, str]) -> str:
    """What people call a subscription (by its id), or what lies in none."""
    return subscriptions.get(place, place) if place else TENANT_NAME


def _controls_by_place(controls: Iterable[ControlResult]) -> dict[str, list[ControlResult]]:
    """Each control in each subscription that holds some of its resources, with the verdict that these give it."""
    found: dict[str, list[ControlResult]] = {}
    for control in controls:
        here: dict[str, set[Verdict]] = {}
        for check in control.checks:
            for one in check.resources:
                here.setdefault(place_of(one), set()).add(one.verdict)
        for place, verdicts in here.items():
            worst = min(verdicts, key=lambda verdict: verdict.rank)
            found.setdefault(place, []).append(replace(control, verdict=worst))
    return found
