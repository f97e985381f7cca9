"""The rows of a query as CSV, JSON, Markdown or a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from loader.library.running import as_text, plain
from loader.report.documents import csv_text

Rows = Iterable[Mapping[str, Any]]


def rows_json(rows: Rows) -> str:
    """A list of objects; times are ISO 8601."""
    return json.dumps([plain(dict(row)) for row in rows], indent=2, ensure_ascii=False)


def rows_csv(columns: list[str], rows: Rows) -> str:
    """One line a row, with the columns' names first."""
    return csv_text(columns, [[as_text(row[name]) for name in columns] for row in rows])


def rows_markdown(columns: list[str], rows: Rows) -> str:
    """A GitHub table; what a name could do to the table or the page is escaped."""
    lines = [columns, ["---"] * len(columns), *([escaped(row[name]) for name in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(value: Any) -> str:
    """A value as Markdown on one line, in a table or out of it: nothing in it is markup."""
    text = as_text(value).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return " ".join(text.replace("`", "\\`").replace("[", "\\[").replace("*", "\\*").split())


def print_rows(console: Console, title: str, columns: list[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table for the terminal. Long keys fold instead of being cut; a `webLink` column becomes a link on the name."""
    shown = [name for name in columns if name != "webLink"]
    table = Table(title=Text(title), title_justify="left", title_style="bold")
    for name in shown:
        table.add_column(name, overflow="fold")
    for row in rows:
        link = str(row.get("webLink") or "")
        cells = [Text(clean(as_text(row[name]))) for name in shown]
        if link.startswith("https://") and cells:
            cells[0].stylize(f"link {link}")
        table.add_row(*cells)
    console.print(table)
    console.print(f"{len(rows)} row{'' if len(rows) == 1 else 's'}.", highlight=False)


def clean(text: str) -> str:
    """Text for a terminal: without the control characters that could steer it."""
    return "".join(sign if sign.isprintable() or sign == " " else "�" for sign in text.replace("\n", " "))
