"""Writes the pages of docs/ that follow from the code: the data model, the permissions, the CLI, the queries.

`python -m tools.generate_docs` writes them; `tests/test_docs.py` fails where they are not what it would write.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from loader.cli.main import app
from loader.config.template import SCHEMA_FILE, schema_text
from loader.notify import document
from tools import (
    NOTICE,
    capabilities,
    configuration,
    coverage,
    data_model,
    library_pages,
    never_kept,
    no_change,
    permissions,
    troubleshooting,
)

DOCS = Path(__file__).parents[1] / "docs"


def command_line() -> str:
    """Every command with its options, from the same declarations as `--help`."""
    command = typer.main.get_command(app)
    with typer.Context(command, info_name="azgraph") as context:
        text = get_docs_for_click(obj=command, ctx=context, name="azgraph")
    return text.replace("# `azgraph`", f"# Command line\n\n{NOTICE}", 1)


PAGES: dict[str, Callable[[], str]] = {
    "access.md": capabilities.page,
    "data-model.md": lambda: f"{data_model.page()}\n{coverage.table()}",
    "permissions.md": permissions.page,
    "cli.md": command_line,
    "queries.md": library_pages.queries,
    "packs.md": library_pages.packs,
    "never-kept.md": never_kept.page,
    "no-change.md": no_change.page,
    "troubleshooting.md": troubleshooting.page,
    SCHEMA_FILE: schema_text,
    document.SCHEMA_FILE: document.schema_text,
    "configuration-keys.md": configuration.page,
}


def main() -> None:
    """Writes every page; takes no options."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name, page in PAGES.items():
        (DOCS / name).write_text(page().rstrip() + "\n")


if __name__ == "__main__":
    main()
