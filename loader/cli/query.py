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
from loader.visible import json_text, one_line, visible

if TYPE_CHECKING:
    from loader.library import Query

app = typer.Typer(help="Ask the library's questions of the graph.", no_args_is_help=True)


class ShowFormat(StrEnum):
    """How a query is shown."""

    YAML = "yaml"
    JSON = "json"


@app.command("list")
def list_queries(
    area: Annotated[str | None, typer.Option("--area", help="Only this area, such as network.")] = None,
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
    name: Annotated[str, typer.Argument(help="The query's id.")],
    folders: LibraryFolders = None,
    output: Annotated[ShowFormat, typer.Option("--format", help="What to print on stdout.")] = ShowFormat.YAML,
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
    _say_link(query, {}, None)


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="The query's id.")],
    param: Annotated[
        list[str] | None, typer.Option("--param", help="A parameter, as name=value; may be given several times.")
    ] = None,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Run a query and print its answer. What was not loaded whole is told on stderr."""
    from loader.library import run_query
    from loader.library.own import library_with
    from loader.library.parameters import parse

    query = library_with(library_folders(folders), say).query(name)
    given = parse(param or [])
    with open_database(neo4j_uri) as database:
        result = run_query(database, query, given)
    print_rows_as(output, query.title, result.columns, result.rows)
    for change in query.overridden:
        say(change.sentence)
    for sentence in result.missing:
        say(f"The answer may lack something: {sentence}")
    _say_link(query, given, neo4j_uri)


def _say_link(query: Query, given: dict[str, str], neo4j_uri: str | None) -> None:
    """Tells where the query opens in Neo4j Browser, if there is one."""
    from loader.browser import find_browser

    browser = find_browser(neo4j_uri)
    if browser:
        say(f"In Neo4j Browser: {browser.query(query, given)}")
