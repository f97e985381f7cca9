"""`azgraph model`: the entity types and relationships that azgraph loads."""

from __future__ import annotations

from loader.cli.common import Format, OutputFormat, console
from loader.visible import json_text


def model(output: OutputFormat = Format.TABLE) -> None:
    """List the entity types and relationships that azgraph loads, with the permission each needs."""
    from loader.model_listing import model_listing

    listing = model_listing()
    if output is Format.JSON:
        print(json_text(listing))
        return
    from rich.table import Table

    table = Table(title=f"{len(listing['entities'])} entity types", title_justify="left")
    for column in ("Type", "Name", "Classes", "Permission"):
        table.add_column(column, overflow="fold")
    for one in listing["entities"]:
        table.add_row(one["type"], one["resource"], ", ".join(one["classes"]), one["permission"])
    out = console()
    out.print(table)
    out.print(f"{len(listing['relationships'])} relationships; `azgraph model --format json` lists them.")
