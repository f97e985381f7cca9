"""A pack's result as one self-contained HTML page: no request leaves it, hostile names stay text."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from loader.packs.definitions import Severity
from loader.packs.results import PackResult, Verdict


@cache
def _template() -> Template:
    # Everything is escaped; the page says `https` links only, so that no `javascript:` reaches an href.
    environment = Environment(
        loader=PackageLoader("loader.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["https_only"] = lambda link: link if link.startswith("https://") else ""
    return environment.get_template("pack.html.j2")


def as_html(result: PackResult) -> str:
    """The page: totals, filters by verdict and severity, search, sections in the benchmark's order."""
    summary = result.summary
    evaluated = summary[Verdict.PASS] + summary[Verdict.FAIL]
    sections: list[tuple[str, list[Any]]] = [
        (name, list(controls)) for name, controls in groupby(result.controls, key=lambda control: control.section)
    ]
    return _template().render(
        result=result,
        sections=sections,
        summary=summary,
        verdicts=list(Verdict),
        severities=list(Severity),
        score=100 * summary[Verdict.PASS] // evaluated if evaluated else None,
        evaluated=evaluated,
    )
