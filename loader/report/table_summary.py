"""The summary at the top of the table: the scores, their parts, what is worst and what would help most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.console import Group as Stacked
from rich.table import Table
from rich.text import Text

from loader.packs.history import TrendPoint
from loader.packs.results import PackResult
from loader.packs.scores import WEIGHTS, Group, Score, Scores, helps, scores_of, worst_resources
from loader.report.terminal import SEVERITIES, STYLES, bar, name_of, percent
from loader.report.wording import coverage_text, not_counted_text
from loader.verdicts import Severity
from loader.visible import one_line

_SHOWN, _PARTS_SHOWN, _CONTROLS_SHOWN = 5, 10, 2
# So few controls have no parts worth a table.
_FEW = 5
# From here on the parts stand side by side.
_WIDE = 150
_EXPLAINED = (
    "A resource counts once under each check that looks at it; weighted, "
    f"{', '.join(f'{severity.value} {weight}' for severity, weight in WEIGHTS.items())}. "
    "A control passes only if all of its resources do."
)
_SPARKS = "▁▂▃▄▅▆▇█"
_SPARKS_FROM, _SPARKS_SHOWN = 3, 12


def print_summary(
    console: Console, result: PackResult, trend: Sequence[TrendPoint] = (), *, everything: bool = False
) -> None:
    """Prints it. trend: totals of the latest runs, oldest first; everything: whether long parts are printed whole."""
    scores = scores_of(result)
    console.print()
    _print_scores(console, result, scores, trend)
    if len(result.judged_controls) <= _FEW:
        return
    console.print()
    shown = None if everything else _PARTS_SHOWN
    parts = [
        _part(console, title, groups, shown)
        for title, groups in (
            ("Severity", scores.severities),
            ("Section", scores.sections),
            ("Subscription", scores.subscriptions),
        )
        if groups
    ]
    if console.width >= _WIDE and len(parts) > 2:
        severity, section, subscription = parts
        beside = Table.grid(padding=(0, 6))
        beside.add_row(Stacked(severity, "", subscription), section)
        console.print(beside)
        console.print()
    else:
        for part in parts:
            console.print(part)
            console.print()
    _print_worst(console, result)


def _print_scores(console: Console, result: PackResult, scores: Scores, trend: Sequence[TrendPoint]) -> None:
    whole = scores.whole
    table = Table.grid(padding=(0, 1))
    for score, what, words, then in (
        (whole.resources, "of resources", _of(whole.resources), lambda one: one.resources),
        (whole.weighted, "weighted", "by severity", lambda one: one.weighted),
        (whole.controls, "of controls", _of(whole.controls), lambda one: one.controls),
    ):
        since = _since(console, result, score, trend, then)
        table.add_row(percent(score), Text(what), bar(console, score), Text(words), since)
    console.print(table)
    console.print(Text(_EXPLAINED, style="dim"))
    counts = [(verdict, count) for verdict, count in result.summary.items() if count]
    line = Text(f"{len(result.judged_controls)} control{'' if len(result.judged_controls) == 1 else 's'}: ")
    for index, (verdict, count) in enumerate(counts):
        line.append(", " if index else "").append(f"{count} {verdict.value}", style=STYLES[verdict])
    console.print(line.append("."))
    beside = f"{not_counted_text(result, scores)} {coverage_text(result)}".lstrip()
    console.print(Text(beside, style="dim"))


def _of(score: Score) -> str:
    return f"{score.passed:,} of {score.judged:,} pass" if score.judged else "none has a pass or fail yet"


def _since(
    console: Console,
    result: PackResult,
    score: Score,
    trend: Sequence[TrendPoint],
    then: Callable[[TrendPoint], Score | None],
) -> Text:
    """How the score moved since the run before, and over the latest runs."""
    known = [(one.at, kept.percent) for one in trend if (kept := then(one)) and kept.percent is not None]
    before = next((pair for pair in reversed(known) if pair[0] != result.at), None)
    if before is None or score.percent is None:
        return Text()
    change = score.percent - before[1]
    style = "green" if change > 0 else "red" if change < 0 else "dim"
    day, _, time = before[0].partition("T")
    when = time[:5] if str(result.at).startswith(day) else day
    told = Text(f"{change:+d} since {when}" if change else f"as at {when}", style=style)
    if len(known) >= _SPARKS_FROM and console.encoding.lower().startswith("utf"):
        sparks = "".join(_SPARKS[value * (len(_SPARKS) - 1) // 100] for _, value in known[-_SPARKS_SHOWN:])
        told.append(f" {sparks}", style="dim")
    return told


def _part(console: Console, title: str, groups: Sequence[Group], shown: int | None) -> Table:
    """The scores of the parts. The worst of very many; their order is that of the benchmark otherwise."""
    cut = shown is not None and len(groups) > shown
    listed = sorted(groups, key=_worst_first)[:shown] if cut else groups
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold", show_edge=False)
    table.add_column(title, no_wrap=True, overflow="ellipsis", max_width=max(24, console.width - 56))
    table.add_column("resources pass", no_wrap=True)
    table.add_column("", no_wrap=True, justify="right")
    table.add_column("controls pass", no_wrap=True, justify="right")
    for one in listed:
        name = Text(one_line(one.name), style=SEVERITIES.get(Severity(one.key), "") if title == "Severity" else "")
        score = percent(one.resources).append(" ").append_text(bar(console, one.resources, 10))
        table.add_row(name, score, *(_fraction(part) for part in (one.resources, one.controls)))
    if cut:
        table.add_row(Text(f"… and {len(groups) - len(listed)} better ones", style="dim"))
    return table


def _worst_first(group: Group) -> tuple[int, int]:
    return (101 if group.resources.percent is None else group.resources.percent, -group.weighted.failed)


def _fraction(score: Score) -> Text:
    return Text(f"{score.passed:,} of {score.judged:,}" if score.judged else "–")


def _print_worst(console: Console, result: PackResult) -> None:
    found = helps(result)
    if not found:
        return
    console.print(Text("What would help most (points of the weighted score)", style="bold"))
    for one in found[:_SHOWN]:
        line = Text(f"{one.points:+6.1f}  ", style="green")
        line.append(f"{one.check.severity.value:<8}  ", style=f"not bold {SEVERITIES[one.check.severity]}")
        line.append(f"{one.failing:>5,} fail  ", style="none").append(f"{_few(one.controls)}  ", style="dim")
        _print_cut(console, line.append(one_line(one.check.heading), style="none"))
    console.print()
    console.print(Text("Worst resources", style="bold"))
    worst = worst_resources(result)[:_SHOWN]
    width = min(max(cell_len(name_of(one.resource).plain) for one in worst), console.width // 2)
    for each in worst:
        counts = Counter(check.severity for check in each.checks)
        told = ", ".join(f"{counts[severity]} {severity.value}" for severity in Severity if counts[severity])
        name = name_of(each.resource)
        name.truncate(width, overflow="ellipsis", pad=True)
        plural = "" if len(each.checks) == 1 else "s"
        _print_cut(console, Text("  ").append_text(name).append(f"  fails {len(each.checks)} check{plural}: {told}"))


def _few(controls: Sequence[str]) -> str:
    more = f" +{len(controls) - _CONTROLS_SHOWN}" if len(controls) > _CONTROLS_SHOWN else ""
    return one_line(", ".join(controls[:_CONTROLS_SHOWN]) + more)


def _print_cut(console: Console, line: Text) -> None:
    """One line, whatever the width."""
    console.print(line, no_wrap=True, overflow="ellipsis")
