"""A pack's result as OCSF compliance findings (class 2003 of the Open Cybersecurity Schema Framework), a JSON array.

A finding is a resource under a control, or the control itself where it has none. OCSF has no words for `manual`,
`not-evaluated` and `not-applicable`: they are its `Other` and `Unknown`, with ours beside it. An excepted resource
stays a `Fail`, in a finding whose status is `Suppressed`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from loader import __version__
from loader.packs.results import ControlResult, PackResult, ResourceResult
from loader.report.wording import Row, acceptance, finding_id, https_only, remediation_text, rows_of, severity_of
from loader.verdicts import Severity, Verdict
from loader.visible import json_text, visible_in

OCSF_VERSION = "1.5.0"
_CLASS, _ACTIVITY = 2003, 1
# `compliance.status_id`
_COMPLIANCE = {
    Verdict.FAIL: (3, "Fail"),
    Verdict.EXCEPTED: (3, "Fail"),
    Verdict.PASS: (1, "Pass"),
    Verdict.NOT_EVALUATED: (0, "Unknown"),
    Verdict.MANUAL: (99, "manual"),
    Verdict.NOT_APPLICABLE: (99, "not-applicable"),
}
_SEVERITIES = {
    Severity.CRITICAL: (5, "Critical"),
    Severity.HIGH: (4, "High"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.LOW: (2, "Low"),
    Severity.INFO: (1, "Informational"),
}


def as_ocsf(result: PackResult) -> str:
    """The findings; their `time` is when the run that they rest on finished, in milliseconds."""
    at = datetime.fromisoformat(result.at) if result.at else datetime.now(UTC)
    milliseconds = int(at.timestamp() * 1000)
    findings: list[dict[str, Any]] = []
    for control in result.controls:
        findings.extend(_finding(result, control, row, milliseconds) for row in rows_of(control))
    return json_text(visible_in(findings))


def _finding(result: PackResult, control: ControlResult, row: Row, time: int) -> dict[str, Any]:
    check, one = row[0] or control.only, row[1]
    verdict, reason = (one.verdict, one.reason) if one else (control.verdict, control.reason)
    rated = severity_of(check, one) or control.severity
    severity_id, severity = _SEVERITIES[rated] if rated else (0, "Unknown")
    excepted = verdict is Verdict.EXCEPTED
    finding: dict[str, Any] = {
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Compliance Finding",
        "activity_id": _ACTIVITY,
        "activity_name": "Create",
        "type_uid": _CLASS * 100 + _ACTIVITY,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": 3 if excepted else 1,
        "status": "Suppressed" if excepted else "New",
        "status_code": verdict.value,
        "status_detail": reason,
        "message": f"{one.name}: {reason}" if one else reason,
        "metadata": {
            "version": OCSF_VERSION,
            "profiles": ["cloud"],
            "product": {"name": "azgraph", "vendor_name": "azgraph", "version": __version__},
        }
        | _tenant(result),
        "cloud": {"provider": "Azure"} | _account(result, one),
        "finding_info": _finding_info(result, control, row),
        "compliance": _compliance(result, control, verdict, reason),
        "unmapped": {"pack": result.pack, "section": control.section, "level": control.level}
        | {"check": check.id if check else None, "parameters": dict(check.settings) if check else {}}
        | {"overridden": [change.sentence for change in control.overridden]},
    }
    if one:
        finding["resources"] = [{"uid": one.key, "name": one.name}]
    if one and one.exception:
        finding["comment"] = acceptance(one.exception)
    if check:
        finding["remediation"] = {"desc": remediation_text(check.remediation), "references": check.references}
    return finding


def _compliance(result: PackResult, control: ControlResult, verdict: Verdict, reason: str) -> dict[str, Any]:
    status_id, status = _COMPLIANCE[verdict]
    return {
        "standards": [f"{result.title} {result.version}"],
        "control": control.id,
        "requirements": [control.id],
        "desc": control.title,
        "status_id": status_id,
        "status": status,
        "status_code": verdict.value,
        "status_details": [reason],
    }


def _finding_info(result: PackResult, control: ControlResult, row: Row) -> dict[str, Any]:
    link = https_only(row[1].link) if row[1] else ""
    info = {"uid": finding_id(result, control, row), "title": f"{control.id} {control.title}"}
    return info | ({"src_url": link} if link else {})


def _tenant(result: PackResult) -> dict[str, Any]:
    """The tenant, where it is one: a finding does not tell of which of several it is."""
    tenants = result.assessed.tenants if result.assessed else ()
    return {"tenant_uid": tenants[0].id} if len(tenants) == 1 else {}


def _account(result: PackResult, one: ResourceResult | None) -> dict[str, Any]:
    """The subscription that a resource's key names; directory objects have none."""
    parts = one.key.split("/") if one else []
    if parts[:2] != ["", "subscriptions"] or len(parts) < 3:
        return {}
    name = result.subscriptions.get(parts[2], parts[2])
    return {"account": {"uid": parts[2], "name": name, "type": "Other", "type_id": 99}}
