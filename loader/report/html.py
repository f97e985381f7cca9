"""A pack's result as one self-contained HTML page: no request leaves it, hostile names stay text.

A control's resources stand in `<template>`s, which a browser reads but neither styles nor lays out; the page's script
shows them a hundred at a time, so that ten thousand of them do not freeze it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from loader.packs.history import TrendPoint
from loader.packs.results import ControlResult, PackResult
from loader.report.wording import acceptance, coverage_text, filter_text, https_only
from loader.verdicts import Severity, Verdict

if TYPE_CHECKING:
    from jinja2 import Template

# The trend's drawing, in its own units: percent upwards, and this many to the right.
_TREND_WIDTH = 400


@dataclass(frozen=True, slots=True)
class _Dot:
    """A run in the trend's drawing."""

    x: float
    y: float


@cache
def _template() -> Template:
    from loader.pages import page_template

    # The page says `https` links only, so that no `javascript:` reaches an href.
    return page_template(
        "loader.report",
        "pack.html.j2",
        https_only=https_only,
        acceptance=acceptance,
        coverage_text=coverage_text,
        filter_text=filter_text,
        facts=_facts,
    )


def as_html(result: PackResult, trend: Sequence[TrendPoint] = ()) -> str:
    """The page: score, trend over the runs, what was not evaluated, exceptions, and the controls in their order."""
    sections: list[tuple[str, list[Any]]] = [
        (name, list(controls)) for name, controls in groupby(result.controls, key=lambda control: control.section)
    ]
    return _template().render(
        result=result,
        sections=sections,
        summary=result.summary,
        verdicts=list(Verdict),
        severities=list(Severity),
        unknown=[control for control in result.controls if control.verdict is Verdict.NOT_EVALUATED],
        trend=trend,
        dots=_dots(trend),
        trend_width=_TREND_WIDTH,
    )


def _facts(control: ControlResult) -> str:
    """What stands beside a control's title: its level, severity and how much was looked at."""
    counted = {"check": len(control.checks) if not control.only else 0}
    counted["resource"] = len({one.key for one in control.resources})
    facts = [f"level {control.level}"] if control.level is not None else []
    facts += [control.severity.value] if control.severity else []
    facts += [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counted.items() if count]
    return " · ".join(facts)


def _dots(trend: Sequence[TrendPoint]) -> list[_Dot]:
    """Where each run with a score stands, oldest to the left. The runs are evenly spaced, whatever lies between."""
    step = _TREND_WIDTH / max(len(trend) - 1, 1)
    return [_Dot(round(index * step, 1), 100 - one.score) for index, one in enumerate(trend) if one.score is not None]
