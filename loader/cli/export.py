"""`azgraph export`: the graph for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loader.cli.common import Neo4jUri, open_database, say
from loader.cli.stopping import stop_says

app = typer.Typer(help="Write what the graph holds for other tools.", no_args_is_help=True)


@app.callback()
def export() -> None:
    """Write what the graph holds for other tools."""


@app.command()
@stop_says("Stopped: the file was not written. Nothing in the graph was changed.")
def bloodhound(
    file: Annotated[Path, typer.Argument(help="The file to write, ending in .json; BloodHound takes it as an upload.")],
    neo4j_uri: Neo4jUri = None,
) -> None:
    """Write all hops of attack paths in BloodHound's OpenGraph format.

    What is given in a scope is one edge to the scope. docs/paths.md tells which kind of edge is which of BloodHound's.
    """
    from loader.files import refuse_unwritable, write_whole
    from loader.paths import opengraph, read_network

    refuse_unwritable(file)
    with open_database(neo4j_uri) as database:
        pieces = "".join(opengraph(database, read_network(database)))
    write_whole(file, pieces)
    say(f"Written: {file}")
