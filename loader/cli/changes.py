"""`azgraph changes`: what the runs found different."""

from __future__ import annotations

from typing import Annotated

import typer

from loader.cli.common import Neo4jUri, RowsFormat, TableFormat, console, open_database, print_rows_as
from loader.cli.completion import complete_type

# What a table of 100 columns has room for; the other formats have everything.
_SHOWN = ("name", "op", "type", "change", "run")


def changes(
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="RUN|DATE", help="After this run (number or id), or from this ISO date on."),
    ] = None,
    op: Annotated[
        list[str] | None,
        typer.Option("--op", help="Only these: created, updated, deleted, linked, unlinked; may be repeated."),
    ] = None,
    entity_type: Annotated[
        list[str] | None,
        typer.Option("--type", help="Only this entity type; may be repeated.", autocompletion=complete_type),
    ] = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """What changed in Azure, as the runs recorded it; the latest run alone unless --since says otherwise."""
    from loader.alerts.changes import COLUMNS, changes_since, far_names
    from loader.report.answer import print_answer

    with open_database(neo4j_uri) as database:
        found = changes_since(database, since, operations=op or (), types=entity_type or ())
        names = far_names(database, found) if output is TableFormat.TABLE else {}
    if output is TableFormat.TABLE:
        rows = [{**one.as_json(), "change": one.in_words(names)} for one in found]
        print_answer(console(), "Changes", _SHOWN, rows, nothing="Nothing changed.")
    else:
        print_rows_as(output, "Changes", list(COLUMNS), [one.as_json() for one in found])
