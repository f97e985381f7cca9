"""What the command groups share: the database a command talks to, output formats, errors as one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loader.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

    from loader.graph import Database


def _driver_address(written: str | None) -> str | None:
    from loader.config.words import NEO4J, in_words
    from loader.errors import UsageError

    try:
        return written and in_words(*NEO4J)(written)
    except ValueError as error:
        raise UsageError(f"--neo4j-uri: {error}.") from error


Neo4jUri = Annotated[
    str | None,
    typer.Option(
        "--neo4j-uri",
        callback=_driver_address,
        help="The database, such as neo4j+s://… (default: NEO4J_URI, then the local one, which is started if down).",
        show_default=False,
    ),
]


LibraryFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--library",
        metavar="DIR",
        help="A folder of your own queries, checks, packs, rules and overrides, which joins the shipped library; "
        "repeatable (default: AZGRAPH_LIBRARY, then `library` of the configuration).",
        show_default=False,
    ),
]


class Format(StrEnum):
    """How a command prints its result on stdout."""

    TABLE = "table"
    JSON = "json"


class TableFormat(StrEnum):
    """How a command prints a result that is rows."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def moment(written: str) -> datetime:
    """What an option says of a time, in UTC and without saying so. Raises BadParameter with what to write instead."""
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        raise typer.BadParameter(
            f"{written!r} is no time: write a date such as 2027-06-30, or a time such as 2027-06-30T08:00, in UTC"
        ) from None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


OutputFormat = Annotated[Format, typer.Option("--format", "-f", help="What to print on stdout.")]
RowsFormat = Annotated[TableFormat, typer.Option("--format", "-f", help="What to print on stdout.")]


class LogFormat(StrEnum):
    """How what is told on the way is written to stderr."""

    TEXT = "text"
    JSON = "json"


_log: list[LogFormat] = [LogFormat.TEXT]


def set_log_format(chosen: LogFormat) -> None:
    """How stderr is written from now on; the log of `--debug` follows it."""
    _log[0] = chosen


def log_is_json() -> bool:
    """Whether each line of stderr is a JSON object."""
    return _log[0] is LogFormat.JSON


def log_line(event: str, **fields: Any) -> str:
    """One event as a line of JSON: `at`, `event`, and its fields."""
    from loader.visible import json_text

    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    return json_text(line, indent=None)


def tell(event: str, **fields: Any) -> None:
    """The same on stderr."""
    print(log_line(event, **fields), file=sys.stderr, flush=True)


def say(message: str) -> None:
    """Tells the user something on stderr; stdout belongs to results."""
    if log_is_json():
        tell("message", message=message)
    else:
        print(visible(message, lines=True), file=sys.stderr, flush=True)


def console() -> Console:
    """A console for tables on stdout: as wide as the terminal, 100 columns where there is none."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=100, no_color=True)


def print_rows_as(output: TableFormat, title: str, columns: list[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows on stdout in any of the formats; JSON has every field of a row, the others the named columns."""
    from loader.report.rows import print_rows, rows_csv, rows_json, rows_markdown

    if output is TableFormat.JSON:
        print(rows_json(rows))
    elif output is TableFormat.CSV:
        print(rows_csv(columns, rows), end="")
    elif output is TableFormat.MARKDOWN:
        print(rows_markdown(columns, rows))
    else:
        print_rows(console(), title, columns, list(rows))


def library_folders(given: list[Path] | None) -> list[Path]:
    """The user's library folders: those of `--library`, else those of the configuration."""
    from loader.config import settings

    return given or [folder.expanduser() for folder in settings().library]


@contextmanager
def open_database(uri: str | None) -> Iterator[Database]:
    """The database that `--neo4j-uri`, the configuration or NEO4J_URI names; else the local one, started if it is down.

    Raises UnreachableError where it cannot be reached or refuses us, then or while it is used.
    """
    from loader.graph.refusals import refusal

    try:
        with _opened(uri) as database:
            yield database
    except Exception as error:
        told = refusal(error)
        if told is None:
            raise
        raise told from error


def is_up(uri: str | None) -> bool:
    """Whether `open_database` would have to start nothing: a server of its own is named, or the local one runs."""
    from loader.config import cache_dir, home_dir, settings

    if uri or settings().neo4j_uri:
        return True
    from loader.localdb import LocalNeo4j

    return LocalNeo4j(home_dir(), cache_dir(), say).status().running


@contextmanager
def _opened(uri: str | None) -> Iterator[Database]:
    from loader.config import settings
    from loader.graph import Database

    configured = settings()
    uri = uri or configured.neo4j_uri
    if uri is not None:
        with Database(uri, configured.neo4j_user, configured.password(uri), configured.neo4j_database) as database:
            yield database
        return
    from loader.config import cache_dir, home_dir
    from loader.localdb import LocalNeo4j

    local = LocalNeo4j(home_dir(), cache_dir(), say)
    if not local.status().running:
        say("Starting the local Neo4j …")
    connection = local.up()
    with Database(connection.uri, connection.user, connection.password) as database:
        yield database
