"""`azgraph sync`: load Azure and Entra ID, live or from recordings, into the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loader.cli.common import Format, LogFormat, Neo4jUri, OutputFormat, set_log_format
from loader.cli.completion import InstanceName, complete_subscription, complete_type


def sync(
    subscription: Annotated[
        list[str] | None,
        typer.Option(
            "--subscription",
            "-s",
            help="Only this subscription (id or name); may be repeated.",
            autocompletion=complete_subscription,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            help="Only this entity type, class, service or subscription, and what it belongs to; may be repeated.",
            autocompletion=complete_type,
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(
            "--skip",
            help="Leave out this entity type, class, service or subscription; may be repeated. What is left out stays "
            "as the last run that loaded it found it.",
            autocompletion=complete_type,
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only tell what would be loaded, in how many calls; nothing is written.")
    ] = False,
    instance: InstanceName = None,
    replay: Annotated[
        list[Path] | None,
        typer.Option(
            "--replay", exists=True, help="Load from a HAR recording or a folder of them, without Azure; repeatable."
        ),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", file_okay=False, help="Write what Azure answers to this folder as HAR.")
    ] = None,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="Delete even where an unusual share of the graph is gone.")
    ] = False,
    accept_older: Annotated[
        bool, typer.Option("--accept-older", help="Load answers although the graph holds newer ones of the tenant.")
    ] = False,
    actors: Annotated[
        bool, typer.Option("--actors/--no-actors", help="Ask Azure's logs who made the changes that the run found.")
    ] = True,
    inventory: Annotated[
        bool,
        typer.Option(
            "--inventory/--no-inventory",
            help="Read each subscription's list of all resources first, and ask the lists of single types only where "
            "there is something of that type.",
        ),
    ] = True,
    workers: Annotated[
        int,
        typer.Option("--workers", min=1, max=64, metavar="N", help="Load with so many processes of this machine."),
    ] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="Load with the workers of this Dask scheduler, on many machines: tls://scheduler:8786.",
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            help="Read everything, also what `freshness` in the configuration lets be older than the run, and lists of "
            "which Azure tells what has changed.",
        ),
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", min=0, metavar="SECONDS", help="How long to wait for another loader to end.")
    ] = 0,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="What is told on the way, on stderr: text, or lines of JSON.")
    ] = LogFormat.TEXT,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Load Azure and Entra ID into the graph.

    Signs in as the instance of the configuration says; without one with AZURE_TENANT_ID, AZURE_CLIENT_ID and
    AZURE_CLIENT_SECRET (or a certificate), else with what this machine offers: Azure CLI, managed identity, workload
    identity.
    """
    from loader.azure import sessions
    from loader.cli.loading import keep_refusal, load
    from loader.cli.planned import show_plan
    from loader.cluster.choosing import engine
    from loader.cluster.orders import Source
    from loader.config import settings
    from loader.errors import AzgraphError
    from loader.instances import chosen, unconfigured
    from loader.recordings import recording_into
    from loader.sync import Options
    from loader.sync.choosing import refuse_unknown_types

    set_log_format(log_format)
    recording = recording_into(record) if record else None
    # A recording is of whatever tenant it is; an instance is about it only where it is named.
    one = unconfigured() if replay and instance is None else chosen(instance)
    refuse_unknown_types((*(only or ()), *(skip or ())))
    options = Options(
        subscriptions=subscription or (),
        only=only or (),
        skip=skip or (),
        accept_deletions=accept_deletions,
        accept_older=accept_older,
        wait_seconds=wait,
        account_name_tag=one.account_name,
        standing=one.standing,
        retention=one.retention,
        actors=actors,
        inventory=inventory,
        # A replay costs no calls, and a recording has to hold everything.
        fresh=fresh or bool(replay or record),
    )
    try:
        session = sessions.replay(replay, record_to=recording) if replay else one.session(record_to=recording)
    except AzgraphError as error:
        if not replay and not plan:
            keep_refusal(error, options, neo4j_uri)
        raise
    if plan:
        show_plan(session, options, neo4j_uri, output)
        return
    source = Source(one.instance.name if one.described else None, tuple(path.resolve() for path in replay or ()))
    elsewhere = engine(workers, cluster, source, neo4j_uri, records=recording is not None)
    load(session, options, neo4j_uri, output, settings().people_file, recording, elsewhere)
