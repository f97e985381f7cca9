"""A requirement that several checks evaluate, in every format: each resource under each of them, told apart."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from loader.library import Severity
from loader.packs import PackResult, Verdict
from loader.report import View, as_csv, as_html, as_json, as_junit, as_markdown, as_ocsf, as_sarif, print_pack
from tests.report.conftest import checked, control, resource

pytestmark = pytest.mark.packs

LICENCE = "Reproduced with permission."


@pytest.fixture
def mapped(bare: PackResult) -> PackResult:
    """One requirement: the same account under two checks, and under one of them twice, set differently."""
    bad, good = resource("Kept", Verdict.FAIL, "It is open."), resource("Kept", Verdict.PASS, "It is fine.")
    checks = [
        checked("plan-check", Severity.LOW, [good], plan="Dns"),
        checked("plan-check", Severity.LOW, [bad], plan="Api"),
        checked("bad-check", Severity.HIGH, [bad]),
        checked("no-check", Severity.INFO, []),
    ]
    one = replace(control("R-1", "Be well", *checks), level=None)
    return replace(bare, controls=[one], licence=LICENCE)


def test_the_json_tells_each_check_and_whose_verdict_each_resource_has(mapped):
    document = json.loads(as_json(mapped))
    (one,) = document["controls"]
    assert (one["check"], one["level"], one["severity"], one["verdict"]) == (None, None, "high", "fail")
    assert [(check["check"], check["parameters"], check["verdict"]) for check in one["checks"]] == [
        ("plan-check", {"plan": "Dns"}, "pass"),
        ("plan-check", {"plan": "Api"}, "fail"),
        ("bad-check", {}, "fail"),
        ("no-check", {}, "not-applicable"),
    ]
    told = [(row["check"], row["parameters"], row["verdict"]) for row in one["resources"]]
    assert told == [
        ("bad-check", {}, "fail"),
        ("plan-check", {"plan": "Api"}, "fail"),
        ("plan-check", {"plan": "Dns"}, "pass"),
    ]
    assert document["licence"] == LICENCE


def test_the_csv_has_each_check_with_its_own_severity(mapped):
    rows = list(csv.DictReader(io.StringIO(as_csv(mapped))))
    assert [(row["check"], row["severity"], row["verdict"]) for row in rows] == [
        ("bad-check", "high", "fail"),
        ("plan-check", "low", "fail"),
        ("plan-check", "low", "pass"),
    ]
    assert {row["level"] for row in rows} == {""}


def test_findings_of_different_checks_are_different_findings(mapped, bare):
    results = json.loads(as_sarif(mapped))["runs"][0]["results"]
    assert [(one["ruleId"], one["level"]) for one in results] == [("R-1", "error"), ("R-1", "note"), ("R-1", "none")]
    assert len({one["partialFingerprints"]["azgraph/v1"] for one in results}) == 3
    findings = json.loads(as_ocsf(mapped))
    assert [one["severity"] for one in findings] == ["High", "Low", "Low"]
    assert len({one["finding_info"]["uid"] for one in findings}) == 3
    names = [line for line in as_junit(mapped).splitlines() if "<testcase" in line]
    assert len(set(names)) == 3
    assert "plan-check (plan: Api)" in names[1]
    assert 'name="level"' not in as_junit(mapped)


def test_people_read_which_check_fails_and_how_each_is_put_right(mapped):
    console = Console(width=100, no_color=True, file=io.StringIO())
    print_pack(console, mapped, view=View.ALL)
    texts = {"table": console.file.getvalue(), "html": as_html(mapped), "markdown": as_markdown(mapped)}
    for name, text in texts.items():
        plain = " ".join(text.split())
        assert "2 of 4 checks fail. Bad check: 1 of 1 fail. Plan check (plan: Api): 1 of 1 fail." in plain, name
        assert "1 of 1 controls have a check." in plain, name
        assert LICENCE in plain, name
        assert "level None" not in plain, name
    for name in ("html", "markdown"):
        assert texts[name].count("plan-check (plan: Api)") == 1, name
        assert texts[name].count("Close it.") == 4, name
