"""`azgraph check`: a compliance pack, evaluated over the graph."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import LibraryFolders, Neo4jUri, console, library_folders, open_database, say
from loader.errors import ExitCode, UsageError
from loader.files import write_whole

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.packs import PackResult
    from loader.packs.history import TrendPoint


class ReportFormat(StrEnum):
    """How a pack's result is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"
    OCSF = "ocsf"


class FailOn(StrEnum):
    """The severities of checks, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


def check(
    pack: Annotated[str | None, typer.Argument(help="The pack, such as cis-azure-foundations-6.0.0.")] = None,
    list_packs: Annotated[bool, typer.Option("--list", help="List the packs and end.")] = False,
    output: Annotated[ReportFormat, typer.Option("--format", help="What to print.")] = ReportFormat.TABLE,
    file: Annotated[Path | None, typer.Option("--output", help="Write to this file instead of stdout.")] = None,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="End with code 1 if a check of this severity or worse fails.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", help="A parameter of the pack's checks, as name=value; repeatable.")
    ] = None,
    exceptions: Annotated[
        Path | None, typer.Option("--exceptions", help="A YAML file of failing resources that are accepted.")
    ] = None,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
) -> None:
    """Evaluate a compliance pack: a verdict for every control, and for every resource under it."""
    from loader.browser import find_browser
    from loader.browser.findings import with_links
    from loader.library import Severity
    from loader.library.exceptions import load_exceptions
    from loader.library.library import shipped_packs, shipped_part
    from loader.library.own import library_with
    from loader.library.parameters import parse
    from loader.packs import evaluate_pack
    from loader.packs.exceptions import apply_exceptions
    from loader.packs.telling import tell_overridden
    from loader.report.wording import exception_note

    own = library_folders(folders)
    if list_packs:
        library = library_with(own, say) if own else shipped_packs()
        for one in library.packs.values():
            typer.echo(f"{one.id}  {one.title} {one.version}, {sum(1 for _ in one.controls())} controls")
        return
    if pack is None:
        raise UsageError("Which pack? `azgraph check --list` lists them.")
    # A user's overrides and exceptions may name anything of the library; without them a pack and its checks will do.
    library = library_with(own, say) if own or exceptions else shipped_part(pack)
    wanted, given = library.pack(pack), parse(param or [])
    accepted = load_exceptions(exceptions, library, say) if exceptions else []
    with open_database(neo4j_uri) as database:
        result = evaluate_pack(database, library, wanted, given)
        result = apply_exceptions(result, accepted, datetime.now(UTC).date())
        result = with_links(tell_overridden(result, wanted, library), find_browser(neo4j_uri))
        # Other parameters are other questions, so their totals are no point of the trend.
        runs = [] if given else _trend(database, result)
    for use in result.exceptions:
        if use.note:
            say(exception_note(use))
    _print(result, runs, output, file)
    if fail_on is not None and result.findings(Severity(fail_on)):
        raise typer.Exit(ExitCode.FINDINGS)


def _trend(database: Database, result: PackResult) -> list[TrendPoint]:
    """Keeps this result's totals and gives those of the latest runs; a user who may only read gets what is there."""
    from loader.packs.history import series, store, trend

    refused = store(database, result)
    if refused:
        say(f"The totals of this run are not kept for the trend: Neo4j refused to write them ({refused}).")
    return trend(database, series(result))


def _print(result: PackResult, runs: list[TrendPoint], output: ReportFormat, file: Path | None) -> None:
    from rich.console import Console

    from loader import report

    if file is None and output is ReportFormat.TABLE:
        report.print_pack(console(), result)
        return
    if output is ReportFormat.TABLE:
        out = Console(width=100, no_color=True)
        with out.capture() as captured:
            report.print_pack(out, result)
        text = captured.get()
    elif output is ReportFormat.HTML:
        text = report.as_html(result, runs)
    else:
        text = {
            ReportFormat.JSON: report.as_json,
            ReportFormat.CSV: report.as_csv,
            ReportFormat.MARKDOWN: report.as_markdown,
            ReportFormat.SARIF: report.as_sarif,
            ReportFormat.JUNIT: report.as_junit,
            ReportFormat.OCSF: report.as_ocsf,
        }[output](result)
    text = text.rstrip("\n") + "\n"
    if file is None:
        typer.echo(text, nl=False)
        return
    write_whole(file, text)
    say(f"Written to {file}.")
