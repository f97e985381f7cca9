"""`azgraph notify`: send what waits, list what did not arrive, try a channel, look at a digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loader.cli.common import (
    Format,
    LibraryFolders,
    Neo4jUri,
    OutputFormat,
    RowsFormat,
    TableFormat,
    library_folders,
    open_database,
    print_rows_as,
    say,
)
from loader.cli.stopping import stop_says
from loader.errors import ExitCode, UsageError
from loader.visible import json_text, one_line, visible

if TYPE_CHECKING:
    from loader.notify.sending import Post, Told

app = typer.Typer(no_args_is_help=True, help="Tell people of alerts, by the channels and routes of the configuration.")

_STOPPED = (
    "Stopped: not everything was told. What waits is told by the next `azgraph notify send`; `azgraph notify list` "
    "shows what may have left."
)
Channel = Annotated[str | None, typer.Option("--channel", metavar="NAME", help="Only this channel.")]
# How long a command waits for another one that is sending.
_WAIT = 30.0


@app.command()
@stop_says(_STOPPED)
def send(neo4j_uri: Neo4jUri = None, output: OutputFormat = Format.TABLE) -> None:
    """Tell what is due: what waits, digests whose time has come, what failed before.

    `azgraph alerts evaluate` and `azgraph watch` do that too. Ends with code 3 where something did not arrive.
    """
    post = configured()
    with open_database(neo4j_uri) as database:
        told = tell_all(database, post)
    print_told(told, output)
    if any(one.went_wrong for one in told):
        raise typer.Exit(ExitCode.PARTIAL)


@app.command("list")
def list_(
    state: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            help="pending, planned (another try), sending, sent, unsure, dead, overtaken, dropped or all; repeatable "
            "(default: all that is not settled).",
        ),
    ] = None,
    channel: Channel = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List messages that wait, failed, or are given up."""
    from loader.notify.deliveries import STATES, UNSETTLED, listed

    wanted = [one.lower() for one in state or UNSETTLED]
    for one in wanted:
        if one not in (*STATES, "all"):
            raise UsageError(f"There is no state {one!r}; choose from {', '.join(STATES)} and all.")
    states = STATES if "all" in wanted else wanted
    with open_database(neo4j_uri) as database:
        rows = [_row(one) for one in listed(database, states) if channel in (None, one["channel"])]
    columns = ["message", "channel", "state", "alerts", "title", "reason"]
    if output is not TableFormat.TABLE:
        columns += ["route", "kind", "attempts", "notBefore", "sentAt"]
    print_rows_as(output, "Messages", columns, rows)


