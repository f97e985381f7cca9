"""The controls in the table: one line each, or all there is about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loader.packs.results import ControlResult, PackResult, ResourceResult
from loader.report.terminal import SEVERITIES, STYLES, name_of
from loader.report.wording import acceptance, counted, remediation_of
from loader.verdicts import Verdict
from loader.visible import one_line, visible

_GAP = 2
_SEVERITY = 8
_LEAST_NAMES = 16
_MOST_TITLE = 70
_INDENT = (0, 0, 0, 4)


def print_lines(console: Console, result: PackResult, *, heading: bool = True) -> None:
    """A line for each failing control, or for each one that was asked for by verdict; the worst first.

    heading: whether the lines stand under their severities; otherwise each has its own, for programs that read lines.
    """
    asked = "verdict" in result.filters
    shown = [one for one in result.controls if asked or one.verdict is Verdict.FAIL]
    shown.sort(key=lambda one: (_rank(one), one.verdict.rank if asked else 0))
    before = {one.id: one for one in result.judged_controls}
    rows = [(one, counted(before.get(one.id, one), one)) for one in shown]
    widths = _widths(console.width, rows, severity=not heading)
    if heading:
        console.print()
        console.print(Text(_told(len(shown), failing=not asked), style="bold"))
    for severity, group in groupby(rows, key=lambda row: row[0].severity):
        if heading:
            name = Text(str(severity or "without a check"), style=SEVERITIES[severity] if severity else "dim")
            console.print(name)
        for control, count in group:
            console.print(_line(control, count, widths), no_wrap=True, overflow="crop")


def _told(count: int, *, failing: bool) -> str:
    if failing and not count:
        return "No control fails."
    verb = " fails" if count == 1 else " fail"
    return f"{count} control{'' if count == 1 else 's'}{verb if failing else ''}"


def _rank(control: ControlResult) -> int:
    return control.severity.rank if control.severity else len(SEVERITIES)


@dataclass(frozen=True, slots=True)
class _Widths:
    """The columns of a line. severity: 0 where it stands above the lines."""

    severity: int
    control: int
    count: int
    title: int
    names: int


def _widths(width: int, rows: Sequence[tuple[ControlResult, str]], *, severity: bool) -> _Widths:
    """What the titles leave is the names', which never get less than some."""
    first = _SEVERITY if severity else 0
    control = max((cell_len(one_line(one.id)) for one, _ in rows), default=0)
    count = max((cell_len(text) for _, text in rows), default=0)
    left = width - first - control - count - 4 * _GAP
    longest = max((cell_len(one_line(one.title)) for one, _ in rows), default=0)
    names = max((sum(cell_len(one.name) + 2 for one in _named(control)) for control, _ in rows), default=0)
    title = max(0, min(longest, max(left - names, min(_MOST_TITLE, left * 3 // 5)), left - _LEAST_NAMES))
    return _Widths(first, control, count, title, max(0, left - title))


def _line(control: ControlResult, count: str, widths: _Widths) -> Text:
    gap = " " * _GAP
    line = Text()
    if widths.severity:
        style = SEVERITIES[control.severity] if control.severity else ""
        line.append(f"{control.severity or '':<{widths.severity}}", style=style)
    line.append(gap + set_cell_size(one_line(control.id), widths.control) + gap)
    line.append(set_cell_size(count, widths.count) + gap, style=STYLES[control.verdict])
    line.append(_fitted(one_line(control.title), widths.title) + gap)
    return line.append_text(_names(_named(control), widths.names))


def _named(control: ControlResult) -> list[ResourceResult]:
    """The resources whose names stand in its line, each once: those that fail, or those that are listed at all."""
    found = [one for check in control.checks for one in check.resources if one.verdict is Verdict.FAIL]
    return list({one.key: one for one in found or control.resources}.values())


def _fitted(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width) if width else ""


def _names(resources: Sequence[ResourceResult], width: int) -> Text:
    """As many names as fit, and how many more there are."""
    line = Text()
    for index, one in enumerate(resources):
        name, left = name_of(one), len(resources) - index - 1
        comma = ", " if index else ""
        more = f" +{left}" if left else ""
        if cell_len(line.plain) + cell_len(comma + name.plain + more) > width:
            rest = f", +{len(resources) - index}" if index else ""
            if not index:
                name.truncate(max(0, width - len(more)), overflow="ellipsis")
                return name.append(more, style="dim")
            return line.append(rest, style="dim")
        line.append(comma).append_text(name)
    return line


def print_details(console: Console, result: PackResult) -> None:
    """All controls in the benchmark's order, in each section the worst first, with reasons and what to do."""
    for section, group in groupby(result.controls, key=lambda control: control.section):
        console.print()
        console.print(Text(one_line(section), style="bold underline"))
        for control in sorted(group, key=lambda one: (one.verdict.rank, _rank(one))):
            _print_control(console, control)


def _print_control(console: Console, control: ControlResult) -> None:
    line = Table.grid(padding=(0, 1))
    line.add_column(width=14, no_wrap=True)
    line.add_column(width=8, no_wrap=True)
    line.add_column(width=8, no_wrap=True)
    line.add_column(overflow="fold")
    verdict = Text(control.verdict.value, style=STYLES[control.verdict])
    severity = Text(str(control.severity or ""), style=SEVERITIES[control.severity] if control.severity else "")
    line.add_row(verdict, Text(one_line(control.id)), severity, Text(one_line(control.title), style="bold"))
    console.print(line)
    if control.verdict is not Verdict.PASS or control.overridden or any(one.as_of for one in control.resources):
        console.print(Padding(Text(one_line(control.reason), style="dim"), _INDENT))
    for check, one in control.rows:
        if one.verdict is not Verdict.PASS:
            console.print(Padding(_resource(one, "" if control.only else check.label), _INDENT))
    passing = [one for one in control.resources if one.verdict is Verdict.PASS]
    if passing:
        console.print(Padding(_passing(passing), _INDENT))
    if control.verdict is Verdict.FAIL:
        console.print(Padding(Text("How to put it right:", style="bold"), _INDENT))
        for text in visible(remediation_of(control), lines=True).split("\n"):
            console.print(Padding(Text(text), (0, 0, 0, 6)))


def _resource(one: ResourceResult, check: str) -> Text:
    line = Text("- ").append(f"{one.verdict.value}: " if one.verdict is not Verdict.FAIL else "")
    line.append_text(name_of(one))
    if one.browser:
        line.append(" (").append("graph", style=f"link {one.browser}").append(")")
    told = f"{check}: {one.reason}" if check else one.reason
    if one.raised:
        line.append(f" (raised to {one.raised.value})", style=SEVERITIES[one.raised])
    line.append(f": {one_line(told)}")
    return line.append(f" {one_line(acceptance(one.exception))}", style="magenta") if one.exception else line


def _passing(resources: Iterable[ResourceResult]) -> Text:
    names = list(dict.fromkeys(one_line(one.name) for one in resources))
    return Text("- pass: ", style="green").append(", ".join(names), style="none")
