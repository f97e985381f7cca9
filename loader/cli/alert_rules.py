"""`azgraph alerts rules|try|explain|stats`: the rules, what one would open, why an alert is as it is, and numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.alert_facts import print_changes, print_grid, print_heading, say_gaps
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
from loader.cli.completion import complete_rule, complete_rule_pack
from loader.visible import json_text, one_line, visible

if TYPE_CHECKING:
    from loader.alerts.explaining import Explained
    from loader.alerts.trying import Tried


def rules(
    pack: Annotated[
        list[str] | None,
        typer.Option("--pack", help="Only of this pack; may be repeated.", autocompletion=complete_rule_pack),
    ] = None,
    folders: LibraryFolders = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List the rules with the packs they are in. What `essentials` has is evaluated where no pack is named."""
    from loader.alerts.library import load_rule_library

    library = load_rule_library(libraries=library_folders(folders), tell=say)
    chosen = library.chosen(pack) if pack else list(library.rules.values())
    usual = {rule.id for rule in library.chosen()}
    rows = [
        {
            "rule": rule.id,
            "severity": str(rule.severity),
            "kind": str(rule.kind),
            "packs": library.packs_of(rule.id),
            "title": rule.title,
            "area": library.areas[rule.id],
            "usual": rule.id in usual,
            "overridden": [change.sentence for change in rule.overridden],
        }
        for rule in chosen
    ]
    columns = ["rule", "severity", "kind", "packs", "title"]
    print_rows_as(output, "Alert rules", columns if output is TableFormat.TABLE else [*columns, "area", "usual"], rows)
    if output is TableFormat.TABLE:
        named = [library.pack(name) for name in pack or () if name in library.packs] or list(library.packs.values())
        packs = [{"pack": one.id, "title": one.title, "checks": [*one.checks, *one.check_packs]} for one in named]
        print_rows_as(output, "Packs", ["pack", "title", "checks"], packs)


def try_(
    rule: Annotated[
        str, typer.Argument(metavar="RULE", help="The rule's id; check.ID for a check.", autocompletion=complete_rule)
    ],
    folder: Annotated[
        Path | None,
        typer.Option("--rules", exists=True, file_okay=False, help="A folder of rules instead of the library's."),
    ] = None,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Show what a rule would open, without writing: now, and of a change rule over all changes that are kept."""
    from loader.alerts.asking import ask_cypher
    from loader.alerts.library import load_rule_library
    from loader.alerts.selection import Wanted, select
    from loader.alerts.trying import try_rule

    own = [] if folder else library_folders(folders)
    selected = select(load_rule_library(folder, own, say), Wanted(rules=[rule]), folders=own, tell=say)
    (one,) = selected.rules
    with open_database(neo4j_uri) as database:
        tried = try_rule(database, one, selected.sources.get(one.id, ask_cypher))
    if output is Format.JSON:
        print(json_text(tried.as_json()))
    else:
        _print_tried(tried)


def _print_tried(tried: Tried) -> None:
    columns = ["severity", "title", "owner", "run", "at", "alert"]
    columns = [name for name in columns if name not in ("owner", "at") or any(row[name] for row in tried.rows)]
    number = len(tried.rows)
    title = f"{tried.rule.id} finds {number or 'nothing'}"
    if tried.rows:
        print_rows_as(TableFormat.TABLE, title, columns, tried.rows)
    else:
        print(f"{title}.")
    for fault in tried.faults:
        say(f"The query of {tried.rule.id} {fault}.")
    say_gaps(tried.missing, "It may find more")


def explain(
    alert_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="The alert's id, or an unambiguous beginning of it; a rule with --entity."),
    ],
    entity: Annotated[
        str | None, typer.Option("--entity", metavar="KEY", help="Why the rule ID finds this resource, or does not.")
    ] = None,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Explain why an alert is open or is not: the query, its parameters, what it returns now, what was not loaded."""
    from loader.alerts.asking import ask_cypher
    from loader.alerts.explaining import explain_alert, explain_entity
    from loader.alerts.library import load_rule_library
    from loader.alerts.listing import find_alert
    from loader.alerts.selection import Wanted, rule_of, select

    own = library_folders(folders)
    library = load_rule_library(libraries=own, tell=say)
    selected = select(library, Wanted(rules=[alert_id]), folders=own, tell=say) if entity is not None else None
    with open_database(neo4j_uri) as database:
        if selected is None or entity is None:
            alert = find_alert(database, alert_id).alert
            rule, source = rule_of(library, alert, folders=own, tell=say)
            explained = explain_alert(database, alert, rule, source, others=list(library.rules.values()))
        else:
            (one,) = selected.rules
            source, others = selected.sources.get(one.id, ask_cypher), list(library.rules.values())
            explained = explain_entity(database, one, entity, source, others=others)
    if output is Format.JSON:
        print(json_text(explained.as_json()))
    else:
        _print_explained(explained)


def _print_explained(explained: Explained) -> None:
    alert = explained.alert
    print_heading(f"{alert.title} ({alert.state})" if alert else f"Rule {explained.rule}")
    for sentence in explained.why:
        console().print(one_line(sentence), markup=False, highlight=False)
    print_changes(explained.changes)
    for finding in explained.findings:
        print_heading(f"\nWhat {explained.rule} finds now")
        print_grid([("title", finding["title"]), ("severity", finding["severity"])])
        print_grid(json.loads(finding["values"]).items())
    if explained.query:
        print_heading(f"\nThe question ({explained.rows:,} finding{'' if explained.rows == 1 else 's'} altogether)")
        console().print(visible(explained.query.rstrip(), lines=True), markup=False, highlight=False, soft_wrap=True)
        print_heading("\nIts parameters")
        print_grid(explained.parameters.items())
    say_gaps(explained.missing, "Not loaded whole")


def stats(
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=520, help="So many weeks are told one by one.")] = 8,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Show numbers: the mean time to resolve, new and resolved a week, by owner, severity and rule."""
    from loader.alerts.stats import BY
    from loader.alerts.stats import stats as count

    with open_database(neo4j_uri) as database:
        found = count(database, weeks=weeks)
    if output is Format.JSON:
        print(json_text(found.as_json()))
        return
    told = found.as_json()
    columns = ["there", "new", "resolved", "hoursToResolve"]
    print_rows_as(TableFormat.TABLE, "All alerts", columns, [told["all"]])
    print_rows_as(TableFormat.TABLE, "By week", ["week", "new", "resolved"], told["weeks"])
    for name in BY:
        print_rows_as(TableFormat.TABLE, f"By {name}", [name, *columns], found.rows(name))
