"""`azgraph check`: a compliance pack, or a part of it, evaluated over the graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.check_lists import list_checks, list_packs, packs_of
from loader.cli.common import LibraryFolders, Neo4jUri, TableFormat, console, library_folders, open_database, say
from loader.cli.completion import complete_pack, complete_subscription
from loader.cli.stopping import stop_says
from loader.errors import ExitCode, UsageError
from loader.files import refuse_unwritable, write_whole
from loader.formats import ReportFormat, format_by_name
from loader.verdicts import Severity, Verdict

if TYPE_CHECKING:
    from loader.cli.watching import Watching
    from loader.graph import Database
    from loader.library import Library
    from loader.packs import PackResult
    from loader.packs.history import TrendPoint
    from loader.packs.selection import Selection
    from loader.report.table import View


_STOPPED = "Stopped: the checks were not finished, so there is no report. Nothing in the graph was changed."


def _filter(
    name: str, what: str, metavar: str | None = None, completed: Callable[[str], list[str]] | None = None
) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name,
        help=f"Only {what}; repeatable.",
        metavar=metavar,
        rich_help_panel="Filters",
        show_default=False,
        autocompletion=completed,
    )
    return option


@stop_says(_STOPPED)
def check(
    pack: Annotated[
        str | None,
        typer.Argument(help="The pack, such as cis-azure-foundations-6.0.0.", autocompletion=complete_pack),
    ] = None,
    packs: Annotated[bool, typer.Option("--list", help="List the packs and end.")] = False,
    checks: Annotated[
        bool,
        typer.Option("--list-checks", help="List the checks, of PACK or all, and end; json and csv name their packs."),
    ] = False,
    form: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="What to print (default: what the ending of --output says, else table).",
            show_default=False,
        ),
    ] = None,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="In the table: every control, with resources, reasons and what to do.")
    ] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Print the scores only (table and json).")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress and no notes; of the table the failing controls only.")
    ] = False,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="End with code 1 if a finding is of this severity or worse.")
    ] = None,
    control: Annotated[list[str] | None, _filter("--control", "this control", "ID")] = None,
    section: Annotated[list[str] | None, _filter("--section", "this section, by number or title", "SECTION")] = None,
    level: Annotated[list[int] | None, _filter("--level", "controls of this level", "LEVEL")] = None,
    severity: Annotated[list[Severity] | None, _filter("--severity", "checks of this severity")] = None,
    service: Annotated[
        list[str] | None, _filter("--service", "checks of a service, such as storage", "SERVICE")
    ] = None,
    subscription: Annotated[
        list[str] | None,
        _filter("--subscription", "resources in this subscription", "NAME|ID", complete_subscription),
    ] = None,
    resource_group: Annotated[
        list[str] | None, _filter("--resource-group", "resources in this resource group", "NAME|ID")
    ] = None,
    tag: Annotated[
        list[str] | None, _filter("--tag", "resources with this tag, and what lies in them", "NAME[=VALUE]")
    ] = None,
    resource: Annotated[list[str] | None, _filter("--resource", "this resource and what lies in it", "NAME|ID")] = None,
    verdict: Annotated[
        list[Verdict] | None, _filter("--verdict", "what has this verdict; the scores stay those of all")
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
    """Evaluate a compliance pack: a verdict for every control, and for every resource under it.

    Filters may be combined and repeated: any of the values of one, and all of those that are given. They hold in every
    format and for the exit code.
    """
    output = format_of(form, file)
    if packs or checks:
        listed = _listed_as(output)
        list_checks(pack, folders, listed) if checks else list_packs(folders, listed)
        return
    if pack is None:
        raise UsageError(f"Which pack? There are: {', '.join(packs_of(folders))}.")
    _refuse_together(output, everything=everything, summary=summary)
    if file is not None:
        refuse_unwritable(file)
    with _watching(output, file, quiet=quiet) as watch:
        watch.step(f"Reading {pack} …")
        from loader.packs.selection import Selection

        library = _library(pack, folders, exceptions)
        selection = Selection(
            control=control or (),
            section=section or (),
            level=level or (),
            severity=severity or (),
            service=service or (),
            subscription=subscription or (),
            resource_group=resource_group or (),
            tag=tag or (),
            resource=resource or (),
            verdict=verdict or (),
        )
        tell = (lambda _: None) if quiet else say
        result, runs = _evaluated(library, pack, selection, param or [], exceptions, folders, neo4j_uri, watch, tell)
    _print(result, runs, output, file, _view(everything=everything, summary=summary, quiet=quiet), tell)
    if fail_on is not None and result.findings(fail_on):
        raise typer.Exit(ExitCode.FINDINGS)


def format_of(form: ReportFormat | None, file: Path | None) -> ReportFormat:
    """The format of a report; of one that is not named, by the ending of its file."""
    if form is not None:
        return form
    # As with commands whose --output is the format.
    if file is not None and str(file) in map(str, ReportFormat) and not file.exists():
        raise UsageError(f"--output names the file to write; for {file} write `--format {file}`.")
    return (file and format_by_name(file)) or ReportFormat.TABLE


def _listed_as(output: ReportFormat) -> TableFormat:
    if str(output) not in map(str, TableFormat):
        raise UsageError(f"--format {output} is a report's; a list is printed as {', '.join(TableFormat)}.")
    return TableFormat(output)


def _refuse_together(output: ReportFormat, *, everything: bool, summary: bool) -> None:
    if everything and summary:
        raise UsageError("--all and --summary are opposites; give one of them.")
    if everything and output is not ReportFormat.TABLE:
        raise UsageError(f"--all is for the table; --format {output} has everything anyway.")
    if summary and output not in (ReportFormat.TABLE, ReportFormat.JSON):
        raise UsageError(f"--summary is for the table and json, not for {output}.")


def _watching(output: ReportFormat, file: Path | None, *, quiet: bool) -> AbstractContextManager[Watching]:
    """Progress where a person sees it: with the verdicts as they come where the table follows, else on stderr."""
    from rich.console import Console

    from loader.cli.watching import watching

    table = output is ReportFormat.TABLE and file is None and sys.stdout.isatty()
    seen = None if quiet else console() if table else Console(stderr=True) if sys.stderr.isatty() else None
    return watching(seen, verdicts=table)


def _library(pack: str, folders: list[Path] | None, exceptions: Path | None) -> Library:
    from loader.library.library import shipped_part
    from loader.library.own import library_with

    own = library_folders(folders)
    # A user's overrides and exceptions may name anything of the library; without them a pack and its checks will do.
    return library_with(own, say) if own or exceptions else shipped_part(pack)


def _evaluated(
    library: Library,
    pack: str,
    selection: Selection,
    param: list[str],
    exceptions: Path | None,
    folders: list[Path] | None,
    neo4j_uri: str | None,
    watch: Watching,
    tell: Callable[[str], None],
) -> tuple[PackResult, list[TrendPoint]]:
    """The result with all that is told of it, and the totals of the latest runs where they can be compared with it."""
    from loader.browser import find_browser
    from loader.browser.findings import with_links
    from loader.coverage import Coverage
    from loader.library.exceptions import load_exceptions
    from loader.library.parameters import parse
    from loader.packs import evaluate_pack
    from loader.packs.basis import assess
    from loader.packs.control_verdicts import refuse_wrong
    from loader.packs.exceptions import apply_exceptions
    from loader.packs.telling import tell_overridden
    from loader.report.wording import exception_note
    from loader.tier0 import declared

    own, whole, given = library_folders(folders), library.pack(pack), parse(param)
    accepted = load_exceptions(exceptions, library, tell) if exceptions else []
    part, tier0 = selection.of_pack(whole, library), declared(own).tier0
    refuse_wrong(library, part, given)
    watch.step("Looking at what was loaded …")
    with open_database(neo4j_uri) as database:
        coverage = Coverage.read(database)
        narrow = selection.of_graph(database, coverage)
        result = evaluate_pack(database, library, part, given, coverage=coverage, tier0=tier0, heard=watch.heard)
        result = narrow(apply_exceptions(result, accepted, datetime.now(UTC).date()))
        result = with_links(tell_overridden(result, part, library), find_browser(neo4j_uri))
        assessed = assess(
            database,
            coverage,
            library,
            part,
            parameters=given,
            folders=[folder.name for folder in own],
            exceptions=exceptions.name if exceptions else "",
        )
        result = replace(result, assessed=assessed)
        # Other parameters are other questions, and a part is not the whole: their totals are no point of the trend.
        runs = [] if given or selection else _trend(database, result, tell)
    result = selection.listed(result, sum(1 for _ in whole.controls()))
    for use in result.exceptions:
        if use.note:
            tell(exception_note(use))
    return result, runs


def _trend(database: Database, result: PackResult, tell: Callable[[str], None]) -> list[TrendPoint]:
    """Keeps this result's totals and gives those of the latest runs; a user who may only read gets what is there."""
    from loader.packs.history import series, store, trend

    refused = store(database, result)
    if refused:
        tell(f"The totals of this run are not kept for the trend. {refused}")
    return trend(database, series(result))


def _view(*, everything: bool, summary: bool, quiet: bool) -> View:
    from loader.report.table import View

    return View.SUMMARY if summary else View.ALL if everything else View.LINES if quiet else View.USUAL


def _print(
    result: PackResult,
    runs: Sequence[TrendPoint],
    output: ReportFormat,
    file: Path | None,
    view: View,
    tell: Callable[[str], None],
) -> None:
    from rich.console import Console

    from loader import report
    from loader.report.wording import filter_text

    if file is None and output is ReportFormat.TABLE:
        report.print_pack(console(), result, runs, view)
        return
    if output in (ReportFormat.CSV, ReportFormat.OCSF) and (text := filter_text(result)):
        tell(text)  # these formats have no place for it
    if output is ReportFormat.TABLE:
        out = Console(width=100, no_color=True)
        with out.capture() as captured:
            report.print_pack(out, result, runs, view)
        text = captured.get()
    elif output is ReportFormat.HTML:
        text = report.as_html(result, runs)
    elif output is ReportFormat.JSON:
        text = report.as_json(result, runs, controls=view is not report.View.SUMMARY)
    else:
        text = {
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
    tell(f"Written to {file}.")
