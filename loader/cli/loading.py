"""Running a sync for a command: progress on stderr, the summary on stdout, the exit code that scripts expect."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from loader.cli.common import Format, console, is_up, open_database, say
from loader.cli.following import Following, following
from loader.cli.stopping import stoppable
from loader.errors import AzgraphError, ExitCode
from loader.visible import json_text, one_line

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from loader.azure.session import AzureSession
    from loader.azure.transport.record import Recording
    from loader.cluster.engine import Engine
    from loader.sync import Options, Summary

# Of the limits that were waited for, those that cost most.
_MOST_BUCKETS = 3
_EXIT_CODES = {"complete": ExitCode.FINE, "partial": ExitCode.PARTIAL, "failed": ExitCode.UNREACHABLE}


def load(
    session: AzureSession,
    options: Options,
    neo4j_uri: str | None,
    output: Format,
    people_file: Path | None = None,
    recording: Recording | None = None,
    elsewhere: AbstractAsyncContextManager[Engine] | None = None,
) -> None:
    """Runs one sync and prints its summary; ends with code 3 where the run was partial, 4 where nothing was loaded.

    people_file: employees to load after it, as `azgraph people import` would. recording: where the session is kept,
    to say what was taken out of it. elsewhere: other processes, which load in the place of this one.
    """
    from loader.sync import refusals_kept, sync

    async def run(shown: Following) -> Summary:
        async with AsyncExitStack() as stack:
            with refusals_kept(database, options, session):
                opened = await stack.enter_async_context(session)
            if elsewhere is None:
                return await stoppable(sync(opened, database, options, shown, shown))
            return await stoppable(several(opened, shown, elsewhere))

    async def several(opened: AzureSession, shown: Following, others: AbstractAsyncContextManager[Engine]) -> Summary:
        async with others as engine:
            say(_under_way(engine))
            return await sync(opened, database, options, shown, shown, engine)

    with open_database(neo4j_uri) as database:
        with following() as shown:
            try:
                summary = asyncio.run(run(shown))
            except KeyboardInterrupt:
                say(shown.kept())
                raise
        if people_file is not None:
            from loader.people import import_people

            summary.notes.extend(import_people(database, people_file.expanduser()).notes)
    if recording is not None:
        from loader.recordings import closing_words

        summary.notes.append(closing_words(recording))
    if output is Format.JSON:
        print(json_text(summary.as_json()))
    else:
        _print_summary(summary)
    code = _EXIT_CODES[summary.status]
    if code:
        raise typer.Exit(code)


def keep_refusal(error: AzgraphError, options: Options, neo4j_uri: str | None) -> None:
    """Keeps in the graph that a load ended before it signed in, as where a secret is not to be had. No database is
    started for it, and one that cannot be reached says nothing in the error's place.
    """
    from loader.sync import refusals_kept

    with suppress(AzgraphError):
        if is_up(neo4j_uri):
            with open_database(neo4j_uri) as database, refusals_kept(database, options, None):
                raise error


def _under_way(engine: Engine) -> str:
    looked_at = f" Dask shows them at {engine.dashboard}" if engine.dashboard else ""
    return f"Loading with {engine.count} {'workers' if engine.count > 1 else 'worker'}.{looked_at}"


def _print_summary(summary: Summary) -> None:
    from rich.table import Table

    from loader.sync.report import few, quiet_ends

    table = Table(title=f"Run {summary.run}: {summary.status}", title_justify="left")
    table.add_column("Entity type")
    table.add_column("Loaded", justify="right")
    for name, count in sorted(summary.entities.items()):
        table.add_row(name, f"{count:,}")
    out = console()
    out.print(table)
    changes = ", ".join(f"{count} {kind}" for kind, count in summary.changes.items() if count) or "none"
    out.print(f"{sum(summary.entities.values()):,} entities, {sum(summary.relationships.values()):,} relationships.")
    out.print(f"Changes since the run before: {changes}.")
    if sum(summary.actors.values()):
        out.print(
            f"Who made them: known of {summary.actors['told']}, several candidates for {summary.actors['unclear']}, "
            f"not known of {summary.actors['unknown']}."
        )
    steps = Counter(str(step.status) for step in summary.steps)
    out.print("Steps: " + ", ".join(f"{count} {status}" for status, count in steps.most_common()) + ".")
    together = summary.http["calls"] - summary.http["sent"]
    batched = f", {together:,} of them together with others" if together else ""
    out.print(f"Calls of Azure: {summary.http['calls']:,} ({summary.http['throttled']:,} throttled{batched}).")
    if summary.spared:
        out.print(f"Lists not asked, since the inventory has nothing of their type: {summary.spared:,}.")
    for one in summary.throttling[:_MOST_BUCKETS]:
        out.print(f"Azure's limit of {one['bucket']} was waited for: {one['waited']:,} s, all requests together.")
    for kind, names in summary.left_out.items():
        if names:
            out.print(one_line(f"Left out, and kept as it is stored: {few(names)} ({kind})."), markup=False)
    for note in [*quiet_ends(summary.steps), *summary.notes]:
        out.print(one_line(note), markup=False)
