"""`azgraph query`: the library's questions."""

from __future__ import annotations

from typing import Annotated

import typer

from loader.cli.common import Neo4jUri, RowsFormat, TableFormat, open_database, print_rows_as, say

app = typer.Typer(help="Ask the library's questions of the graph.", no_args_is_help=True)


@app.command("list")
def list_queries(
    area: Annotated[str | None, typer.Option("--area", help="Only this area, such as network.")] = None,
    search: Annotated[
        str | None, typer.Option("--search", help="Only those whose id, title or description has these words.")
    ] = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List the questions the library has."""
    from loader.packs import shipped_library
    from loader.packs.search import find_queries

    found: list[dict[str, object]] = [
        {"id": one.id, "area": one.area, "title": one.title}
        for one in find_queries(shipped_library(), area=area, words=search)
    ]
    print_rows_as(output, "Queries", ["id", "area", "title"], found)


@app.command()
def show(name: Annotated[str, typer.Argument(help="The query's id.")]) -> None:
    """Show a query: its file, with the Cypher to paste into Neo4j Browser."""
    from loader.packs import shipped_library

    library = shipped_library()
    typer.echo(library.files["query", library.query(name).id].read_text(encoding="utf-8"), nl=False)


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="The query's id.")],
    param: Annotated[
        list[str] | None, typer.Option("--param", help="A parameter, as name=value; may be given several times.")
    ] = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Run a query and print its answer. What was not loaded whole is told on stderr."""
    from loader.packs import run_query, shipped_library
    from loader.packs.parameters import parse

    query = shipped_library().query(name)
    given = parse(param or [])
    with open_database(neo4j_uri) as database:
        result = run_query(database, query, given)
    print_rows_as(output, query.title, result.columns, result.rows)
    for sentence in result.missing:
        say(f"The answer may lack something: {sentence}")
