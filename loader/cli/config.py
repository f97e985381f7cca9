"""`azgraph config`: what holds and who said so, and whether the file is right."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from loader.cli.common import Format, LibraryFolders, Neo4jUri, OutputFormat, console, say
from loader.visible import json_text, one_line

app = typer.Typer(help="Look at the configuration.", no_args_is_help=True)


@app.command()
def show(
    everything: Annotated[bool, typer.Option("--all", help="Also what nobody has said: the defaults.")] = False,
    neo4j_uri: Neo4jUri = None,
    folders: LibraryFolders = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Show what holds, and where each value comes from: a flag, a variable, the file's line, or the default.

    No secrets. With --neo4j-uri or --library it shows what a command with that flag would go by.
    """
    from loader.config import config_file, written
    from loader.config.sources import DEFAULT, held

    found = written()
    given = {"neo4j.uri": neo4j_uri, "library": [str(one) for one in folders or ()]}
    flags = {name: value for name, value in given.items() if value}
    rows = [row for row in held(found, flags) if everything or row.source != DEFAULT or output is Format.JSON]
    values = [_without_secrets(row.value) for row in rows]
    if output is Format.JSON:
        print(
            json_text(
                {
                    "file": str(config_file()) if found.document else None,
                    "values": [
                        {"name": row.place, "value": value, "from": row.source}
                        for row, value in zip(rows, values, strict=True)
                    ],
                }
            )
        )
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("Setting", "Value", "From"):
        table.add_column(title, overflow="fold")
    for row, value in zip(rows, values, strict=True):
        text = "" if value is None else value if isinstance(value, str) else json_text(value, indent=None)
        source = row.source.replace(f"{config_file().parent}/", "", 1)
        table.add_row(*(Text(one_line(cell)) for cell in (row.place, text, source)))
    console().print(table)
    if found.document:
        say(f"The file is {config_file()}.")
    else:
        say(f"There is no {config_file()}; `azgraph init` writes one.")


def _without_secrets(value: Any) -> Any:
    """A value as it is shown: a key in an address, or whatever else is a secret in no place for one, is taken out."""
    from loader.secrets import scrub_text

    if isinstance(value, list):
        return [_without_secrets(one) for one in value]
    return scrub_text(value) if isinstance(value, str) else value


@app.command()
def check() -> None:
    """Read the configuration through: all mistakes at once, each with its line and what to do, and whether its secrets
    can be read. Azure is not asked; `azgraph doctor` does that.
    """
    from loader.config import config_file, instances
    from loader.instances import read_through

    found = read_through()
    if not found.document:
        say(f"There is no {config_file()}; `azgraph init` writes one. Without it the environment says everything.")
        return
    names = ", ".join(one.name for one in instances(found))
    print(one_line(f"{config_file()} is right. Instances: {names}."))


@app.command()
def schema() -> None:
    """Print the JSON schema of the file, for editors."""
    from loader.config.template import schema_text

    print(schema_text(), end="")
