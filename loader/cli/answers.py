"""How `azgraph query run` prints an answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loader.cli.common import TableFormat, console, print_rows_as, say
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.library.running import QueryResult

# Sentences about what was not loaded; more of them tell nobody more.
_GAPS = 6


def chosen_columns(named: str | None, columns: Sequence[str]) -> list[str]:
    """The columns that `--columns a,b` names, in its order; all where it is not given. Raises UsageError."""
    if named is None:
        return list(columns)
    from loader.nearest import nearest

    wanted = [one.strip() for one in named.split(",") if one.strip()]
    for one in wanted:
        if one not in columns:
            near = nearest(one, columns)
            perhaps = f"Perhaps: {', '.join(near)}. " if near else ""
            raise UsageError(f"The answer has no column {one!r}. {perhaps}It has: {', '.join(columns)}.")
    if not wanted:
        raise UsageError(f"`--columns` names no column. The answer has: {', '.join(columns)}.")
    return list(dict.fromkeys(wanted))


def print_result(
    output: TableFormat, title: str, result: QueryResult, *, columns: str | None, wide: bool, nothing: str
) -> None:
    """The answer on stdout; nothing: what a table says where there are no rows. What was not loaded goes to stderr."""
    from loader.report.answer import WIDE_OR_COLUMNS, print_answer

    shown = chosen_columns(columns, result.columns)
    if output is not TableFormat.TABLE:
        rows = result.rows if columns is None else [{name: row[name] for name in shown} for row in result.rows]
        print_rows_as(output, title, shown, rows)
    elif result.rows:
        ordered = columns is not None
        print_answer(console(), title, shown, result.rows, wide=wide or ordered, ordered=ordered, more=WIDE_OR_COLUMNS)
    else:
        print_answer(console(), title, shown, [], nothing=nothing)
    for sentence in result.missing[:_GAPS]:
        say(f"The answer may lack something: {sentence}")
    if len(result.missing) > _GAPS:
        say(f"… and {len(result.missing) - _GAPS} more steps that were not loaded whole.")
    for sentence in result.older[:_GAPS]:
        say(sentence)
    if len(result.older) > _GAPS:
        say(f"… and {len(result.older) - _GAPS} more steps that are older than the latest run.")


def say_link(link: str, *, what: str = "the picture") -> None:
    """Where an answer opens in Neo4j Browser: a word that is a link where the terminal has such, else the address."""
    if not _has_links():
        say(f"In Neo4j Browser: {link}")
        return
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True).print(Text("In Neo4j Browser: ").append(f"open {what}", style=f"underline link {link}"))


def _has_links() -> bool:
    """Terminals show an address as a word unless they are known not to; nobody can ask them."""
    told = os.environ.get("TERM", "dumb")
    return (
        sys.stderr.isatty()
        and not told.startswith(("dumb", "linux", "screen", "vt"))
        and os.environ.get("TERM_PROGRAM") != "Apple_Terminal"
    )
