"""A pack's result for the terminal: what it comes to first, then what fails, a line each; all else on request."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from shlex import quote

from rich.console import Console
from rich.text import Text

from loader.packs.history import TrendPoint
from loader.packs.results import PackResult
from loader.report.table_controls import print_details, print_lines
from loader.report.table_summary import print_summary
from loader.report.wording import exception_note, filter_text, moment
from loader.verdicts import Verdict
from loader.visible import one_line


class View(StrEnum):
    """How much of a result the table shows. LINES: the failing controls and nothing else."""

    USUAL = "usual"
    SUMMARY = "summary"
    ALL = "all"
    LINES = "lines"


def print_pack(console: Console, result: PackResult, trend: Sequence[TrendPoint] = (), view: View = View.USUAL) -> None:
    """Prints the scores and where they come from, the controls as `view` says, and what to do next."""
    if view is View.LINES:
        print_lines(console, result, heading=False)
        return
    _print_head(console, result)
    print_summary(console, result, trend, everything=view is View.ALL)
    if view is View.USUAL:
        print_lines(console, result)
    elif view is View.ALL:
        print_details(console, result)
    if view is not View.ALL:
        _print_overridden(console, result)
    if result.licence:
        console.print()
        console.print(Text(one_line(result.licence), style="dim"))
    for use in result.exceptions:
        if use.note:
            console.print(Text(one_line(exception_note(use)), style="yellow"))
    _print_next(console, result, view)


def _print_head(console: Console, result: PackResult) -> None:
    console.print(Text(one_line(f"{result.title} {result.version}"), style="bold"))
    told = Text(f"Loaded {moment(result.at)}" if result.at else "Nothing has been loaded yet: run `azgraph sync`.")
    if result.subscriptions:
        names = sorted(result.subscriptions.values(), key=str.lower)
        told.append(f" · {len(names)} subscription{'s' if len(names) > 1 else ''}: {one_line(', '.join(names))}")
    console.print(told, no_wrap=True, overflow="ellipsis")
    if text := filter_text(result):
        console.print(Text(one_line(text), style="bold yellow"))


def _print_overridden(console: Console, result: PackResult) -> None:
    """What is not as shipped; with `--all` the reasons say it."""
    told = list(dict.fromkeys(one.sentence for control in result.judged_controls for one in control.overridden))
    if told:
        console.print()
        console.print(Text("Not as shipped", style="bold yellow"))
    for sentence in told:
        console.print(Text(f"  {one_line(sentence)}"))


def _print_next(console: Console, result: PackResult, view: View) -> None:
    """Commands to paste, each on a line of its own however long; what they are for stands above them."""
    same = _command(result, *result.filters)
    failing = [one for one in result.controls if one.verdict is Verdict.FAIL]
    worst = min(failing, key=lambda one: one.severity.rank if one.severity else len(Verdict), default=None)
    steps: list[tuple[str, str]] = []
    if result.at is None:
        steps.append(("Load something first", "azgraph sync"))
    if worst and view is not View.ALL:
        others = [name for name in result.filters if name not in ("control", "section", "level", "verdict")]
        control = f"{_command(result, *others)} --control {quote(worst.id)} --all"
        steps.append(("Why a control fails, and how to put it right", control))
    if any(one.verdict is Verdict.NOT_EVALUATED and one.checks for one in result.judged_controls):
        others = [name for name in result.filters if name != "verdict"]
        unknown = f"{_command(result, *others)} --verdict not-evaluated --all"
        steps.append(("What could not be evaluated, and why", unknown))
    if view is not View.ALL and f"{same} --all" not in (line for _, line in steps):
        steps.append(("Every control, with every resource and reason", f"{same} --all"))
    if not result.filters:
        steps.append(("A part only (also --section, --resource-group, --tag …)", f"{same} --severity high"))
    steps.append(("A report to hand on", f"{same} --format html --output report.html"))
    console.print()
    console.print(Text("Next", style="bold"))
    for words, line in steps:
        console.print(Text(f"  {words}:", style="dim"))
        console.print(Text(f"    {one_line(line)}"), soft_wrap=True)


def _command(result: PackResult, *filters: str) -> str:
    """The command that gave this result, with these of its filters."""
    given = [f"--{name} {quote(value)}" for name in filters for value in result.filters[name]]
    return " ".join([f"azgraph check {result.pack}", *given])
