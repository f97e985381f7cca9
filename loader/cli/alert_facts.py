"""How `azgraph alerts` prints an evaluation, an alert, and what somebody did to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loader.cli.common import Format, TableFormat, console, print_rows_as, say
from loader.visible import json_text, one_line, visible

if TYPE_CHECKING:
    from loader.alerts.alert import Alert
    from loader.alerts.outcomes import Evaluation

# Steps that were not loaded whole and are named on stderr; after a refused subscription there are a hundred.
_GAPS_SHOWN = 10
_FACTS = (
    *("id", "severity", "state", "ruleId", "entityName", "entityType", "entityKey", "webLink", "owner"),
    *("openedAt", "timesOpened", "bucket", "resolvedAt", "resolvedBy", "mutedUntil", "note"),
)


def print_json_list(entries: Iterable[Any]) -> None:
    """A list of objects on stdout, one after the other, however many there are."""
    lead = "["
    for entry in entries:
        print(f"{lead}\n{json_text(entry)}", end="")
        lead = ","
    print("[]" if lead == "[" else "\n]")


def say_gaps(sentences: list[str], lead: str) -> None:
    """What was not loaded whole, on stderr."""
    for sentence in sentences[:_GAPS_SHOWN]:
        say(f"{lead}: {sentence}")
    if len(sentences) > _GAPS_SHOWN:
        say(f"… and {len(sentences) - _GAPS_SHOWN} steps more; `--format json` names them.")


def print_evaluation(evaluation: Evaluation) -> None:
    """What an evaluation did, rule by rule, and the alerts that are new."""
    rows = [
        {"rule": outcome.rule.id, "severity": outcome.rule.severity, "status": outcome.status, "alerts": outcome.told}
        for outcome in evaluation.outcomes
        if outcome.status != "ok" or outcome.counts
    ]
    columns = ["rule", "severity", "status", "alerts"]
    print_rows_as(TableFormat.TABLE, f"Alert rules after run {evaluation.run.seq}", columns, rows)
    if quiet := len(evaluation.outcomes) - len(rows):
        print(f"{quiet} other rules were evaluated and found nothing.")
    for outcome in (*evaluation.outcomes, *filter(None, [evaluation.failures])):
        if outcome.reason:
            say(outcome.reason)
        for change in outcome.rule.overridden:
            say(change.sentence)
    if not evaluation.run.settled:
        say("A later run is at work, or was broken off: nothing is resolved before one is at its end.")
    say_gaps(evaluation.unfinished, "Nothing is opened or resolved behind this")
    say_gaps(evaluation.missing, "Nothing is resolved behind this")
    new = [{"id": one.id[:8], "severity": str(one.severity), "title": one.title} for one in evaluation.new]
    if new:
        print_rows_as(TableFormat.TABLE, "New alerts", ["id", "severity", "title"], new)


def print_facts(facts: Mapping[str, Any]) -> None:
    """An alert with all that is known of it."""
    print_heading(str(facts["title"]))
    print_grid([(name, facts[name]) for name in _FACTS if facts.get(name) not in (None, "")])
    print_heading("\nValues")
    print_grid(facts["values"].items())
    if facts["also"]:
        print_heading("\nAzure's own services say so too")
        print_grid(("", one) for one in facts["also"])
    print_changes(facts["changes"])
    print_heading("\nHistory")
    print_grid((one["at"][:16], f"run {one['seq']}: {one['event']} {one['note']}") for one in facts["history"])
    for name in ("description", "remediation"):
        if facts[name]:
            print_heading(f"\n{name.capitalize()}")
            console().print(visible(facts[name], lines=True), markup=False, highlight=False)
    for change in facts["overridden"]:
        console().print(f"\n{one_line(change['sentence'])}", markup=False, highlight=False)
    for reference in facts["references"]:
        console().print(one_line(reference), markup=False, highlight=False)


def print_changes(changes: Iterable[Mapping[str, Any]]) -> None:
    """The changes that opened an alert: what was before and after, and who did it where Azure told."""
    rows = [(f"run {one['run']}", _told(one)) for one in changes]
    if rows:
        print_heading("\nOpened by")
        print_grid(rows)


def _told(change: Mapping[str, Any]) -> str:
    words = [str(change.get("path", "")), str(change.get("op", ""))]
    words += [f"{lead} {change[name]}" for lead, name in (("from", "before"), ("to", "after")) if name in change]
    words += [f"by {change['actor']}" if "actor" in change else ""]
    return " ".join(word for word in words if word)


def print_heading(text: str) -> None:
    """A line in bold."""
    from rich.text import Text

    lead = "\n" if text.startswith("\n") else ""
    console().print(Text(lead + one_line(text.strip()), style="bold"))


def print_grid(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values in two columns; long values fold beside their name."""
    from rich.table import Table
    from rich.text import Text

    from loader.library.running import as_text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(one_line(name)), Text(one_line(as_text(value))))
    console().print(grid)


def print_changed(alert: Alert, output: Format) -> None:
    """What somebody did to an alert."""
    if output is Format.JSON:
        print(json_text({"id": alert.id, "state": str(alert.state), "title": alert.title}, indent=None))
    else:
        print(f"{alert.id[:8]} is {alert.state}: {one_line(alert.title)}")
