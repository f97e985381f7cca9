"""`azgraph query`: the library's questions."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import (
    LibraryFolders,
    Neo4jUri,
    RowsFormat,
    TableFormat,
    library_folders,
    open_database,
    print_rows_as,
    say,
)
from loader.cli.completion import complete_area, complete_query
from loader.cli.stopping import stop_says
from loader.visible import json_text, one_line, visible

if TYPE_CHECKING:
    from loader.browser import Browser

app = typer.Typer(help="Ask the library's questions of the graph.", no_args_is_help=True)


class ShowFormat(StrEnum):
    """How a query is shown."""

    YAML = "yaml"
    JSON = "json"


@app.command("list")
def list_queries(
    area: Annotated[
        str | None, typer.Option("--area", help="Only this area, such as network.", autocompletion=complete_area)
    ] = None,
    search: Annotated[
        str | None, typer.Option("--search", help="Only those whose id, title or description has these words.")
    ] = None,
    folders: LibraryFolders = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List the questions the library has."""
    from loader.library.own import library_with
    from loader.library.search import find_queries

    found: list[dict[str, object]] = [
        {
            "id": one.id,
            "area": one.area,
            "title": one.title,
            "overridden": [change.as_json() for change in one.overridden],
        }
        for one in find_queries(library_with(library_folders(folders), say), area=area, words=search)
    ]
    print_rows_as(output, "Queries", ["id", "area", "title"], found)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The query's id.", autocompletion=complete_query)],
    folders: LibraryFolders = None,
    output: Annotated[ShowFormat, typer.Option("--format", "-f", help="What to print on stdout.")] = ShowFormat.YAML,
) -> None:
    """Show a query: its file, with the Cypher to paste into Neo4j Browser; what you override of it stands above."""
    from loader.library.own import library_with
    from loader.library.search import described

    library = library_with(library_folders(folders), say)
    query = library.query(name)
    file = library.files["query", query.id]
    if output is ShowFormat.JSON:
        typer.echo(json_text(described(query, file)))
        return
    for change in query.overridden:
        typer.echo(one_line(f"# {change.sentence}"))
    typer.echo(visible(file.read_text(encoding="utf-8"), lines=True), nl=False)
    if browser := _browser(None):
        say(f"In Neo4j Browser: {browser.query(query, {})}")


@app.command()
@stop_says("Stopped: the query was not finished. Nothing in the graph was changed.")
def run(
    name: Annotated[str, typer.Argument(help="The query's id.", autocompletion=complete_query)],
    param: Annotated[
        list[str] | None, typer.Option("--param", help="A parameter, as name=value; may be given several times.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", metavar="A,B", help="Only these columns, in this order, in full; in every format."),
    ] = None,
    wide: Annotated[
        bool, typer.Option("--wide", help="Every column in full, one line a row, however wide that makes the table.")
    ] = False,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Run a query and print its answer. What was not loaded whole is told on stderr.

    A parameter that is a resource, a principal, a role or a type is given by name, sign-in name or id; `azgraph query
    show NAME` tells the kind of each. The table shows names first and shortens ids; json, csv and markdown have all.
    """
    from loader.cli.answers import print_result, say_link
    from loader.library import run_query
    from loader.library.bounded import cut_note
    from loader.library.looked_at import nothing_found
    from loader.library.own import library_with
    from loader.library.parameters import parse
    from loader.library.resolving import resolve
    from loader.library.running import bound

    query = library_with(library_folders(folders), say).query(name)
    named = parse(param or [])
    bound(query, named)  # what is wrong whatever the graph holds is told before it is reached
    browser = _browser(neo4j_uri)
    with open_database(neo4j_uri) as database:
        given = resolve(database, query, named)
        result = run_query(database, query, given)
        nothing = "" if result.rows else nothing_found(database, query, named)
        note = cut_note(database, query, given) if browser and result.rows else None
    print_result(output, query.title, result, columns=columns, wide=wide, nothing=nothing)
    for change in query.overridden:
        say(change.sentence)
    if browser:
        say_link(browser.query(query, given), what="the picture" if query.graph else "the query")
    if note:
        say(note)


def _browser(neo4j_uri: str | None) -> Browser | None:
    """Where queries open in Neo4j Browser, if there is one."""
    from loader.browser import find_browser

    return find_browser(neo4j_uri)
