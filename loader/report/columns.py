"""Which columns of an answer a terminal shows, in which order and how wide: names first, ids last and short."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.cells import cell_len

from loader.guids import beginning, is_guid
from loader.library.running import as_text, plain
from loader.visible import one_line

Rows = Sequence[Mapping[str, Any]]

LINKS = ("link", "webLink")
# Blanks between two columns.
GAP = 2
# The longest words that are not broken, and how long they are where that leaves too little room; names come last.
WORDS = (40, 28, 20, 16, 12)
NAME = 36
NARROWEST = 12
# Never first, whatever the query begins with: they tell things apart only beside a name.
_KINDS = ("type", "kind", "severity", "state", "enabled", "status")
_TYPE = re.compile(r"azure(_[a-z0-9]+)+")
_ARM = re.compile(r"^/(subscriptions|providers)/", re.IGNORECASE)


@dataclass(slots=True)
class Layout:
    """What is shown of an answer. widths: of the columns, in order. constant: columns with one value for all rows, told
    once above; empty: columns without any value; left_out: those there is no room for.
    """

    widths: dict[str, int]
    constant: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The shown columns in order."""
        return list(self.widths)


def cell(value: Any) -> str:
    """A value in a terminal's cell, on one line; times to the minute, entity types in words."""
    value = plain(value) if not isinstance(value, datetime) else value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*", value):
        return value[:16].replace("T", " ")
    if isinstance(value, str) and _TYPE.fullmatch(value):
        return value.removeprefix("azure_").replace("_", " ")
    return one_line(as_text(value))


def is_id(value: Any) -> bool:
    """Whether a value is an id that a person cannot read: an ARM id, or a GUID (also behind a prefix of its own)."""
    return (
        isinstance(value, str)
        and not value.startswith("https://")
        and (_ARM.match(value) is not None or is_guid(value) or is_guid(value.rpartition("/")[2]))
    )


def short_id(value: Any) -> str:
    """As much of an id as tells it from others: the last part of an ARM id, the beginning of a GUID."""
    last = cell(value).rstrip("/").rpartition("/")[2]
    return f"{beginning(last)}…" if is_guid(last) else last


def in_order(columns: Sequence[str], rows: Rows) -> tuple[list[str], list[str]]:
    """The columns that people read, the name of what a row is about first, and the columns of ids."""
    ids = [name for name in columns if name not in LINKS and _holds_ids(name, rows)]
    told = [name for name in columns if name not in ids and name not in LINKS]
    first = _name_column(told, ids, rows)
    if first is not None:
        told.remove(first)
        told.insert(0, first)
    return told, ids


def _holds_ids(name: str, rows: Rows) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    if not values:
        return name == "key" or name.endswith("Key")
    if name == "key" or name.endswith("Key"):
        return all(isinstance(value, str) for value in values)
    return all(is_id(value) for value in values)


def _name_column(told: Sequence[str], ids: Sequence[str], rows: Rows) -> str | None:
    """The column that calls by name what `key` identifies; else the first that tells more than a kind."""
    if "key" in ids:
        for name in told:
            alike = sum(str(row[name]).lower() == str(row["key"]).rpartition("/")[2].lower() for row in rows)
            if rows and alike * 2 > len(rows):
                return name
    return next((name for name in told if name not in _KINDS), None)


def arrange(columns: Sequence[str], rows: Rows, width: int) -> Layout:
    """A layout for so many columns of a terminal.

    Where not everything fits on one line a row, what is the same in all rows stands above, what is empty goes, then
    columns become narrower, then the last ones are left out. Ids are shown where there is room, if they tell rows apart
    or say more than the names do.
    """
    told, ids = in_order(columns, rows)
    if not told:
        told, ids = ids, []
    natural = {name: _natural(name, rows, short=name in ids) for name in (*told, *ids)}
    layout = Layout({name: natural[name] for name in told})
    if _total(layout.widths) > width:
        _take_out_the_same(layout, rows)
        words = {name: _longest_word(name, rows) for name in layout.widths}
        while (fitted := _fitted(layout.widths, words, width)) is None:
            name = layout.columns[-1]
            del layout.widths[name]
            layout.left_out.insert(0, name)
        layout.widths = fitted
    alike = len({tuple(cell(row[name]) for name in told) for row in rows}) < len(rows)
    for name in ids:
        room = width - _total(layout.widths) - GAP
        if (alike or _says_more(name, told, rows)) and not layout.left_out and natural[name] <= room:
            layout.widths[name] = natural[name]
    layout.left_out += [name for name in ids if name not in layout.widths]
    return layout


def _natural(name: str, rows: Rows, *, short: bool) -> int:
    tell = short_id if short else cell
    return max([cell_len(one_line(name)), *(cell_len(tell(row[name])) for row in rows)])


def _longest_word(name: str, rows: Rows) -> int:
    return max([*(cell_len(word) for row in rows for word in cell(row[name]).split()), 1])


def _says_more(name: str, told: Sequence[str], rows: Rows) -> bool:
    """Whether an id tells people more than the cells of its row do; a GUID never does, nor what all rows share."""
    return (len(rows) == 1 or len({row[name] for row in rows}) > 1) and any(
        not is_guid(str(row[name]).rpartition("/")[2])
        and short_id(row[name]).lower() not in {cell(row[one]).lower() for one in told}
        for row in rows
        if row[name] is not None
    )


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + GAP * max(len(widths) - 1, 0)


def _take_out_the_same(layout: Layout, rows: Rows) -> None:
    for name in layout.columns:
        values = {cell(row[name]) for row in rows}
        if values == {""}:
            layout.empty.append(name)
        elif len(values) == 1 and len(rows) > 1 and len(layout.widths) > 1:
            layout.constant[name] = values.pop()
        else:
            continue
        del layout.widths[name]


def _fitted(widths: Mapping[str, int], words: Mapping[str, int], room: int) -> dict[str, int] | None:
    """The widest columns made narrower until all fit, between words if that does; None where even that is too wide.

    words: how wide each column's longest word is.
    """
    if _total(widths) <= room:
        return dict(widths)
    first = next(iter(widths))
    for longest in WORDS:
        least = {name: min(words[name], NAME if name == first else longest) for name in widths}
        for most in range(max(widths.values()), NARROWEST // 2, -1):
            tried = {name: min(width, max(most, least[name])) for name, width in widths.items()}
            if _total(tried) <= room:
                return _widened(tried, widths, room)
    return dict.fromkeys(widths, room) if len(widths) == 1 else None


def _widened(tried: dict[str, int], widths: Mapping[str, int], room: int) -> dict[str, int]:
    """The few blanks that are left go to those that gave way, from the left."""
    for name in tried:
        more = min(widths[name] - tried[name], room - _total(tried))
        tried[name] += max(more, 0)
    return tried
