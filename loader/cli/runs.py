"""`azgraph runs`: how the runs ended, what they cost, what they did not load; two of them side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from loader.cli.common import Neo4jUri, RowsFormat, TableFormat, console, open_database, print_rows_as
from loader.visible import json_text, one_line

if TYPE_CHECKING:
    from loader.coverage.runs import Ran

app = typer.Typer(help="The runs that the graph remembers.", no_args_is_help=True)

# What a table of 100 columns has room for; the other formats have everything.
_SHOWN = ("run", "status", "started", "seconds", "calls", "steps", "notLoaded", "changes")
_STEP = ("step", "areas", "calls", "entities", "seconds")
_LACK = ("step", "status", "of", "reason")
_DEAREST = 15
_Which = Annotated[str, typer.Argument(metavar="RUN", help="Its number, its id or the beginning of it, or `last`.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="So many of them, the newest first.")] = 20,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List the runs: status, duration, calls, what was not loaded, changes."""
    from loader.coverage.runs import list_runs
    from loader.report.answer import print_answer

    with open_database(neo4j_uri) as database:
        rows = [one.row() for one in list_runs(database, limit=limit)]
    if output is TableFormat.TABLE:
        shown = [{**row, "started": str(row["started"] or "")[:16].replace("T", " ")} for row in rows]
        print_answer(console(), "Runs", _SHOWN, shown, nothing="There was no run yet: `azgraph sync`.")
    else:
        print_rows_as(output, "Runs", list(rows[0] if rows else _SHOWN), rows)


@app.command()
def show(run: _Which = "last", neo4j_uri: Neo4jUri = None, output: RowsFormat = TableFormat.TABLE) -> None:
    """Show one run: its steps, what was not loaded and why, its changes and what it cost."""
    from loader.coverage.runs import find_run

    with open_database(neo4j_uri) as database:
        ran = find_run(database, run)
    if output is TableFormat.JSON:
        print(json_text(ran.as_json()))
    elif output is TableFormat.TABLE:
        _print(ran)
    else:
        print_rows_as(output, f"Run {ran.seq}", [*_STEP, "status", "reason"], _steps_with_ends(ran))


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="RUN", help="The one before: its number, id, or `last`.")],
    second: _Which = "last",
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Show two runs side by side: only what differs between them."""
    from loader.coverage.runs import difference, find_run
    from loader.report.answer import print_answer

    with open_database(neo4j_uri) as database:
        one, other = find_run(database, first), find_run(database, second)
    rows = difference(one, other)
    title = f"Run {one.seq} and run {other.seq}"
    columns = ["what", "first", "second", "difference"]
    if output is TableFormat.TABLE:
        print_answer(console(), title, columns, rows, nothing="They do not differ.")
    else:
        print_rows_as(output, title, columns, rows)


def _steps_with_ends(ran: Ran) -> list[dict[str, Any]]:
    """A row for each step; for one that was not loaded whole, a row for each reason."""
    rows = []
    for name, step in ran.steps.items():
        ends = [one for one in ran.not_loaded if one["step"] == name] or [{"status": "complete", "reason": ""}]
        rows += [{"step": name, **step, "status": one["status"], "reason": one["reason"]} for one in ends]
    return rows


def _print(ran: Ran) -> None:
    from loader.cli.following import duration
    from loader.report.answer import print_answer

    out = console()
    took = "it has no end" if ran.seconds is None else duration(ran.seconds)
    out.print(one_line(f"Run {ran.seq} ({ran.id}): {ran.status}, {took}, azgraph {ran.version}."), markup=False)
    out.print(one_line(f"Began {ran.row()['started']}; tenant {ran.tenant or 'unknown'}."), markup=False)
    changes = ", ".join(f"{count:,} {op}" for op, count in ran.changes.items() if count) or "none"
    out.print(f"Changes: {changes}.")
    if ran.calls is not None:
        throttled = ran.http.get("throttled", 0)
        out.print(f"Calls of Azure: {ran.calls:,} ({throttled:,} throttled, {ran.http.get('retried', 0):,} again).")
    for one in ran.throttling:
        out.print(one_line(f"Waited for {one.get('bucket')}: {one.get('waited')} s."), markup=False)
    for kind, names in ran.left_out.items():
        if names:
            out.print(one_line(f"Left out ({kind}): {', '.join(names[:5])}{' …' if len(names) > 5 else ''}"))
    if ran.older:
        rows = [{"step": name, **one} for name, one in ran.older.items()]
        print_answer(out, "Not read again, as of", ["step", "count", "since"], rows)
    for note in ran.notes:
        out.print(one_line(note), markup=False)
    dearest = sorted(ran.steps.items(), key=lambda one: (-one[1].get("calls", 0), one[0]))
    steps: list[dict[str, Any]] = [{"step": name, **step} for name, step in dearest]
    print_answer(out, "The dearest steps", _STEP, steps[:_DEAREST], nothing="Nothing is kept of its steps.")
    lacks = [dict(one) for one in ran.not_loaded]
    print_answer(out, "Not loaded", _LACK, lacks, nothing="Everything was loaded." if ran.steps else "Not known.")
