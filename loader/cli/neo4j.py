"""`azgraph neo4j`: the local Neo4j, without Docker and without Java."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import Format, OutputFormat, say

if TYPE_CHECKING:
    from loader.localdb import LocalNeo4j, State

app = typer.Typer(help="Start, stop and look at the local Neo4j.", no_args_is_help=True)


@app.command()
def up(
    version: Annotated[
        str | None, typer.Option("--version", help="The Neo4j version (default: the one used last, then 5.26).")
    ] = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Start Neo4j if it is down, and tell how to reach it."""
    local = _local()
    local.up(version)
    _show(local.status(), output)


@app.command()
def status(output: OutputFormat = Format.TABLE) -> None:
    """Tell whether Neo4j is running, and how to reach it."""
    _show(_local().status(), output)


@app.command()
def down() -> None:
    """Stop Neo4j. Its data stays."""
    say("Neo4j is stopped; its data stays." if _local().down() else "Neo4j was not running.")


@app.command()
def wipe(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop Neo4j and delete its data, its password and its logs."""
    if not yes:
        typer.confirm("Delete the local graph, with the history of its changes and its alerts?", abort=True, err=True)
    _local().wipe()
    say("The local Neo4j and its data are deleted. The downloaded files stay in the cache.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it, such as graph.dump.", dir_okay=False)],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write the local graph to a file. Neo4j is stopped for it, and started again if it was running."""
    _local().backup(file, force=force)
    say(f"The local graph is in {file}. It tells weak spots of your tenant: keep it like a secret.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `azgraph neo4j backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put a graph that was backed up in the place of the present one. Where that fails the present one stays."""
    from loader.localdb.backup import refuse_source

    refuse_source(file)
    if not yes:
        typer.confirm(f"Replace the local graph by {file}?", abort=True, err=True)
    _local().restore(file)
    say("The local graph is the one of the backup.")


def _local() -> LocalNeo4j:
    from loader.config import cache_dir, home_dir
    from loader.localdb import LocalNeo4j

    return LocalNeo4j(home_dir(), cache_dir(), say)


def _show(state: State, output: Format) -> None:
    if output is Format.JSON:
        import json
        from dataclasses import asdict

        print(json.dumps(asdict(state) | {"password_file": str(state.password_file)}, indent=2))
    elif not state.running:
        print("Neo4j is not running. Start it with `azgraph neo4j up`.")
    else:
        print(f"Neo4j {state.version} is running.")
        browser = state.browser or "this version comes without it; use any Neo4j client"
        for label, value in (
            ("Browser", browser),
            ("Driver", state.uri),
            ("User", state.user),
            ("Password", f"in the file {state.password_file}"),
        ):
            print(f"  {label + ':':<10}{value}")