@app.command()
def retry(
    message: Annotated[
        str | None, typer.Argument(metavar="[MESSAGE]", help="Only this message, by its id or the beginning of it.")
    ] = None,
    channel: Channel = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Send again what is given up (dead), may not have arrived (unsure), or waits for another try."""
    from datetime import UTC, datetime

    from loader.graph.lease import Lease
    from loader.notify.deliveries import Deliveries

    post = configured()
    with open_database(neo4j_uri) as database:
        lease = Lease(database, name="notify")
        lease.acquire(_WAIT)
        try:
            found = Deliveries(database, lease).retry(datetime.now(UTC), channel=channel, message=message)
        finally:
            lease.release()
        if not found:
            say("Nothing is given up, unsure or waiting for another try.")
            return
        told = tell_all(database, post)
    print_told(told, output)
    if any(one.went_wrong for one in told):
        raise typer.Exit(ExitCode.PARTIAL)


@app.command("test")
def try_(
    name: Annotated[str, typer.Argument(metavar="ROUTE|CHANNEL", help="The name of a route or a channel.")],
    output: OutputFormat = Format.TABLE,
) -> None:
    """Send a trial to the channels of a route, or to one channel. The graph is not asked.

    An issue that is made for it is closed at once. Ends with code 3 where it did not arrive.
    """
    from loader.notify.configured import named
    from loader.notify.trial import trial

    post = configured(anything=True)
    channels, route = named(post, name)
    told = {one.name: trial(post, one, route.name if route else one.name) for one in channels}
    if output is Format.JSON:
        print(json_text([{"channel": one, "arrived": why is None, "reason": why or ""} for one, why in told.items()]))
    else:
        for one, why in told.items():
            print(one_line(f"{one}: {'it was taken' if why is None else why}."))
    if any(told.values()):
        raise typer.Exit(ExitCode.PARTIAL)


@app.command()
def digest(
    route: Annotated[
        str | None, typer.Argument(metavar="[ROUTE]", help="The route (default: all that have a digest).")
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Print it, and send nothing.")] = False,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Send the digest now, or print what it would say.

    Where no route has a digest, --print tells what became of alerts with the latest run.
    """
    post = configured(anything=show)
    routes = [one.name for one in post.notify.routes if one.digest is not None]
    if route is not None and route not in routes:
        raise UsageError(f"There is no route {route!r} with a digest; there are {', '.join(routes) or 'none'}.")
    if show:
        _print_digests(post, route, bool(routes), folders, neo4j_uri, output)
        return
    with open_database(neo4j_uri) as database:
        told = tell_all(database, post, digests=[route] if route else routes)
    print_told(told, output)
    if any(one.went_wrong for one in told):
        raise typer.Exit(ExitCode.PARTIAL)


def configured(*, anything: bool = False) -> Post:
    """What tells people. anything: without a route too. Raises UsageError where the configuration has none."""
    from loader.config import written
    from loader.notify.configured import post_of

    post = post_of(written())
    if not anything and not post.notify.routes:
        raise UsageError(
            "Nobody is to be told: write `notify:` with `channels` and `routes` into the configuration. See "
            "docs/notify.md."
        )
    return post


def tell_all(database: Any, post: Post, *, digests: Sequence[str] = ()) -> list[Told]:
    """Sends what is due."""
    from loader.notify.sending import send as send_all

    return send_all(database, post, wait=_WAIT, digests=digests)


def print_told(told: Sequence[Told], output: Format) -> None:
    """What became of each channel's messages: results on stdout, what went wrong on stderr too."""
    if output is Format.JSON:
        print(json_text([one.as_json for one in told]))
    else:
        rows = [one.as_json for one in told]
        print_rows_as(TableFormat.TABLE, "Told", ["channel", "messages", "alerts", "failed", "dead", "unsure"], rows)
    say_problems(told)


def say_problems(told: Sequence[Told]) -> None:
    """What went wrong, and what was left to others, on stderr."""
    for one in told:
        for sentence in (*one.problems, *one.notes):
            say(f"{one.channel}: {sentence}.")


def _row(stored: dict[str, Any]) -> dict[str, Any]:
    notices = stored["notices"]
    more = f" and {len(notices) - 1:,} more" if len(notices) > 1 else ""
    return {
        "message": str(stored["message"])[:8],
        "channel": stored["channel"],
        "state": "digest" if stored["state"] == "pending" and stored["digest"] else stored["state"],
        "alerts": len(notices),
        "title": f"{notices[0]['title']}{more}",
        "reason": stored["reason"] or "",
        "route": stored["route"],
        "kind": stored["kind"] or "",
        "attempts": stored["attempts"],
        "notBefore": stored["notBefore"].isoformat() if stored["notBefore"] else "",
        "sentAt": stored["sentAt"].isoformat() if stored["sentAt"] else "",
    }


def _print_digests(
    post: Post, route: str | None, any_route: bool, folders: Any, neo4j_uri: str | None, output: Format
) -> None:
    from loader.alerts.library import load_rules
    from loader.notify.digest import latest, waiting
    from loader.notify.outbox import rule_facts

    with open_database(neo4j_uri) as database:
        if any_route:
            documents = waiting(database, post, route)
        else:
            rules = rule_facts(load_rules(libraries=library_folders(folders), tell=say))
            documents = [latest(database, rules)]
    if output is Format.JSON:
        print(json_text([one.as_json() for one in documents]))
        return
    if not documents:
        say("Nothing waits for a digest.")
    templates = post.templates()
    for one in documents:
        told = templates.render("text", one)
        print(f"{visible(told.title)}\n\n{visible(told.body, lines=True)}\n")
