"""Scores by resource, by control and in parts: what counts, how often, and how much."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from loader.library import Severity
from loader.library.definitions import Remediation
from loader.packs import CheckOutcome, ControlResult, PackResult, ResourceResult, Verdict
from loader.packs.results import verdict_over
from loader.packs.scores import WEIGHTS, Score, helps, scores_of, worst_resources

pytestmark = pytest.mark.packs
FAIL, PASS, UNKNOWN = Verdict.FAIL, Verdict.PASS, Verdict.NOT_EVALUATED


def one(name: str, verdict: Verdict, subscription: str = "a") -> ResourceResult:
    if not subscription:
        return ResourceResult(name, name, verdict, "So.", area="tenant:t")
    return ResourceResult(f"/subscriptions/{subscription}/{name}", name, verdict, "So.", area=subscription)


def check(name: str, severity: Severity, *resources: ResourceResult) -> CheckOutcome:
    verdict, reason = verdict_over(resources)
    return CheckOutcome(name, name, severity, verdict, reason, [*resources], Remediation(portal="Do it."))


def control(number: str, chapter: str, *checks: CheckOutcome) -> ControlResult:
    return ControlResult(number, number, f"{chapter}.1", 1, UNKNOWN, "", chapter=chapter).judged([*checks])


HIGH = check("high", Severity.HIGH, one("vm", FAIL), one("vm2", PASS), one("far", PASS, "b"), one("odd", UNKNOWN))
LOW = check("low", Severity.LOW, one("vm", FAIL), one("user", FAIL, ""))
RESULT = PackResult(
    pack="p",
    title="P",
    version="1",
    source="Contoso",
    run=None,
    at=None,
    controls=[
        control("1.1", "1 One", HIGH),
        control("2.1", "2 Two", HIGH, LOW),
        ControlResult("2.2", "Look", "2.1", 1, Verdict.MANUAL, "Look.", chapter="2 Two"),
    ],
    subscriptions={"a": "Alpha", "b": "Beta"},
)


def test_a_check_that_two_controls_rest_on_counts_once():
    whole = scores_of(RESULT).whole
    assert (whole.resources, whole.controls) == (Score(2, 5), Score(0, 2))
    high, low = WEIGHTS[Severity.HIGH], WEIGHTS[Severity.LOW]
    assert whole.weighted == Score(2 * high, 3 * high + 2 * low)
    assert (whole.resources.percent, Score().percent, Score(999, 1000).percent) == (40, None, 99)
    assert scores_of(RESULT).not_evaluated == 1


@pytest.mark.parametrize("first", [FAIL, Verdict.EXCEPTED])
def test_an_exception_for_one_of_two_controls_hides_the_failure_from_neither_score(first: Verdict):
    """In whichever order the controls stand."""
    second = Verdict.EXCEPTED if first is FAIL else FAIL
    controls = [
        control(f"{number}.1", f"{number} Part", check("high", Severity.HIGH, one("vm", verdict)))
        for number, verdict in enumerate((first, second), 1)
    ]
    result = replace(RESULT, controls=controls)
    assert scores_of(result).whole.resources == Score(0, 1)
    assert scores_of(result).excepted == 0
    assert [(found.failing, found.controls) for found in helps(result)] == [(1, ("1.1", "2.1"))]
    assert [found.resource.name for found in worst_resources(result)] == ["vm"]


def test_each_severity_counts_twice_the_next():
    weights = [WEIGHTS[severity] for severity in Severity]
    assert [more / less for more, less in pairwise(weights)] == [2.0] * 4


def test_the_parts_have_scores_of_their_own():
    scores = scores_of(RESULT)
    assert [(part.name, part.resources) for part in scores.severities] == [("high", Score(2, 3)), ("low", Score(0, 2))]
    assert [(part.name, part.resources, part.controls) for part in scores.sections] == [
        ("1 One", Score(2, 3), Score(0, 1)),
        ("2 Two", Score(2, 5), Score(0, 1)),
    ]
    assert [(part.key, part.name, part.resources, part.controls) for part in scores.subscriptions] == [
        ("a", "Alpha", Score(1, 3), Score(0, 2)),
        ("b", "Beta", Score(1, 1), Score(2, 2)),
        ("", "the tenant itself", Score(0, 1), Score(0, 1)),
    ]


def test_what_helps_most_is_what_weighs_most_and_each_resource_tells_what_it_fails():
    first, second = helps(RESULT)
    assert (first.check.id, first.failing, first.controls) == ("high", 1, ("1.1", "2.1"))
    assert (second.check.id, second.failing, second.controls) == ("low", 2, ("2.1",))
    missing = 100 - 100 * scores_of(RESULT).whole.weighted.passed / scores_of(RESULT).whole.weighted.judged
    assert first.points + second.points == pytest.approx(missing)
    assert [(each.resource.name, [check.id for check in each.checks]) for each in worst_resources(RESULT)] == [
        ("vm", ["high", "low"]),
        ("user", ["low"]),
    ]


def test_the_scores_are_of_all_that_was_judged_whatever_is_listed():
    listed = replace(RESULT, controls=RESULT.controls[:1], whole=RESULT.controls)
    assert scores_of(listed) == scores_of(RESULT)
    assert listed.summary == RESULT.summary
    nothing = replace(RESULT, controls=[])
    assert (scores_of(nothing).whole.weighted.percent, helps(nothing), worst_resources(nothing)) == (None, [], [])
