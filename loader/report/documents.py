"""A pack's result as JSON and CSV, for scripts."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from loader.packs.results import PackResult

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
)


def as_document(result: PackResult) -> dict[str, Any]:
    """The result in the shape that scripts rely on: controls in the benchmark's order, each with its resources."""
    return {
        "pack": result.pack,
        "version": result.version,
        "run": result.run,
        "controls": [
            {
                "id": control.id,
                "title": control.title,
                "section": control.section,
                "level": control.level,
                "check": control.check,
                "verdict": control.verdict.value,
                "reason": control.reason,
                "resources": [
                    {"key": one.key, "name": one.name, "verdict": one.verdict.value, "reason": one.reason}
                    for one in control.resources
                ],
            }
            for control in result.controls
        ],
        "summary": {verdict.value: count for verdict, count in result.summary.items()},
    }


def as_json(result: PackResult) -> str:
    """`as_document` as text."""
    return json.dumps(as_document(result), indent=2, ensure_ascii=False)


def as_csv(result: PackResult) -> str:
    """One line for each resource of each control; a control without resources has one line of its own."""
    lines = []
    for control in result.controls:
        head = [result.pack, result.version, control.id, control.title, control.section, control.level]
        head += [control.severity or "", control.check or "", control.verdict.value, control.reason]
        fix = control.remediation.portal if control.remediation else ""
        if not control.resources:
            lines.append([*head, "", "", "", "", "", fix])
        lines.extend(
            [*head, one.key, one.name, one.verdict.value, one.reason, one.link, fix] for one in control.resources
        )
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
