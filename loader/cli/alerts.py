"""`azgraph alerts`: evaluate the rules, list alerts, look at one, acknowledge, mute or close it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.alert_facts import print_changed, print_evaluation, print_facts, print_json_list
from loader.cli.alert_rules import explain, rules, stats, try_
from loader.cli.common import (
    Format,
    LibraryFolders,
    Neo4jUri,
    OutputFormat,
    RowsFormat,
    TableFormat,
    library_folders,
    moment,
    open_database,
    print_rows_as,
    say,
)
from loader.cli.completion import (
    complete_check,
    complete_pack,
    complete_rule,
    complete_rule_pack,
    complete_subscription,
    complete_type,
)
from loader.cli.stopping import stop_says
from loader.cli.telling import telling
from loader.errors import ExitCode, UsageError
from loader.visible import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loader.verdicts import Severity

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
# Alerts that a table shows; nobody reads more of them on a screen.
_LISTED = 500
_STOPPED = (
    "Stopped: not every rule was evaluated, or not every alert written. What is written stays, and "
    "`azgraph alerts evaluate` does the rest."
)


@app.command()
@stop_says(_STOPPED)
def evaluate(
    rule: Rules = None,
    pack: Annotated[
        list[str] | None,
        typer.Option(
            "--pack",
            help="The rules of this pack, `all` for every rule; may be repeated (default: essentials).",
            autocompletion=complete_rule_pack,
        ),
    ] = None,
    check: Annotated[
        list[str] | None,
        typer.Option("--check", help="This check as a rule; may be repeated.", autocompletion=complete_check),
    ] = None,
    check_pack: Annotated[
        list[str] | None,
        typer.Option(
            "--check-pack",
            help="All checks of this pack of checks as rules; may be repeated.",
            autocompletion=complete_pack,
        ),
    ] = None,
    exceptions: Annotated[
        Path | None,
        typer.Option("--exceptions", exists=True, dir_okay=False, help="Accepted findings of checks, as for a pack."),
    ] = None,
    folder: Folder = None,
    folders: LibraryFolders = None,
    fail_on: Annotated[
        str | None,
        typer.Option("--fail-on", metavar="SEVERITY", help="End with code 1 if new alerts are this bad or worse."),
    ] = None,
    tell: Annotated[
        bool, typer.Option("--tell/--no-tell", help="Tell people too, where the configuration has routes.")
    ] = True,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Evaluate rules over what the latest run loaded: alerts open, stay, resolve and reopen.

    Without a name these are the rules of the pack `essentials` and your own. What is new is told by the routes of the
    configuration. Ends with code 3 where a rule could not be evaluated, or something could not be told.
    """
    from loader.alerts.evaluate import evaluate as evaluate_rules
    from loader.alerts.library import load_rule_library
    from loader.alerts.selection import Wanted, select

    if folder and folders:
        raise UsageError("Give either --rules, which is instead of the library's, or --library, which joins them.")
    limit = _severity(fail_on) if fail_on else None
    own = [] if folder else library_folders(folders)
    wanted = Wanted(rule or (), pack or (), check or (), check_pack or ())
    library = load_rule_library(folder, own, say)
    selected = select(library, wanted, folders=own, exceptions=exceptions, tell=say)
    with open_database(neo4j_uri) as database, telling(database, selected.rules, library, sends=tell) as notices:
        evaluation = evaluate_rules(
            database,
            selected.rules,
            sources=selected.sources,
            at_once=selected.named,
            others=selected.others,
            off=selected.off,
            also=notices.write,
        )
    if output is Format.JSON:
        print(json_text({**evaluation.as_json(), **notices.as_json()}))
    else:
        print_evaluation(evaluation)
        notices.print()
    if evaluation.failed or notices.went_wrong:
        raise typer.Exit(ExitCode.PARTIAL)
    if limit is not None and any(alert.severity.rank <= limit.rank for alert in evaluation.new):
        raise typer.Exit(ExitCode.FINDINGS)


