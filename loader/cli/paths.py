"""`azgraph paths`: ways from somebody to something, how far somebody gets, and where most ways are cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loader.cli.common import (
    LibraryFolders,
    Neo4jUri,
    RowsFormat,
    TableFormat,
    console,
    library_folders,
    open_database,
    print_rows_as,
    say,
)
from loader.cli.stopping import stop_says
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.paths import Path

app = typer.Typer(invoke_without_command=True)

_STOPPED = "Stopped: the paths were not found. Nothing in the graph was changed."
# Sentences about what was not loaded; more of them tell nobody more.
_GAPS = 6
_MOST = 200
# So many paths are told of everybody's, where nothing is said.
_EVERYBODYS = 20
_COLUMNS = ("path", "step", "from", "how", "to", "evidence", "marks", "cut")
_REACHED = ("name", "type", "cost", "tier0", "key")
_POINTS = ("name", "type", "lost", "passing", "of", "cut", "key")

WithoutEligible = Annotated[
    bool, typer.Option("--without-eligible", help="Leave out what somebody would have to take up first.")
]
Goal = Annotated[
    str | None,
    typer.Option("--to", metavar="NAME|tier-0|TAG=VALUE", help="Where paths end: a name or id, tier 0, or a tag."),
]


@app.callback()
@stop_says(_STOPPED)
def paths(
    ctx: typer.Context,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="NAME|internet", help="Where paths begin: a name, a sign-in name, an id."),
    ] = None,
    goal: Goal = None,
    count: Annotated[
        int | None,
        typer.Option("-k", "--count", min=1, max=_MOST, help=f"How many paths: 1, or {_EVERYBODYS} with --to alone."),
    ] = None,
    without_eligible: WithoutEligible = False,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """The shortest ways from somebody to something, each hop with its evidence and the one change that cuts it.

    With --from alone paths end at tier 0. With --to alone they begin at all users, outside workloads and the Internet:
    one path each, the shortest first, without those who have been given what is sought.
    Hops that have to be taken up first, hold under a condition or take something for granted are marked and count as
    longer. What was not loaded whole is told on stderr: a path may be missing then.
    """
    if ctx.invoked_subcommand is not None:
        return
    if not source and not goal:
        raise UsageError("Say where paths begin or end: azgraph paths --from NAME, --to tier-0, or both.")
    from loader.paths import Growing, beginning, find_paths, gaps, paths_of_everybody, read_network, target

    own = _own(folders)
    with open_database(neo4j_uri) as database:
        # Everybody's paths take all of the graph.
        read = Growing if source else read_network
        network = read(database, eligible=not without_eligible)
        end = target(database, network, goal or "tier-0", own)
        if source:
            start = beginning(database, network, source)
            title = f"From {start.called} to {end.called}"
            found = find_paths(database, network, start, end, count or 1)
        else:
            title = f"From everybody to {end.called}"
            found = paths_of_everybody(database, network, end, count or _EVERYBODYS)
        missing = gaps(database)
    _print_paths(output, title, found)
    _say_gaps(missing, "A path may be missing")


@app.command("blast-radius")
@stop_says(_STOPPED)
def blast_radius(
    name: Annotated[str, typer.Argument(help="Who or what is taken over: a name, a sign-in name, an id; or internet.")],
    without_eligible: WithoutEligible = False,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """All that somebody gets at, the nearest first, with what is tier 0 marked."""
    from loader.paths import Growing, beginning, declared, gaps, tier0_nodes
    from loader.paths import blast_radius as radius

    tier0 = declared(_own(folders)).tier0
    with open_database(neo4j_uri) as database:
        network = Growing(database, eligible=not without_eligible)
        start = beginning(database, network, name)
        high = tier0_nodes(database, network, tier0)
        rows = [one.as_json() for one in radius(database, network, start, high)]
        missing = gaps(database)
    _print_rows(output, f"What {start.called} gets at", _REACHED, rows, "Nothing.")
    _say_gaps(missing, "Something may be missing")


@app.command("choke-points")
@stop_says(_STOPPED)
def choke_points(
    goal: Goal = None,
    count: Annotated[int, typer.Option("-k", "--count", min=1, max=_MOST, help="How many, the best first.")] = 20,
    without_eligible: WithoutEligible = False,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Where most paths to tier 0 (or to --to) are cut at once: roles that are given, groups, identities, resources.

    `lost` of `of` accounts, outside workloads and the Internet that get there would not any more without it; `passing`
    have their shortest path through it.
    """
    from loader.paths import choke_points as find
    from loader.paths import gaps, read_network, target

    own = _own(folders)
    with open_database(neo4j_uri) as database:
        network = read_network(database, eligible=not without_eligible)
        end = target(database, network, goal or "tier-0", own)
        rows = [one.as_json() for one in find(database, network, end.nodes, most=count)]
        missing = gaps(database)
    _print_rows(output, f"Choke points on the way to {end.called}", _POINTS, rows, f"Nobody gets to {end.called}.")
    _say_gaps(missing, "A choke point may be missing")


def _own(folders: list[Folder] | None) -> list[Folder]:
    """The user's library folders, which may say what is tier 0."""
    from loader.library.own import look_through

    own = library_folders(folders)
    for folder in own:
        look_through(folder)
    return own


def _print_paths(output: TableFormat, title: str, found: list[Path]) -> None:
    from loader.visible import json_text

    if output is TableFormat.JSON:
        typer.echo(json_text([one.as_json() for one in found]))
        return
    rows = [
        {"path": number, "step": step, "from": hop.start.name, "how": hop.how, "to": hop.end.name,
         "evidence": hop.evidence, "marks": "; ".join(hop.marks), "cut": hop.cut}
        for number, path in enumerate(found, 1)
        for step, hop in enumerate(path.hops, 1)
    ]  # fmt: skip
    if output is TableFormat.TABLE:
        _print_pictures(title, found)
    else:
        print_rows_as(output, title, list(_COLUMNS), rows)


def _print_pictures(title: str, found: list[Path]) -> None:
    from rich.text import Text

    from loader.visible import one_line

    out = console()
    out.print(Text(one_line(title), style="bold"))
    if not found:
        out.print(Text("There is no path."))
    for number, path in enumerate(found, 1):
        out.print(Text(f"\n{number}. {len(path.hops)} hop{'' if len(path.hops) == 1 else 's'}, cost {path.cost:g}"))
        out.print(Text(f"   {one_line(path.hops[0].start.name)}", style="bold"))
        for hop in path.hops:
            line = Text(f"     {one_line(hop.how)} ").append(one_line(hop.end.name), style="bold")
            told = "; ".join([*([hop.evidence] if hop.evidence else []), *hop.marks])
            out.print(line.append(f"  ({one_line(told)})" if told else "", style="dim"))
            if hop.cut:
                out.print(Text(f"       cut: {one_line(hop.cut)}", style="dim"))


def _print_rows(
    output: TableFormat, title: str, columns: Iterable[str], rows: list[dict[str, Any]], nothing: str
) -> None:
    from loader.report.answer import print_answer

    if output is TableFormat.TABLE:
        shown: list[Mapping[str, Any]] = list(rows)
        print_answer(console(), title, list(columns), shown, nothing=nothing)
    else:
        print_rows_as(output, title, list(columns), rows)


def _say_gaps(missing: list[str], what: str) -> None:
    for sentence in missing[:_GAPS]:
        say(f"{what}: {sentence}")
    if len(missing) > _GAPS:
        say(f"… and {len(missing) - _GAPS} more steps that were not loaded whole.")
