"""A pack's result as one self-contained HTML page: no request leaves it, hostile names stay text.

A control's resources stand in `<template>`s, which a browser reads but neither styles nor lays out; the page's script
shows them a hundred at a time, so that ten thousand of them do not freeze it. The content security policy names the one
script and the one style sheet by their hashes, so that nothing else runs, whatever stands in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from loader.packs.history import TrendPoint
from loader.packs.results import PackResult, values_told
from loader.packs.scores import WEIGHTS, helps, scores_of, worst_resources
from loader.report.facts import facts_of, not_as_shipped
from loader.report.html_parts import TREND_WIDTH, css_text, curves_of, sections_of, since, source_hash
from loader.report.wording import acceptance, coverage_text, https_only, moment, not_counted_text
from loader.verdicts import Severity, Verdict
from loader.visible import one_line

if TYPE_CHECKING:
    from jinja2 import Template

# Rows of the tables that say what is worst.
_SHOWN = 10
# Letters of a name that fit into a running head.
_HEAD = 60


@cache
def _template() -> Template:
    from loader.pages import page_template

    # The page says `https` links only, so that no `javascript:` reaches an href.
    return page_template(
        "loader.report",
        "pack.html.j2",
        https_only=https_only,
        acceptance=acceptance,
        moment=moment,
        values_told=values_told,
    )


@cache
def _file(name: str) -> str:
    return (files("loader.report") / "templates" / name).read_text(encoding="utf-8")


def as_html(result: PackResult, trend: Sequence[TrendPoint] = ()) -> str:
    """The page: what was assessed, scores and their parts, trend over the runs, exceptions, controls in their order.

    On paper: a cover, the contents, and running heads with page numbers.
    """
    from markupsafe import Markup

    scores = scores_of(result)
    style, script = _style(result), _file("pack.js")
    return _template().render(
        result=result,
        facts=facts_of(result),
        told=result.assessed,
        scores=scores,
        whole=[
            (name, words, score, since(trend, result.at, name, score))
            for name, words, score in (
                ("resources", "of resources pass", scores.whole.resources),
                ("weighted", "weighted by severity", scores.whole.weighted),
                ("controls", "of controls pass", scores.whole.controls),
            )
        ],
        weights=", ".join(f"{one.value} {weight}" for one, weight in WEIGHTS.items()),
        not_counted=not_counted_text(result, scores),
        coverage=coverage_text(result),
        sections=sections_of(result),
        summary=result.summary,
        verdicts=list(Verdict),
        severities=list(Severity),
        helps=helps(result)[:_SHOWN],
        worst=worst_resources(result)[:_SHOWN],
        unknown=[control for control in result.controls if control.verdict is Verdict.NOT_EVALUATED],
        changed=not_as_shipped(result),
        trend=trend,
        curves=curves_of(trend),
        trend_width=TREND_WIDTH,
        # Both are ours, and what the style has of the result is escaped in it.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style_hash=source_hash(style),
        script_hash=source_hash(script),
    )


def _style(result: PackResult) -> str:
    """The style sheet with the running heads of this report."""
    told = result.assessed
    tenants = ", ".join(one.name or one.id for one in told.tenants) if told else ""
    made = moment(told.at) if told else moment(result.at) if result.at else ""
    texts = {"report": f"{result.title} {result.version}", "tenant": tenants, "made": made}
    heads = " ".join(f"--{name}: {css_text(one_line(text)[:_HEAD])};" for name, text in texts.items())
    return f"\n:root {{ {heads} }}\n{_file('pack.css')}{_file('print.css')}"
