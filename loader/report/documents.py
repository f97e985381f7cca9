"""A pack's result as JSON and CSV, for scripts."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from loader.packs.exceptions import ExceptionUse
from loader.packs.results import ControlResult, PackResult, ResourceResult, Verdict
from loader.report.wording import https_only

CSV_COLUMNS = (
    "pack",
    "version",
    "control",
    "title",
    "section",
    "level",
    "severity",
    "check",
    "control_verdict",
    "control_reason",
    "resource",
    "resource_name",
    "verdict",
    "reason",
    "link",
    "remediation",
    "remediation_az",
    "exception_reason",
    "exception_owner",
    "exception_expires",
)


def as_document(result: PackResult) -> dict[str, Any]:
    """The result in the shape that scripts rely on: controls in the benchmark's order, each with its resources."""
    return {
        "pack": result.pack,
        "version": result.version,
        "run": result.run,
        "controls": [_control(control) for control in result.controls],
        "summary": {verdict.value: count for verdict, count in result.summary.items()},
        "score": result.score,
        "exceptions": [_exception(use) for use in result.exceptions],
    }


def _control(control: ControlResult) -> dict[str, Any]:
    return {
        "id": control.id,
        "title": control.title,
        "section": control.section,
        "level": control.level,
        "check": control.check,
        "severity": control.severity.value if control.severity else None,
        "verdict": control.verdict.value,
        "reason": control.reason,
        "remediation": control.remediation.model_dump() if control.remediation else None,
        "references": control.references,
        "resources": [_resource(one) for one in control.resources],
    }


def _resource(one: ResourceResult) -> dict[str, Any]:
    told: dict[str, Any] = {"key": one.key, "name": one.name, "verdict": one.verdict.value, "reason": one.reason}
    told["link"] = https_only(one.link) or None
    if one.exception is None:
        return told
    accepted = one.exception.model_dump(mode="json", include={"reason", "owner", "expires"})
    return told | {"without_exception": Verdict.FAIL.value, "exception": accepted}


def _exception(use: ExceptionUse) -> dict[str, Any]:
    head = {"state": use.state.value, "matched": use.resources, "note": use.note}
    return head | use.exception.model_dump(mode="json")


def as_json(result: PackResult) -> str:
    """`as_document` as text."""
    return json.dumps(as_document(result), indent=2, ensure_ascii=False)


def as_csv(result: PackResult) -> str:
    """One line for each resource of each control; a control without resources has one line of its own."""
    lines = []
    for control in result.controls:
        head = [result.pack, result.version, control.id, control.title, control.section, control.level]
        head += [control.severity or "", control.check or "", control.verdict.value, control.reason]
        fix = [control.remediation.portal, control.remediation.az or ""] if control.remediation else ["", ""]
        if not control.resources:
            lines.append([*head, "", "", "", "", "", *fix, "", "", ""])
        for one in control.resources:
            accepted = [one.exception.reason, one.exception.owner, one.exception.expires] if one.exception else [""] * 3
            told = [one.key, one.name, one.verdict.value, one.reason, https_only(one.link)]
            lines.append([*head, *told, *fix, *accepted])
    return csv_text(CSV_COLUMNS, lines)


def csv_text(columns: tuple[str, ...] | list[str], lines: list[list[Any]]) -> str:
    """CSV as spreadsheets read it. A text that a spreadsheet would run as a formula is kept from being one by a `'`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in line] for line in lines)
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
