"""`azgraph people`: the people behind the accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loader.cli.common import Format, Neo4jUri, OutputFormat, open_database
from loader.errors import ExitCode
from loader.visible import json_text, one_line

app = typer.Typer(help="Load the people behind the accounts.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group of one command would otherwise be that command."""


@app.command("import")
def import_(
    file: Annotated[
        Path | None,
        typer.Argument(help="A CSV or JSON file of employees; without one, the directory alone tells of people."),
    ] = None,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="Delete even where an unusual share of the people is gone.")
    ] = False,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Load people from a file and from the directory, and find their accounts.

    Run it after a sync. The file has a column (or a JSON field) for each of employeeId, name, mail, signInName,
    department, jobTitle, company, manager (an employee id or a mail address), startsOn and endsOn; a person needs an
    employeeId or a mail address, the rest may be left out.
    """
    from loader.people import import_people

    with open_database(neo4j_uri) as database:
        done = import_people(database, file, accept_deletions=accept_deletions)
    if output is Format.JSON:
        print(json_text(done.as_json()))
    else:
        changes = ", ".join(f"{count} {kind}" for kind, count in done.changes.items() if count) or "none"
        print(f"Run {done.run}: {done.status}. {done.people} people, {done.with_account} of them with an account.")
        print(f"{done.accounts} accounts belong to somebody. Changes: {changes}.")
        for note in done.notes:
            print(one_line(note))
    if done.status != "complete":
        raise typer.Exit(ExitCode.PARTIAL)
