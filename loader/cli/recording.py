"""`azgraph recording`: look through recordings before anybody else gets them, and clean those of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import Format, OutputFormat, say
from loader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from loader.recordings import FoundAt

app = typer.Typer(no_args_is_help=True, help="Look through recordings for secrets before they are handed on.")

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="HAR files, or folders of them.")]


@app.command()
def check(files: Files, output: OutputFormat = Format.TABLE) -> None:
    """Print what still looks like a secret: where it stands and what it is, never the value.

    Ends with code 0 where nothing was found, 1 where something was, 2 where a file is no recording.
    """
    import json

    from loader.azure.transport.har import files_of
    from loader.recordings import look_through

    found: list[FoundAt] = []
    broken = 0
    listed = files_of(files)
    for file in listed:
        try:
            found.extend(look_through(file))
        except UsageError as error:
            say(f"Error: {error}")
            broken += 1
    if output is Format.JSON:
        print(json.dumps([_as_json(one) for one in found], indent=2, ensure_ascii=False))
    else:
        for one in found:
            finding = one.finding
            print(f"{one.file}, entry {one.entry}: {finding.place}: {finding.form}: {finding.hint}")
        say(f"{len(listed) - broken} files looked through, {len(found)} findings.")
    if broken or found:
        raise typer.Exit(ExitCode.USAGE if broken else ExitCode.FINDINGS)


def _as_json(one: FoundAt) -> dict[str, object]:
    finding = one.finding
    return {
        "file": str(one.file),
        "entry": one.entry,
        "request": one.request,
        "place": finding.place,
        "form": finding.form,
        "startsWith": finding.start,
        "length": len(finding.value),
    }


@app.command()
def clean(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The HAR file to clean; it stays as it is.")],
    to: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", dir_okay=False, help="The file to write; it must be new.")
    ],
) -> None:
    """Write a recording again without what looks like a secret, and say what was taken out."""
    from loader.recordings import clean_file

    taken_out = clean_file(file, to)
    for place, count in sorted(taken_out.items()):
        print(f"{count} x {place}")
    say(f"{taken_out.total()} values were taken out; {to} is clean as far as azgraph can tell.")
