"""The answer of a query on a terminal: one line a row where there is room, and what is not shown is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from loader.report.columns import GAP, LINKS, Layout, Rows, arrange, cell, in_order, is_id, short_id
from loader.report.wording import https_only
from loader.visible import one_line

# Lines that one row may take where its terminal is too narrow for one.
LINES = 3


# How to see all of a table, for commands with both options.
WIDE_OR_COLUMNS = "`--wide` shows all, `--columns a,b` those you name."


def print_answer(
    console: Console,
    title: str,
    columns: Sequence[str],
    rows: Rows,
    *,
    wide: bool = False,
    ordered: bool = False,
    nothing: str = "",
    more: str = "`--format json` has all.",
) -> None:
    """Prints rows as a table. wide: every column in full, one line a row, however wide that makes it; ordered: the
    columns as they are given, not names first; nothing: what is said where there are no rows; more: how to see what
    did not fit, with the options that the command has.
    """
    console.print(Text(one_line(title), style="bold"))
    if not rows:
        console.print(Text(one_line(nothing) or "No rows."))
        return
    if wide:
        told, ids = (list(columns), []) if ordered else in_order(columns, rows)
        _print_wide(console, [*told, *ids], rows)
        return
    layout = arrange(columns, rows, console.width)
    _, ids = in_order(columns, rows)
    for name, value in layout.constant.items():
        console.print(Text(f"{one_line(name)}: {value}", style="dim"))
    console.print()
    cut = _print_table(console, layout, ids, rows)
    console.print()
    console.print(Text(_count(rows)))
    if note := _note(layout, cut=cut, more=more):
        console.print(Text(note, style="dim"))


def _print_table(console: Console, layout: Layout, ids: Sequence[str], rows: Rows) -> bool:
    """Prints the table; tells whether any text was cut off."""
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold underline")
    for name, width in layout.widths.items():
        numbers = any(_is_number(row[name]) for row in rows)
        table.add_column(
            Text(set_cell_size(one_line(name), width) if cell_len(one_line(name)) > width else one_line(name)),
            width=width,
            overflow="fold",
            justify="right" if numbers else "left",
        )
    cut = False
    for row in rows:
        cells = []
        for index, (name, width) in enumerate(layout.widths.items()):
            text = short_id(row[name]) if name in ids else cell(row[name])
            lines = Text(text).wrap(console, width, overflow="fold")
            if len(lines) > LINES:
                kept = [line.plain.rstrip() for line in lines[:LINES]]
                text, cut = "\n".join([*kept[:-1], f"{set_cell_size(kept[-1], width - 1).rstrip()}…"]), True
            cells.append(_linked(text, _link(row, name, first=index == 0), dim=name in ids))
        table.add_row(*cells)
    console.print(table)
    return cut


def _print_wide(console: Console, columns: Sequence[str], rows: Rows) -> None:
    """Without rich's table, which would break the lines at the terminal's width."""
    texts = [[cell(row[name]) for name in columns] for row in rows]
    heads = [one_line(name) for name in columns]
    widths = [max(map(cell_len, column)) for column in zip(heads, *texts, strict=True)]
    lines = [Text((" " * GAP).join(map(set_cell_size, heads, widths)).rstrip(), style="bold underline")]
    for row, line in zip(rows, texts, strict=True):
        text = Text()
        for index, (name, told, width) in enumerate(zip(columns, line, widths, strict=True)):
            link = _link(row, name, first=index == 0)
            text.append_text(_linked(told, link, dim=False)).append(" " * (width - cell_len(told) + GAP))
        text.rstrip()
        lines.append(text)
    console.print()
    for one in lines:
        console.print(one, soft_wrap=True)
    console.print()
    console.print(Text(_count(rows)))


def _linked(text: str, link: str, *, dim: bool) -> Text:
    return Text(text, style=" ".join(one for one in ("dim" if dim else "", f"link {link}" if link else "") if one))


def _link(row: Mapping[str, Any], name: str, *, first: bool) -> str:
    """Where a cell leads: the first to what the row is about, an ARM id to its resource in the portal."""
    value = row[name]
    if first:
        if link := next((link for one in LINKS if (link := https_only(str(row.get(one) or "")))), ""):
            return link
        key = row.get("key")
        value = key if isinstance(key, str) and short_id(key).lower() == cell(value).lower() else None
    if isinstance(value, str) and value.startswith("/") and is_id(value):
        return https_only(f"https://portal.azure.com/#resource{quote(value)}")
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(rows: Rows) -> str:
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}."


def _note(layout: Layout, *, cut: bool, more: str) -> str:
    told = []
    if layout.empty:
        told.append(f"Empty in every row: {', '.join(map(one_line, layout.empty))}.")
    if layout.left_out:
        told.append(f"Not shown: {', '.join(map(one_line, layout.left_out))}.")
    if cut:
        told.append("Long texts end in …")
    if layout.left_out or cut:
        told.append(more)
    return " ".join(told)
