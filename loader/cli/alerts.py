"""`azgraph alerts`: evaluate the rules, list alerts, look at one, acknowledge, mute or close it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loader.cli.common import (
    Format,
    LibraryFolders,
    Neo4jUri,
    OutputFormat,
    RowsFormat,
    TableFormat,
    console,
    library_folders,
    open_database,
    print_rows_as,
    say,
)
from loader.cli.completion import complete_rule
from loader.cli.stopping import stop_says
from loader.errors import ExitCode, UsageError
from loader.visible import json_text, one_line, visible

if TYPE_CHECKING:
    from loader.alerts.alert import Alert
    from loader.alerts.outcomes import Evaluation

app = typer.Typer(no_args_is_help=True, help="Rules over the graph, and the alerts they open.")

AlertId = Annotated[str, typer.Argument(metavar="ID", help="The alert's id, or an unambiguous beginning of it.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept with the alert.")]
Rules = Annotated[
    list[str] | None,
    typer.Option("--rule", help="Only this rule; may be repeated.", autocompletion=complete_rule),
]
Folder = Annotated[
    Path | None,
    typer.Option("--rules", exists=True, file_okay=False, help="A folder of rules instead of the library's."),
]

# Steps that were not loaded whole and are named on stderr; after a refused subscription there are a hundred.
_GAPS_SHOWN = 10
_STOPPED = (
    "Stopped: not every rule was evaluated, or not every alert written. What is written stays, and "
    "`azgraph alerts evaluate` does the rest."
)


@app.command()
@stop_says(_STOPPED)
def evaluate(
    rule: Rules = None,
    folder: Folder = None,
    folders: LibraryFolders = None,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", metavar="SEVERITY", help="End with code 1 if new alerts are this bad or worse."),
    ] = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Evaluate the rules over what the latest run loaded: alerts open, stay, resolve and reopen.

    Ends with code 3 where a rule could not be evaluated.
    """
    from loader.alerts.evaluate import evaluate as evaluate_rules
    from loader.alerts.library import load_rules, pick

    if folder and folders:
        raise UsageError("Give either --rules, which is instead of the library's, or --library, which joins them.")
    limit = _severity(fail_on) if fail_on else None
    rules = pick(load_rules(folder, () if folder else library_folders(folders), say), rule or ())
    with open_database(neo4j_uri) as database:
        evaluation = evaluate_rules(database, rules)
    if output is Format.JSON:
        print(json_text(evaluation.as_json()))
    else:
        _print_evaluation(evaluation)
    if evaluation.failed:
        raise typer.Exit(ExitCode.PARTIAL)
    if limit is not None and any(alert.severity.rank <= limit.rank for alert in evaluation.new):
        raise typer.Exit(ExitCode.FINDINGS)


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="open, acknowledged, muted, resolved or all; repeatable (default: unresolved)."),
    ] = None,
    severity: Annotated[
        list[str] | None, typer.Option("--severity", help="Only this severity; may be repeated.")
    ] = None,
    rule: Rules = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List alerts: open ones first, the worst first."""
    from loader.alerts.desk import UNRESOLVED, list_alerts, states_named

    states = states_named(state) if state else UNRESOLVED
    severities = [_severity(one) for one in severity or ()]
    with open_database(neo4j_uri) as database:
        found = list_alerts(database, states=states, severities=severities, rules=rule or ())
    if output is TableFormat.JSON:
        print(json_text([listed.as_json() for listed in found]))
        return
    rows = [listed.as_row() for listed in found]
    columns = ["id", "severity", "state", "title", "opened"]
    if output is not TableFormat.TABLE:
        columns += ["rule", "entity", "isNew", "timesOpened", "webLink"]
    print_rows_as(output, "Alerts", columns, rows)


@app.command()
def show(
    alert_id: AlertId,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Show one alert: what it is about, its values, its history, and what to do."""
    from loader.alerts.desk import find_alert, rule_facts
    from loader.alerts.library import load_rules

    rules = load_rules(libraries=library_folders(folders), tell=say)
    with open_database(neo4j_uri) as database:
        listed = find_alert(database, alert_id)
    facts = {**listed.as_json(), **rule_facts(rules, listed.alert.rule_id)}
    if output is Format.JSON:
        print(json_text(facts))
    else:
        _print_facts(facts)


