"""Severities follow from one scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest

from loader.errors import UsageError
from loader.library import Severity, shipped_library
from loader.library.definitions import Check
from loader.library.severity import MEANINGS, Effort, Exposure, Impact, Risk
from loader.yaml_reader import Document


def test_every_shipped_check_argues_its_severity() -> None:
    for check in shipped_library().checks.values():
        assert check.risk is not None, f"{check.id} says a severity without its risk"
        assert check.severity is check.risk.severity


def test_more_of_any_step_is_never_less_severe() -> None:
    steps = [list(Impact), list(Exposure), list(Effort)]
    for places in product(range(3), repeat=3):
        for which in (which for which, place in enumerate(places) if place):
            worse = [place - (number == which) for number, place in enumerate(places)]
            assert _risk(worse).severity.rank <= _risk(places).severity.rank
    assert set(MEANINGS) == {step for kind in steps for step in kind}


def _risk(places: Sequence[int]) -> Risk:
    impact, exposure, effort = places
    return Risk(impact=list(Impact)[impact], exposure=list(Exposure)[exposure], effort=list(Effort)[effort])


@pytest.mark.parametrize(
    ("said", "line", "reason"),
    [
        ("risk: {impact: data, exposure: nobody, effort: much}", 3, "exposure"),
        ("risk: {impact: data, exposure: anyone}", 3, "effort"),
        ("risk: {impact: data, exposure: anyone, effort: much}\nseverity: low", 1, "one follows from the other"),
        ("description: neither", 1, "severity"),
    ],
)
def test_a_wrong_risk_is_refused_by_its_line(tmp_path, said: str, line: int, reason: str) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(
        "id: one\ntitle: One\n" + said + "\nresource: azure_vm\ncypher: RETURN 1\nremediation: {portal: Look.}\n"
        "examples: [{about: x, fails: [a], graph: {nodes: {a: {type: azure_vm}}}}]\n"
    )
    with pytest.raises(UsageError, match=rf"one\.yaml:{line}: .*{reason}"):
        Document(file).validate(Check)


def test_a_check_of_ones_own_may_just_say_it() -> None:
    assert Risk(impact=Impact.TAKEOVER, exposure=Exposure.ANYONE, effort=Effort.SOME).severity is Severity.CRITICAL
