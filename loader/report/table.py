"""A pack's result as a table for the terminal: by section, worst first, readable at 100 columns."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loader.packs.results import ControlResult, PackResult, ResourceResult, Verdict
from loader.report.wording import coverage_text, exception_note, https_only, score_text
from loader.visible import one_line

STYLES = {
    Verdict.FAIL: "bold red",
    Verdict.NOT_EVALUATED: "yellow",
    Verdict.EXCEPTED: "magenta",
    Verdict.MANUAL: "cyan",
    Verdict.PASS: "green",
    Verdict.NOT_APPLICABLE: "dim",
}
# How many resources of a control are shown; the other formats have all.
RESOURCES_SHOWN = 5


def print_pack(console: Console, result: PackResult) -> None:
    """Prints the sections in the benchmark's order, in each the failing controls first, then the totals."""
    console.print(Text(one_line(f"{result.title} {result.version}"), style="bold"))
    console.print(Text(f"Loaded {result.at}" if result.at else "Nothing has been loaded yet: run `azgraph sync`."))
    for section, group in groupby(result.controls, key=lambda control: control.section):
        controls = sorted(group, key=_worst_first)
        console.print()
        console.print(Text(one_line(section), style="bold underline"))
        for control in controls:
            _print_control(console, control)
    console.print()
    _print_summary(console, result)


def _worst_first(control: ControlResult) -> tuple[int, int]:
    return control.verdict.rank, control.severity.rank if control.severity else len(STYLES)


def _print_control(console: Console, control: ControlResult) -> None:
    line = Table.grid(padding=(0, 1))
    line.add_column(width=14, no_wrap=True)
    line.add_column(width=8, no_wrap=True)
    line.add_column(width=8, no_wrap=True)
    line.add_column(overflow="fold")
    title = Text(one_line(control.title))
    if control.verdict in (Verdict.FAIL, Verdict.NOT_EVALUATED, Verdict.EXCEPTED) and control.checks:
        title.append(f"\n{one_line(control.reason)}", style="dim")
    elif control.verdict is Verdict.NOT_EVALUATED:
        title.append(" (no check yet)", style="dim")
    severity = str(control.severity or "")
    line.add_row(
        Text(control.verdict.value, style=STYLES[control.verdict]), Text(one_line(control.id)), severity, title
    )
    console.print(line)
    failing = [one for one in control.resources if one.verdict is Verdict.FAIL]
    for one in failing[:RESOURCES_SHOWN]:
        console.print(Padding(_resource(one), (0, 0, 0, 33)))
    if len(failing) > RESOURCES_SHOWN:
        console.print(Padding(Text(f"… and {len(failing) - RESOURCES_SHOWN} more", style="dim"), (0, 0, 0, 33)))


def _resource(one: ResourceResult) -> Text:
    name = Text(one_line(one.name), style="bold")
    if link := https_only(one.link):
        name.stylize(f"link {link}")
    line = Text("- ").append_text(name)
    if one.browser:
        line.append(" (").append("graph", style=f"link {one.browser}").append(")")
    return line.append(f": {one_line(one.reason)}")


def _print_summary(console: Console, result: PackResult) -> None:
    parts = Text(f"{len(result.controls)} controls: ")
    counts = [(verdict, count) for verdict, count in result.summary.items() if count]
    for index, (verdict, count) in enumerate(counts):
        parts.append(", " if index else "").append(f"{count} {verdict.value}", style=STYLES[verdict])
    console.print(parts)
    console.print(Text(f"{score_text(result)} {coverage_text(result)}"))
    if result.licence:
        console.print(Text(one_line(result.licence), style="dim"))
    for use in result.exceptions:
        if use.note:
            console.print(Text(one_line(exception_note(use)), style="yellow"))
