"""`azgraph library`: the library of your own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import (
    LibraryFolders,
    RowsFormat,
    TableFormat,
    library_folders,
    print_rows_as,
    say,
)
from loader.cli.stopping import stop_says
from loader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from loader.library_testing import Tested

app = typer.Typer(help="Test the library of your own.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group of one command would otherwise be that command."""


@app.command("test")
# The throw-away Neo4j is stopped and deleted before the command ends, which takes its time.
@stop_says("Stopped. Your graph was not touched; the throw-away Neo4j is deleted.", at_once=False)
def run_examples(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]…", help="Only these queries, checks and rules.", show_default=False),
    ] = None,
    folders: LibraryFolders = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Test your own queries, checks and rules: does each of their examples give what it says?

    An empty Neo4j is started for it and deleted afterwards, so your graph is not touched, and none is needed. Ends with
    code 1 where an example fails, and with 2 where a file is wrong.
    """
    from loader.config import cache_dir, home_dir
    from loader.graph import Database
    from loader.library_testing import examples_of, play
    from loader.localdb import throwaway

    own = library_folders(folders)
    if not own:
        raise UsageError(
            "Name the folder of your library: --library DIR, or AZGRAPH_LIBRARY, or `library` in azgraph.yaml."
        )
    examples = examples_of(own, ids or (), say)
    with throwaway(home_dir(), cache_dir(), say) as there, Database(there.uri, there.user, there.password) as database:
        tested = list(play(database, examples))
    _print(output, tested)
    if any(one.faults for one in tested):
        raise typer.Exit(ExitCode.FINDINGS)


def _print(output: TableFormat, tested: Sequence[Tested]) -> None:
    rows = [one.as_json() for one in tested]
    columns = ["result", "kind", "id", "example"]
    print_rows_as(output, "Examples", columns if output is TableFormat.TABLE else [*columns, "faults", "file"], rows)
    if output is TableFormat.TABLE:
        for row in rows:
            for fault in row["faults"]:
                say(f"{row['file']}: {row['id']}, {row['example']!r}: {fault}")
        holding = sum(not row["faults"] for row in rows)
        say(f"{holding} of {len(rows)} examples hold.")
