"""The rows of a query as CSV, JSON, Markdown or a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from loader.library.running import as_text, plain
from loader.report.documents import csv_text
from loader.report.wording import https_only
from loader.visible import json_text, one_line, visible

Rows = Iterable[Mapping[str, Any]]


def rows_json(rows: Rows) -> str:
    """A list of objects; times are ISO 8601."""
    return json_text([plain(dict(row)) for row in rows])


def rows_csv(columns: list[str], rows: Rows) -> str:
    """One line a row, with the columns' names first."""
    return csv_text(columns, [[as_text(row[name]) for name in columns] for row in rows])


def rows_markdown(columns: list[str], rows: Rows) -> str:
    """A GitHub table; what a name could do to the table or the page is escaped."""
    lines = [
        [*map(escaped, columns)],
        ["---"] * len(columns),
        *([escaped(row[name]) for name in columns] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# Columns of a terminal from which on a table has room for whole names.
_WIDE = 80
# What GitHub's Markdown takes for markup inside a line, a link written as plain text included.
_MARKUP = re.compile(r"[\\`*_\[\]|~]|(?<=[a-zA-Z]):(?=//)|(?<=www)\.")


def escaped(value: Any) -> str:
    """A value as Markdown on one line, in a table or out of it: nothing in it is markup."""
    text = _MARKUP.sub(r"\\\g<0>", " ".join(one_line(as_text(value)).split()))
    return text.replace("&", "&amp;").replace("<", "&lt;")


def print_rows(console: Console, title: str, columns: list[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table for the terminal. Long keys fold instead of being cut; a `webLink` column becomes a link on the name."""
    shown = [name for name in columns if name != "webLink"]
    table = Table(title=Text(visible(title)), title_justify="left", title_style="bold")
    # What stands first is what the next command is given, so it is not cut in two where there is room.
    first = max((len(one_line(as_text(row[shown[0]]))) for row in rows), default=0) if shown else 0
    for name in shown:
        least = first if name == shown[0] and first <= console.width // 2 and console.width >= _WIDE else None
        table.add_column(Text(visible(name)), overflow="fold", min_width=least)
    for row in rows:
        link = https_only(str(row.get("webLink") or ""))
        cells = [Text(one_line(as_text(row[name]))) for name in shown]
        if link and cells:
            cells[0].stylize(f"link {link}")
        table.add_row(*cells)
    console.print(table)
    console.print(f"{len(rows)} row{'' if len(rows) == 1 else 's'}.", highlight=False)
