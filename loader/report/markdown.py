"""A pack's result as Markdown (GitHub's tables), for a wiki, an issue or a build's summary."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from loader.packs.results import CheckOutcome, ControlResult, PackResult, ResourceResult
from loader.report.facts import facts_of
from loader.report.rows import escaped, rows_markdown
from loader.report.wording import acceptance, coverage_text, https_only, remediation_of, score_text
from loader.verdicts import Verdict
from loader.visible import visible

# How many resources of a control are listed, failing ones first; GitHub cuts a summary off at a megabyte.
RESOURCES_SHOWN = 100


def as_markdown(result: PackResult) -> str:
    """Totals, a table a section, then the controls that fail, are excepted or could not be evaluated, each in full."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: PackResult) -> Iterator[str]:
    yield f"# {escaped(result.title)} {escaped(result.version)}\n"
    for fact in facts_of(result):
        yield f"- {fact.name}: {escaped('; '.join(fact.lines))}"
    yield ""
    if result.licence and not result.assessed:
        yield f"{escaped(result.licence)}\n"
    yield f"{score_text(result)} {coverage_text(result)}\n"
    yield _table(["Verdict", "Controls"], [[one.value, count] for one, count in result.summary.items()])
    for section, group in groupby(result.controls, key=lambda control: control.section):
        yield f"\n## {escaped(section)}\n"
        columns = ["Control", "Verdict", "Severity", "Level", "Title", "Reason"]
        yield _table(columns, [_row(control) for control in group])
    shown = (Verdict.FAIL, Verdict.EXCEPTED, Verdict.NOT_EVALUATED)
    for control in result.controls:
        if control.verdict in shown and control.resources:
            yield from _control(control)
    if result.assessed and result.assessed.not_loaded and result.at:
        yield "\n## Not loaded, and why\n"
        missing: list[list[object]] = [[one.step, ", ".join(one.places), one.why] for one in result.assessed.not_loaded]
        yield _table(["What", "Where", "Why"], missing)
    if result.exceptions:
        yield "\n## Exceptions\n"
        columns = ["For", "State", "Resources", "Reason", "Owner", "Expires", "Note"]
        rows = [(use, use.exception) for use in result.exceptions]
        yield _table(
            columns,
            [[e.about, use.state, use.resources, e.reason, e.owner, e.expires, use.note] for use, e in rows],
        )


def _row(control: ControlResult) -> list[object]:
    severity = control.severity or ""
    return [control.id, control.verdict, severity, control.level, control.title, control.reason]


def _control(control: ControlResult) -> Iterator[str]:
    yield f"\n### {escaped(control.id)} {escaped(control.title)}: {control.verdict}\n"
    told = [(check, one) for check, one in control.rows if one.verdict is not Verdict.PASS]
    yield "| Verdict | Resource | Reason |\n| --- | --- | --- |"
    yield from (_resource(None if control.only else check, one) for check, one in told[:RESOURCES_SHOWN])
    if len(told) > RESOURCES_SHOWN:
        yield f"\n… and {len(told) - RESOURCES_SHOWN} more; the formats json, csv and html have all."
    yield "\nHow to put it right:\n"
    yield "\n".join(f"    {line}" for line in visible(remediation_of(control), lines=True).split("\n"))


def _resource(check: CheckOutcome | None, one: ResourceResult) -> str:
    """check: named where the control has several."""
    link = https_only(one.link)
    name = f"[{escaped(one.name)}](<{link}>)" if link else escaped(one.name)
    reason = f"Raised to {one.raised.value}. {one.reason}" if one.raised else one.reason
    reason = f"{reason} {acceptance(one.exception)}" if one.exception else reason
    reason = f"{check.label}: {reason}" if check else reason
    return f"| {one.verdict} | {name}<br>{escaped(one.key)} | {escaped(reason)} |"


def _table(columns: list[str], rows: list[list[object]]) -> str:
    return rows_markdown(columns, [dict(zip(columns, row, strict=True)) for row in rows])
