"""`azgraph sync --plan`: what a run would do, and cost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from loader.cli.common import Format, console, open_database, say
from loader.cli.following import duration
from loader.errors import UnreachableError
from loader.visible import json_text, one_line

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from loader.azure.session import AzureSession
    from loader.sync import Options
    from loader.sync.planning import Planned

# Steps that a table names; JSON has all of them.
_MOST = 20


def show_plan(
    session: AbstractAsyncContextManager[AzureSession], options: Options, neo4j_uri: str | None, output: Format
) -> None:
    """Signs in, lists the subscriptions, and prints the plan; nothing is loaded, and the graph is only read."""
    told = asyncio.run(_plan(session, options, neo4j_uri))
    if output is Format.JSON:
        print(json_text(told.as_json()))
    else:
        _print(told)
        if options.standing.freshness and not options.fresh:
            console().print("What `freshness` lets be older is read again only where it is due, or changed.")


async def _plan(session: AbstractAsyncContextManager[AzureSession], options: Options, neo4j_uri: str | None) -> Planned:
    from loader.sync.about import chosen
    from loader.sync.planning import plan_run

    inventory = options.inventory and options.standing.inventory
    every = 1 if options.fresh else options.standing.full_read_every
    async with session as opened:
        choice, tenant = await chosen(opened, options), opened.tenant_id
    try:
        with open_database(neo4j_uri) as database:
            return plan_run(choice, tenant, database, inventory=inventory, whole_every=every)
    except UnreachableError as error:
        say(f"Without what a run before it cost: {error}")
        return plan_run(choice, tenant, None, inventory=inventory, whole_every=every)


def _print(told: Planned) -> None:
    from rich.table import Table

    table = Table(title="The dearest steps of this run", title_justify="left")
    table.add_column("Step")
    table.add_column("Areas", justify="right")
    table.add_column("Calls", justify="right")
    for one in told.steps[:_MOST]:
        table.add_row(one.step, f"{one.areas:,}", f"{one.calls:,}" if one.known else f"{one.calls:,} or more")
    out = console()
    out.print(table)
    names = ", ".join(one["name"] for one in told.subscriptions[:5]) or "none"
    more = f" and {len(told.subscriptions) - 5} more" if len(told.subscriptions) > 5 else ""
    out.print(one_line(f"Subscriptions: {names}{more}."), markup=False)
    least = "as the latest run needed" if told.known else "at least; how many there are is not known before a first run"
    out.print(f"{len(told.steps):,} steps in {told.calls:,} calls of Azure, {least}.")
    if told.spared:
        out.print(
            f"The lists of {told.spared} types are asked only where a subscription's inventory (azure_resource) or the "
            "graph knows of something of the type; --no-inventory asks them all."
        )
    else:
        out.print("No inventory is read first: every list is asked in every subscription.")
    if told.of_changes:
        out.print(
            f"{', '.join(told.of_changes)}: read whole in one of {told.whole_every} runs (full_read_every), in the "
            "others what Microsoft Graph says has changed."
        )
    if told.bucket:
        out.print(one_line(f"Azure's limits let them take {duration(told.seconds)}: {told.bucket}."), markup=False)
    bound = "that limit of Azure's" if told.bound_by == "azure" else "the processor"
    out.print(f"They take about {duration(told.processor)} of one core. What bounds the run is {bound}.")
    if told.took:
        out.print(f"The latest run took {duration(told.took)}.")
    if told.not_loaded:
        out.print("Not loaded:")
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for lack in told.not_loaded:
        where = (*lack.areas, "…") if lack.of > len(lack.areas) else lack.areas
        alike.setdefault((lack.reason, where), []).append(lack.step)
    for (reason, where), steps in list(alike.items())[:_MOST]:
        named = ", ".join(steps[:3]) + (f" and {len(steps) - 3} more" if steps[3:] else "")
        places = f" ({', '.join(where)})" if where else ""
        out.print(one_line(f"  {named}{places}: {reason}"), markup=False)
    if len(alike) > _MOST:
        out.print(f"  … for {len(alike) - _MOST} more reasons; --format json has all of them.")