app.command("rules")(rules)
app.command("try")(try_)


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
    owner: Annotated[
        list[str] | None, typer.Option("--owner", help="Only this owner's, - for nobody's; may be repeated.")
    ] = None,
    subscription: Annotated[
        list[str] | None,
        typer.Option(
            "--subscription",
            help="Only in this subscription, by name or id; may be repeated.",
            autocompletion=complete_subscription,
        ),
    ] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", help="Only about this entity type; may be repeated.", autocompletion=complete_type),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Only what is new with the latest evaluated run.")] = False,
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar="DATE", parser=moment, help="Only what opened or reopened since then, in UTC."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="At most so many (default: 500 in a table, all in other formats)."),
    ] = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List alerts: open ones first, the worst first."""
    from loader.alerts.listing import (
        UNRESOLVED,
        Filter,
        count_alerts,
        rules_without_alerts,
        states_named,
        stream_alerts,
        there_are,
    )
    from loader.library.resolving import refuse_unknown_types

    wanted = Filter(
        states=states_named(state) if state else UNRESOLVED,
        severities=[_severity(one) for one in severity or ()],
        rules=rule or (),
        owners=owner or (),
        subscriptions=subscription or (),
        types=type_ or (),
        new=new,
        since=since,
    )
    table = output is TableFormat.TABLE
    most = limit or (_LISTED if table else None)
    with open_database(neo4j_uri) as database:
        refuse_unknown_types(database, type_ or (), "Alert")
        _refuse_unknown_rules(rules_without_alerts(database, rule or ()))
        found = stream_alerts(database, wanted, limit=most)
        if output is TableFormat.JSON:
            print_json_list(listed.as_json() for listed in found)
            return
        rows = [listed.as_row() for listed in found]
        left = count_alerts(database, wanted) - len(rows) if table and len(rows) == most else 0
        others = None if rows else there_are(database)
    columns = ["id", "severity", "state", "title", "opened"]
    if any(row["owner"] for row in rows) or not table:
        columns.append("owner")
    if not table:
        columns += ["rule", "entity", "type", "isNew", "timesOpened", "webLink"]
    print_rows_as(output, "Alerts", columns, rows)
    if others:
        say(others)
    if left:
        say(f"… and {left:,} more; `--limit` shows more of them, `--format json` all.")


@app.command()
def show(
    alert_id: AlertId,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Show one alert: what it is about, its values, its history, and what to do."""
    from loader.alerts.library import load_rule_library
    from loader.alerts.listing import find_alert, rule_facts
    from loader.alerts.opened_by import changes_of
    from loader.alerts.selection import rule_of

    own = library_folders(folders)
    library = load_rule_library(libraries=own, tell=say)
    with open_database(neo4j_uri) as database:
        listed = find_alert(database, alert_id)
        changes = changes_of(database, listed.alert)
    rule, _ = rule_of(library, listed.alert, folders=own)
    facts = {**listed.as_json(), "changes": changes, **rule_facts(rule)}
    if output is Format.JSON:
        print(json_text(facts))
    else:
        print_facts(facts)


app.command("explain")(explain)


@app.command()
def ack(alert_id: AlertId, note: Note = "", neo4j_uri: Neo4jUri = None, output: OutputFormat = Format.TABLE) -> None:
    """Acknowledge an alert: somebody looks after it."""
    from loader.alerts.desk import acknowledge

    with open_database(neo4j_uri) as database:
        print_changed(acknowledge(database, alert_id, note), output)


@app.command()
def mute(
    alert_id: AlertId,
    note: Annotated[str, typer.Option("--note", help="Why nobody needs to hear of it; kept with the alert.")],
    until: Annotated[
        datetime | None,
        typer.Option(
            "--until",
            metavar="DATE",
            parser=moment,
            help="When the mute ends, in UTC (default: when it is lifted).",
        ),
    ] = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Mute an alert; `unmute` lifts the mute, and `ack` does too."""
    from datetime import UTC

    from loader.alerts.desk import mute as mute_alert

    moment = until.replace(tzinfo=UTC) if until else None
    with open_database(neo4j_uri) as database:
        print_changed(mute_alert(database, alert_id, note, until=moment), output)


@app.command()
def unmute(alert_id: AlertId, note: Note = "", neo4j_uri: Neo4jUri = None, output: OutputFormat = Format.TABLE) -> None:
    """Lift a mute: what is still found is open again."""
    from loader.alerts.desk import unmute as unmute_alert

    with open_database(neo4j_uri) as database:
        print_changed(unmute_alert(database, alert_id, note), output)


@app.command()
def resolve(
    alert_id: AlertId, note: Note = "", neo4j_uri: Neo4jUri = None, output: OutputFormat = Format.TABLE
) -> None:
    """Close an alert by hand; it reopens if a later run still finds it."""
    from loader.alerts.desk import resolve as resolve_alert

    with open_database(neo4j_uri) as database:
        print_changed(resolve_alert(database, alert_id, note), output)


app.command("stats")(stats)


def _refuse_unknown_rules(names: Sequence[str]) -> None:
    """Raises UsageError for rules that no library has: a typo would be told as no alert."""
    if not names:
        return
    from loader.alerts.library import load_rule_library
    from loader.alerts.selection import Wanted, select

    own = library_folders(None)
    select(load_rule_library(libraries=own, tell=say), Wanted(rules=names), folders=own, tell=say)


def _severity(name: str) -> Severity:
    from loader.verdicts import Severity

    try:
        return Severity(name.lower())
    except ValueError:
        raise UsageError(f"There is no severity {name!r}; choose from {', '.join(Severity)}.") from None
