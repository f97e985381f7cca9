"""A pack's result as SARIF 2.1.0 (OASIS), which code scanning services read.

A rule is a control; a result is a resource under it, or the control itself where it has none. `kind` says the verdict
in the standard's own words: `open` is "too little information to decide" and `review` "a person must look".
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from loader import __version__
from loader.packs.results import ControlResult, PackResult, ResourceResult
from loader.report.wording import (
    Row,
    acceptance,
    exception_note,
    filter_text,
    finding_id,
    https_only,
    remediation_of,
    rows_of,
    utc,
)
from loader.verdicts import Severity, Verdict
from loader.visible import json_text, visible_in

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
KINDS = {
    Verdict.FAIL: "fail",
    Verdict.EXCEPTED: "fail",  # with a suppression
    Verdict.NOT_EVALUATED: "open",
    Verdict.MANUAL: "review",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "notApplicable",
}
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub sorts findings by this number, from 0 to 10; these are the middles of its own classes.
SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
}


def as_sarif(result: PackResult) -> str:
    """One SARIF run. Expired and unmatched exceptions, and controls without a verdict, are tool notifications."""
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(result)},
                "automationDetails": {"id": f"{result.pack}/{result.run or 'nothing-loaded'}"},
                "invocations": [_invocation(result)],
                "results": [
                    _result(result, index, control, row)
                    for index, control in enumerate(result.controls)
                    for row in rows_of(control)
                ],
                "properties": {
                    "source": result.source,
                    "licence": result.licence,
                    "filters": dict(result.filters) or None,
                    "assessed": result.assessed.as_json() if result.assessed else None,
                },
            }
        ],
    }
    return json_text(visible_in(log))


def _invocation(result: PackResult) -> dict[str, Any]:
    told = result.assessed
    known = {"account": told.by, "machine": told.host, "endTimeUtc": utc(told.at)} if told else {}
    beside = {name: value for name, value in known.items() if value}
    return {"executionSuccessful": True, "toolExecutionNotifications": _notifications(result)} | beside


def _driver(result: PackResult) -> dict[str, Any]:
    return {
        "name": "azgraph",
        "version": __version__,
        "fullName": f"azgraph: {result.title} {result.version}",
        "rules": [_rule(control) for control in result.controls],
    }


def _rule(control: ControlResult) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": control.id,
        "name": control.only.id if control.only else control.id,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": f"{control.section}: {control.title}"},
        "properties": {"section": control.section, "level": control.level, "tags": ["security", "compliance"]},
    }
    if control.severity:
        rule["defaultConfiguration"] = {"level": LEVELS[control.severity]}
        rule["properties"] |= {"severity": control.severity.value, "security-severity": SCORES[control.severity]}
    if control.only:
        rule["properties"]["check"] = control.only.id
        if control.only.references:
            rule["helpUri"] = control.only.references[0]
    if control.overridden:
        rule["properties"]["overridden"] = [change.sentence for change in control.overridden]
    if control.checks:
        rule["help"] = {"text": remediation_of(control)}
    return rule


def _result(result: PackResult, index: int, control: ControlResult, row: Row) -> dict[str, Any]:
    check, one = row
    fingerprint = {"azgraph/v1": finding_id(result, control, row)}
    told: dict[str, Any] = {"ruleId": control.id, "ruleIndex": index, "partialFingerprints": fingerprint}
    if check is None or one is None:
        return told | _verdict(control.verdict, control.severity, control.reason)
    told |= _verdict(one.verdict, check.severity_of(one), f"{one.name}: {one.reason}")
    told["properties"] |= {
        "severity": check.severity_of(one).value,
        "check": check.id,
        "parameters": dict(check.settings),
    }
    return told | {"locations": [_location(one)]} | _suppression(one)


def _verdict(verdict: Verdict, severity: Severity | None, message: str) -> dict[str, Any]:
    """A level other than `none` is for failures only, says the standard."""
    return {
        "kind": KINDS[verdict],
        "level": LEVELS[severity] if severity and KINDS[verdict] == "fail" else "none",
        "message": {"text": message},
        "properties": {"verdict": verdict.value},
    }


def _location(one: ResourceResult) -> dict[str, Any]:
    """The key as it is, and as a relative address, because readers made for source code want a file."""
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(one.key.lstrip("/"), safe="/", errors="replace")}},
        "logicalLocations": [{"name": one.name, "fullyQualifiedName": one.key, "kind": "resource"}],
    }
    if https_only(one.link):
        place["properties"] = {"portal": https_only(one.link)}
    return place


def _suppression(one: ResourceResult) -> dict[str, Any]:
    if one.exception is None:
        return {}
    properties = {"owner": one.exception.owner, "expires": one.exception.expires.isoformat()}
    suppression = {"kind": "external", "status": "accepted", "justification": acceptance(one.exception)}
    return {"suppressions": [suppression | {"properties": properties}]}


def _notifications(result: PackResult) -> list[dict[str, Any]]:
    unknown = [
        {
            "level": "warning",
            "message": {"text": f"Not evaluated: {control.reason}"},
            "associatedRule": {"id": control.id, "index": index},
        }
        for index, control in enumerate(result.controls)
        if control.verdict is Verdict.NOT_EVALUATED
    ]
    exceptions = [
        {"level": "warning", "message": {"text": exception_note(use)}} for use in result.exceptions if use.note
    ]
    filtered = [{"level": "note", "message": {"text": text}}] if (text := filter_text(result)) else []
    return filtered + unknown + exceptions
