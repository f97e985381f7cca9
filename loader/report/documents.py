"""A pack's result as JSON and CSV, for scripts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from loader.packs.history import TrendPoint
from loader.packs.results import CheckOutcome, ControlResult, ExceptionUse, PackResult, ResourceResult
from loader.packs.scores import WEIGHTS, Group, Score, helps, scores_of
from loader.report.wording import https_only, rows_of, severity_of
from loader.verdicts import Verdict
from loader.visible import json_text, one_line

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


def as_document(result: PackResult, trend: Sequence[TrendPoint] = ()) -> dict[str, Any]:
    """The result in the shape that scripts rely on: controls in the benchmark's order, each with its resources.

    trend: the totals of the latest runs, oldest first.
    """
    return {
        "pack": result.pack,
        "version": result.version,
        "run": result.run,
        "controls": [_control(control) for control in result.controls],
        "summary": {verdict.value: count for verdict, count in result.summary.items()},
        "score": result.score,
        "coverage": {"controls": len(result.judged_controls), "with_check": result.covered},
        "scores": _scores(result, trend),
        "filters": dict(result.filters) or None,
        "source": result.source,
        "licence": result.licence,
        "exceptions": [_exception(use) for use in result.exceptions],
        "assessed": result.assessed.as_json() if result.assessed else None,
    }


def _scores(result: PackResult, trend: Sequence[TrendPoint]) -> dict[str, Any]:
    scores = scores_of(result)
    return {
        **_group(scores.whole),
        "weights": {severity.value: weight for severity, weight in WEIGHTS.items()},
        "not_counted": {"resources": {"not-evaluated": scores.not_evaluated, "excepted": scores.excepted}},
        "severities": [{"severity": one.key} | _group(one) for one in scores.severities],
        "sections": [{"section": one.name} | _group(one) for one in scores.sections],
        "subscriptions": [{"id": one.key or None, "name": one.name} | _group(one) for one in scores.subscriptions],
        "helps": [
            {
                "check": one.check.id,
                "parameters": dict(one.check.settings),
                "title": one.check.title,
                "severity": one.check.severity.value,
                "failing": one.failing,
                "controls": list(one.controls),
                "points": round(one.points, 2),
            }
            for one in helps(result)
        ],
        "trend": [{"at": one.at} | _kept(one) for one in trend],
    }


def _group(group: Group) -> dict[str, Any]:
    return {name: _score(getattr(group, name)) for name in ("resources", "weighted", "controls")}


def _kept(point: TrendPoint) -> dict[str, Any]:
    parts = {"resources": point.resources, "weighted": point.weighted, "controls": point.controls}
    return {name: _score(one) if one else None for name, one in parts.items()}


def _score(score: Score) -> dict[str, Any]:
    return {"percent": score.percent, "passed": score.passed, "judged": score.judged}


def _control(control: ControlResult) -> dict[str, Any]:
    """check, remediation and references are those of the only check; a control with several has them in `checks`."""
    only = control.only
    return {
        "id": control.id,
        "title": control.title,
        "section": control.section,
        "level": control.level,
        "check": only.id if only else None,
        "severity": control.severity.value if control.severity else None,
        "raised": control.raised.value if control.raised else None,
        "verdict": control.verdict.value,
        "reason": control.reason,
        "remediation": only.remediation.model_dump() if only else None,
        "references": only.references if only else [],
        "overridden": [change.as_json() for change in control.overridden],
        "checks": [_check(check) for check in control.checks],
        "resources": [_resource(check, one) for check, one in control.rows],
    }


def _check(check: CheckOutcome) -> dict[str, Any]:
    return {
        "check": check.id,
        "parameters": dict(check.settings),
        "used": dict(check.used),
        "title": check.title,
        "severity": check.severity.value,
        "verdict": check.verdict.value,
        "reason": check.reason,
        "remediation": check.remediation.model_dump(),
        "references": check.references,
    }


def _resource(check: CheckOutcome, one: ResourceResult) -> dict[str, Any]:
    told: dict[str, Any] = {"key": one.key, "name": one.name, "verdict": one.verdict.value, "reason": one.reason}
    told |= {"severity": check.severity_of(one).value, "raised": one.raised is not None}
    told |= {"link": https_only(one.link) or None, "browser": one.browser or None}
    told |= {"check": check.id, "parameters": dict(check.settings)}
    if one.as_of:
        told["as_of"] = one.as_of
    if one.exception is None:
        return told
    accepted = one.exception.model_dump(mode="json", include={"reason", "owner", "expires"})
    return told | {"without_exception": Verdict.FAIL.value, "exception": accepted}


def _exception(use: ExceptionUse) -> dict[str, Any]:
    head = {"state": use.state.value, "matched": use.resources, "note": use.note}
    return head | use.exception.model_dump(mode="json")


def as_json(result: PackResult, trend: Sequence[TrendPoint] = (), *, controls: bool = True) -> str:
    """`as_document` as text. controls: whether they are in it, or only what the whole comes to."""
    document = as_document(result, trend)
    if not controls:
        del document["controls"]
    return json_text(document)


def as_csv(result: PackResult) -> str:
    """One line for each resource of each control; a control without resources has one line of its own."""
    lines = []
    for control in result.controls:
        for row, one in rows_of(control):
            check = row or control.only
            severity = severity_of(check, one) or control.severity or ""
            head = [result.pack, result.version, control.id, control.title, control.section, control.level]
            head += [severity, check.id if check else "", control.verdict.value, control.reason]
            fix = [check.remediation.portal, check.remediation.az or ""] if check else ["", ""]
            lines.append([*head, *_cells(one), *fix, *_exception_cells(one)])
    return csv_text(CSV_COLUMNS, lines)


def _cells(one: ResourceResult | None) -> list[Any]:
    return [one.key, one.name, one.verdict.value, one.reason, https_only(one.link)] if one else [""] * 5


def _exception_cells(one: ResourceResult | None) -> list[Any]:
    accepted = one.exception if one else None
    return [accepted.reason, accepted.owner, accepted.expires] if accepted else [""] * 3


def csv_text(columns: tuple[str, ...] | list[str], lines: list[list[Any]]) -> str:
    """CSV as spreadsheets read it: a cell is one line, and none is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_harmless, columns))
    writer.writerows([_harmless(cell) for cell in line] for line in lines)
    return out.getvalue()


# What makes a spreadsheet take a cell for a formula (https://owasp.org/www-community/attacks/CSV_Injection), also in
# its wide form, behind blanks or quotes, and behind the `;` at which one that expects other CSV begins a new cell.
_FORMULA = re.compile(r"(^|;)(?=[\s\"']*[=+\-@\uff0b\uff0d\uff1d\uff20])")


def _harmless(cell: Any) -> Any:
    """A text on one line, kept from being a formula by a `'`, which spreadsheets read as "this is text"."""
    return _FORMULA.sub(r"\1'", one_line(cell)) if isinstance(cell, str) else cell