@app.command()
def ack(alert_id: AlertId, note: Note = "", neo4j_uri: Neo4jUri = None, output: OutputFormat = Format.TABLE) -> None:
    """Acknowledge an alert: somebody looks after it."""
    from loader.alerts.desk import acknowledge

    with open_database(neo4j_uri) as database:
        _print_changed(acknowledge(database, alert_id, note), output)


@app.command()
def mute(
    alert_id: AlertId,
    note: Annotated[str, typer.Option("--note", help="Why nobody needs to hear of it; kept with the alert.")],
    until: Annotated[
        datetime | None, typer.Option("--until", help="When the mute ends, in UTC (default: when it is lifted).")
    ] = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Mute an alert; `ack` lifts the mute."""
    from datetime import UTC

    from loader.alerts.desk import mute as mute_alert

    moment = until.replace(tzinfo=UTC) if until else None
    with open_database(neo4j_uri) as database:
        _print_changed(mute_alert(database, alert_id, note, until=moment), output)


@app.command()
def resolve(
    alert_id: AlertId, note: Note = "", neo4j_uri: Neo4jUri = None, output: OutputFormat = Format.TABLE
) -> None:
    """Close an alert by hand; it reopens if a later run still finds it."""
    from loader.alerts.desk import resolve as resolve_alert

    with open_database(neo4j_uri) as database:
        _print_changed(resolve_alert(database, alert_id, note), output)


def _severity(name: str) -> Any:
    from loader.verdicts import Severity

    try:
        return Severity(name.lower())
    except ValueError:
        raise UsageError(f"There is no severity {name!r}; choose from {', '.join(Severity)}.") from None


def _print_evaluation(evaluation: Evaluation) -> None:
    rows = [
        {"rule": outcome.rule.id, "severity": outcome.rule.severity, "status": outcome.status, "alerts": outcome.told}
        for outcome in evaluation.outcomes
    ]
    columns = ["rule", "severity", "status", "alerts"]
    print_rows_as(TableFormat.TABLE, f"Alert rules after run {evaluation.run.seq}", columns, rows)
    for outcome in evaluation.outcomes:
        if outcome.reason:
            say(outcome.reason)
        for change in outcome.rule.overridden:
            say(change.sentence)
    missing = evaluation.missing
    for sentence in missing[:_GAPS_SHOWN]:
        say(f"Nothing is resolved behind this: {sentence}")
    if len(missing) > _GAPS_SHOWN:
        say(f"… and {len(missing) - _GAPS_SHOWN} steps more; `--format json` names them.")
    new = [{"id": one.id[:8], "severity": str(one.severity), "title": one.title} for one in evaluation.new]
    if new:
        print_rows_as(TableFormat.TABLE, "New alerts", ["id", "severity", "title"], new)


_FACTS = (
    *("id", "severity", "state", "ruleId", "entityName", "entityType", "entityKey", "webLink"),
    *("openedAt", "timesOpened", "bucket", "resolvedAt", "resolvedBy", "mutedUntil", "note"),
)


def _print_facts(facts: Mapping[str, Any]) -> None:
    _print_heading(str(facts["title"]))
    _print_grid([(name, facts[name]) for name in _FACTS if facts[name] not in (None, "")])
    _print_heading("\nValues")
    _print_grid(facts["values"].items())
    _print_heading("\nHistory")
    _print_grid((one["at"][:16], f"run {one['seq']}: {one['event']} {one['note']}") for one in facts["history"])
    for name in ("description", "remediation"):
        if facts[name]:
            _print_heading(f"\n{name.capitalize()}")
            console().print(visible(facts[name], lines=True), markup=False, highlight=False)
    for change in facts["overridden"]:
        console().print(f"\n{one_line(change['sentence'])}", markup=False, highlight=False)
    for reference in facts["references"]:
        console().print(one_line(reference), markup=False, highlight=False)


def _print_heading(text: str) -> None:
    from rich.text import Text

    lead = "\n" if text.startswith("\n") else ""
    console().print(Text(lead + one_line(text.strip()), style="bold"))


def _print_grid(pairs: Iterable[tuple[str, object]]) -> None:
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


def _print_changed(alert: Alert, output: Format) -> None:
    if output is Format.JSON:
        print(json_text({"id": alert.id, "state": str(alert.state), "title": alert.title}, indent=None))
    else:
        print(f"{alert.id[:8]} is {alert.state}: {one_line(alert.title)}")
