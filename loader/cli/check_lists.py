"""`azgraph check --list` and `--list-checks`: the packs there are, and the checks with the packs that use them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from loader.cli.common import TableFormat, library_folders, print_rows_as, say

if TYPE_CHECKING:
    from loader.library.definitions import Pack

_PACK = ("id", "title", "version", "controls")
_CHECK = ("id", "severity", "title", "packs")


def packs_of(folders: list[Path] | None) -> dict[str, Pack]:
    """The packs that there are, by name, in the order of their files."""
    from loader.library.library import shipped_packs
    from loader.library.own import library_with

    own = library_folders(folders)
    return (library_with(own, say) if own else shipped_packs()).packs


def list_packs(folders: list[Path] | None, output: TableFormat) -> None:
    """The packs on stdout, in the order of their files: as lines, or as rows in another format."""
    rows: list[dict[str, Any]] = [
        {"id": one.id, "title": one.title, "version": one.version, "controls": sum(1 for _ in one.controls())}
        for one in packs_of(folders).values()
    ]
    if output is not TableFormat.TABLE:
        print_rows_as(output, "Packs", list(_PACK), rows)
        return
    for row in rows:
        typer.echo(f"{row['id']}  {row['title']} {row['version']}, {row['controls']} controls")


def list_checks(pack: str | None, folders: list[Path] | None, output: TableFormat) -> None:
    """The checks on stdout, of one pack or all. Raises UsageError for a pack that does not exist."""
    from loader.library.own import library_with

    library = library_with(library_folders(folders), say)
    used: dict[str, list[str]] = {name: [] for name in library.checks}
    for one in [library.pack(pack)] if pack else library.packs.values():
        for name in {use.check for _, control in one.controls() for use in control.uses}:
            used[name].append(one.id)
    rows: list[dict[str, Any]] = [
        {"id": one.id, "severity": str(one.severity), "title": one.title, "packs": used[one.id]}
        for one in sorted(library.checks.values(), key=lambda check: check.id)
        if used[one.id] or not pack
    ]
    if output is TableFormat.TABLE:
        # Some are in a dozen packs, for which a table of 100 columns has no room.
        rows = [{**row, "packs": len(row["packs"])} for row in rows]
    print_rows_as(output, f"Checks of {pack}" if pack else "Checks", list(_CHECK), rows)
