"""`azgraph reach`: who gets to whom within networks."""

from __future__ import annotations

from typing import Annotated

import typer

from loader.cli.common import Neo4jUri, RowsFormat, TableFormat, open_database, print_rows_as, say


def reach(
    source: Annotated[
        str | None, typer.Option("--from", help="An interface, a machine or a subnet, by name or id.")
    ] = None,
    target: Annotated[str | None, typer.Option("--to", help="Likewise; without it, all that are reached.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Only ways that hold this TCP or UDP port.")
    ] = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Show which interfaces reach one another, on which ports, and why: peering, route, rules.

    Worked out when asked, for IPv4: network and peering, the route of the source's subnet, outbound and inbound rules.
    What an appliance on the way lets through is not known, and said so.
    """
    from loader.reach.lateral import ways

    with open_database(neo4j_uri) as database:
        found = [way.as_row() for way in ways(database.read, source, target, port)]
    print_rows_as(output, "Reach", ["from", "to", "ports", "network", "route", "known"], found)
    if not found:
        say("No way was found. Only interfaces that the last run loaded are looked at.")
