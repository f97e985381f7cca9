"""`azgraph demo`: load the invented tenant of Contoso, to try everything without Azure."""

from __future__ import annotations

from typing import Annotated

import typer

from loader.cli.common import Format, Neo4jUri, OutputFormat


def demo(
    next_day: Annotated[
        bool, typer.Option("--next-day", help="Load Contoso as it is the next day, so that changes show.")
    ] = False,
    awkward: Annotated[
        bool,
        typer.Option("--awkward", help="With what makes real tenants hard: refusals, 3,000 roles. Ends partial."),
    ] = False,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="Delete even where an unusual share of the graph is gone.")
    ] = False,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Load the demo tenant: a company called Contoso, invented, with good and bad configurations side by side."""
    from datetime import UTC, datetime

    from loader.azure import sessions
    from loader.cli.loading import load
    from loader.demo import exchanges
    from loader.sync import Options

    answers = exchanges(day=2 if next_day else 1, awkward=awkward, clock=datetime.now(UTC))
    load(sessions.exchanges(answers), Options(accept_deletions=accept_deletions, only_alone=True), neo4j_uri, output)
