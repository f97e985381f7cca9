"""SARIF, JUnit, OCSF and Markdown, each read by a reader that others wrote."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from junitparser import Failure, JUnitXml, Properties, Skipped
from markdown_it import MarkdownIt
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from pydantic import BaseModel
from sarif import loader as sarif_loader
from sarif_pydantic import Sarif

from loader.report import as_junit, as_markdown, as_ocsf, as_sarif
from loader.report.facts import facts_of
from loader.visible import visible
from tests.report.conftest import HOSTILE, SUBSCRIPTION

pytestmark = pytest.mark.packs

KEPT = f"{SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.storage/storageaccounts/kept"
# What each line of every format says: control, resource (none for a control without), verdict.
LINES = [
    ("1.2", visible(HOSTILE), "fail"),
    ("1.2", "Kept", "excepted"),
    ("1.2", "good", "pass"),
    ("1.10", "Kept", "excepted"),
    ("1.11", "Production", "not-evaluated"),
    ("1.12", "good", "pass"),
    ("2.1", None, "manual"),
    ("2.2", None, "not-evaluated"),
    ("2.3", None, "not-applicable"),
]


def unknown_keys(model: BaseModel) -> list[str]:
    """Keys that the standard does not have, anywhere but in property bags."""
    found = list(model.model_extra or {})
    for name in type(model).model_fields:
        value = getattr(model, name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, BaseModel):
                found += [f"{name}.{key}" for key in unknown_keys(one)]
    return found


class TestSarif:
    def test_it_is_of_the_standard(self, result):
        log = Sarif.model_validate_json(as_sarif(result))
        # The reader's model lacks these two, which the standard has (sections 3.35 and 3.20.21).
        lacking = {"runs.results.suppressions", "runs.invocations.toolExecutionNotifications"}
        assert set(unknown_keys(log)) == lacking
        assert json.loads(as_sarif(result))["version"] == "2.1.0"

    def test_a_real_reader_finds_the_failures_and_tells_accepted_ones_apart(self, result, tmp_path):
        path = tmp_path / "report.sarif"
        path.write_text(as_sarif(result), encoding="utf-8")
        read = sarif_loader.load_sarif_file(str(path))
        assert read.get_distinct_tool_names() == ["azgraph"]
        records = read.get_records()
        levels = {"fail": "error", "excepted": "error"}
        expected = [levels.get(verdict, "none") for _, _, verdict in LINES]
        expected[3] = "note"  # of low severity
        assert [one["Severity"] for one in records] == expected
        settings = {"default-include": False, "check-line-number": False}
        read.init_general_filter("unaccepted", settings, [], [{"suppression": "external"}])
        assert [one["Severity"] for one in read.get_records()].count("error") == 1
        assert records[0]["Code"] == "1.2"
        assert "storageaccounts/%3Cscript%3E" in records[0]["Location"]

    def test_each_verdict_has_its_kind(self, result):
        run = json.loads(as_sarif(result))["runs"][0]
        kinds = {"fail": "fail", "excepted": "fail", "not-evaluated": "open", "manual": "review"}
        kinds |= {"pass": "pass", "not-applicable": "notApplicable"}
        told = [
            (one["ruleId"], one.get("locations", [{}])[0].get("logicalLocations", [{}])[0].get("name"), one["kind"])
            for one in run["results"]
        ]
        assert told == [(control, name, kinds[verdict]) for control, name, verdict in LINES]
        rules = run["tool"]["driver"]["rules"]
        for one in run["results"]:
            assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
            assert (one["level"] == "none") == (one["kind"] != "fail")

    def test_an_excepted_result_is_suppressed_with_who_and_why(self, result):
        run = json.loads(as_sarif(result))["runs"][0]
        suppressed = [one for one in run["results"] if "suppressions" in one]
        assert [one["ruleId"] for one in suppressed] == ["1.2", "1.10"]
        assert suppressed[0]["level"] == "error"
        assert suppressed[0]["suppressions"][0] == {
            "kind": "external",
            "status": "accepted",
            "justification": "Accepted by cloud@contoso.example until 2026-06-30: The old scanner needs it.",
            "properties": {"owner": "cloud@contoso.example", "expires": "2026-06-30"},
        }
        place = suppressed[0]["locations"][0]
        assert place["logicalLocations"][0]["fullyQualifiedName"] == KEPT
        assert place["properties"]["portal"].startswith("https://portal.azure.com/")
        assert "javascript:" not in as_sarif(result)

    def test_what_is_not_known_and_stale_exceptions_are_notified(self, result):
        notes = json.loads(as_sarif(result))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        assert [one.get("associatedRule", {}).get("id") for one in notes] == ["1.11", "2.2", None, None]
        assert "expired" in notes[2]["message"]["text"]
        assert "unmatched" in notes[3]["message"]["text"]

    def test_a_finding_keeps_its_fingerprint_and_shares_it_with_none(self, bare, result):
        before, after = (
            [one["partialFingerprints"]["azgraph/v1"] for one in json.loads(as_sarif(one))["runs"][0]["results"]]
            for one in (bare, result)
        )
        assert before == after
        assert len(set(after)) == len(after)


class TestJunit:
    def test_a_real_reader_finds_each_verdict(self, result):
        cases = [case for suite in JUnitXml.fromstring(as_junit(result)) for case in suite]
        outcome = {Failure: "fail", Skipped: "skipped"}
        told = [outcome[type(case.result[0])] if case.result else "pass" for case in cases]
        assert told == [verdict if verdict in ("fail", "pass") else "skipped" for _, _, verdict in LINES]
        assert [case.classname for case in cases] == [f"some-pack.{control}" for control, _, _ in LINES]
        for case, (_, _, verdict) in zip(cases, LINES, strict=True):
            if told[cases.index(case)] == "skipped":
                assert case.result[0].message.startswith(f"{verdict}: ")
        assert "Accepted by cloud@contoso.example until 2026-06-30" in cases[1].result[0].message

    def test_the_totals_are_those_of_the_cases(self, result):
        document = JUnitXml.fromstring(as_junit(result))
        stated = (document.tests, document.failures, document.errors, document.skipped)
        document.update_statistics()
        assert stated == (document.tests, document.failures, document.errors, document.skipped) == (9, 1, 0, 6)

    def test_it_says_what_was_assessed_and_when(self, result):
        said = {one.name: one.value for one in next(iter(JUnitXml.fromstring(as_junit(result)))).child(Properties)}
        assert list(said) == [one.name for one in facts_of(result)]
        assert said["Data"].startswith("Read from Azure 2026")

    def test_a_failure_says_how_to_put_it_right_and_where(self, result):
        case = next(iter(next(iter(JUnitXml.fromstring(as_junit(result))))))
        assert (case.result[0].type, case.result[0].message) == ("high", "It is open to *.")
        assert case.result[0].text == "Close it.\naz close --name <NAME>"
        properties = {one.name: one.value for one in case.child(Properties)}
        assert properties["control"] == "1.2"
        assert properties["resource"].startswith(SUBSCRIPTION)
        assert "link" not in properties

    def test_stale_exceptions_are_told(self, result):
        text = as_junit(result)
        assert "It expired on 2026-01-01; 1 of its resources fail." in text
        assert "No such resource is checked" in text


class TestOcsf:
    def test_each_finding_is_of_the_published_class(self, result):
        findings = json.loads(as_ocsf(result))
        read = [ComplianceFinding.model_validate(one) for one in findings]
        assert {one.metadata.version for one in read} == {"1.5.0"}
        assert [(one.compliance.control, one.status_code) for one in read] == [(c, verdict) for c, _, verdict in LINES]
        statuses = [one.compliance.status_id.name for one in read]
        assert statuses == ["Fail", "Fail", "Pass", "Fail", "Unknown", "Pass", "Other", "Unknown", "Other"]
        assert Counter(one.severity_id.name for one in read)["High"] == 3

    def test_it_has_no_key_that_the_class_has_not(self, result):
        for one in json.loads(as_ocsf(result)):
            known = ComplianceFinding.model_fields
            assert set(one) - {"cloud", "type_name"} <= set(known)

    def test_an_excepted_finding_still_fails_and_is_suppressed(self, result):
        one = ComplianceFinding.model_validate(json.loads(as_ocsf(result))[1])
        assert (one.compliance.status_id.name, one.status_id.name, one.status) == ("Fail", "Suppressed", "Suppressed")
        assert one.comment.startswith("Accepted by cloud@contoso.example until 2026-06-30")
        assert one.resources[0].uid == KEPT
        assert one.remediation.desc == "Close it.\naz close --name <NAME>"
        assert one.finding_info.src_url.startswith("https://portal.azure.com/")

    def test_the_subscription_is_the_account(self, result):
        cloud = json.loads(as_ocsf(result))[0]["cloud"]
        assert (cloud["provider"], cloud["account"]["uid"]) == ("Azure", SUBSCRIPTION.split("/")[2])


class TestMarkdown:
    def test_it_is_tables_and_text_and_nothing_else(self, result):
        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(as_markdown(result))
        kinds = Counter(token.type for token in tokens)
        assert kinds["html_block"] == 0
        inline = [child for token in tokens for child in token.children or []]
        assert {one.content for one in inline if one.type == "html_inline"} <= {"<br>"}
        links = [one.attrs["href"] for one in inline if one.type == "link_open"]
        assert links
        assert all(link.startswith("https://portal.azure.com/") for link in links)
        # Totals, two sections, three controls with resources, what was not loaded, the exceptions.
        assert kinds["table_open"] == 8

    def test_every_control_has_a_row_with_its_verdict(self, result):
        text = as_markdown(result)
        for control in result.controls:
            assert f"| {control.id} | {control.verdict} |" in text
        assert "33 %" not in text
        assert "50 % of the 2 controls" in text
        assert "Not counted: controls: 2 not-evaluated, 1 excepted, 1 manual, 1 not-applicable" in text
        assert "Accepted by cloud@contoso.example" in text
        assert "It expired on 2026-01-01" in text
