"""What the shell's Tab key offers: names of packs, queries, checks, rules, types, capabilities and subscriptions.

It must answer at once and can tell nobody of an error: names are the library's file names, no YAML is read, no SDK is
imported, the database is asked for subscriptions alone and not waited for. Whatever goes wrong offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from loader.files import shipped

# Seconds that the database gets to tell its subscriptions.
_PATIENCE = 1.0
_Names = Callable[[], Iterable[str]]


def _offer(names: _Names, incomplete: str) -> list[str]:
    try:
        return sorted({one for one in names() if one.lower().startswith(incomplete.lower())})
    except Exception:  # noqa: BLE001 - a shell in the middle of a line has no place for an error
        return []


def complete_query(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of queries, the user's own among them."""
    return _offer(lambda: _stems("queries", ctx), incomplete)


def complete_check(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of checks."""
    return _offer(lambda: _stems("checks", ctx), incomplete)


def complete_pack(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of packs."""
    return _offer(lambda: _stems("packs", ctx), incomplete)


def complete_rule(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of alert rules."""
    return _offer(lambda: _stems("rules", ctx), incomplete)


def complete_rule_pack(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of packs of alert rules, and the word for all rules."""
    return _offer(lambda: ("all", *_stems("rule packs", ctx)), incomplete)


def complete_type(incomplete: str) -> list[str]:
    """Entity types of the model."""
    return _offer(_types, incomplete)


def complete_area(ctx: typer.Context, incomplete: str) -> list[str]:
    """Areas of the library."""
    return _offer(lambda: _areas(ctx), incomplete)


def complete_capability(incomplete: str) -> list[str]:
    """Capabilities: what a role may let its holder do."""
    return _offer(_capabilities, incomplete)


def complete_subscription(incomplete: str) -> list[str]:
    """Names of the subscriptions that the graph has."""
    return _offer(_subscriptions, incomplete)


def complete_instance(incomplete: str) -> list[str]:
    """Names of the instances of the configuration."""
    return _offer(_instances, incomplete)


InstanceName = Annotated[
    str | None,
    typer.Option(
        "--instance",
        metavar="NAME",
        help="The instance of the configuration (default: the only one).",
        autocompletion=complete_instance,
    ),
]


def _instances() -> list[str]:
    from loader.config import instances, written

    return [one.name for one in instances(written())]


def _folders(ctx: typer.Context) -> tuple[Path, Path, list[Path]]:
    """The shipped queries, the shipped rules, the user's own folders of `--library` or of the configuration."""
    from loader.cli.common import library_folders

    return shipped("queries"), shipped("alertrules"), library_folders(ctx.params.get("folders"))


def _stems(kind: str, ctx: typer.Context) -> Iterator[str]:
    """Files are called by the id of what they hold; the library refuses others."""
    queries, rules, own = _folders(ctx)
    if kind == "rules":
        places = [rules, *(folder / "alertrules" for folder in own)]
        yield from (path.stem for place in places for path in place.glob("*/*.yaml") if path.parent.name != "packs")
        return
    if kind == "rule packs":
        places = [rules, *(folder / "alertrules" for folder in own)]
        yield from (path.stem for place in places for path in place.glob("packs/*.yaml"))
        return
    for place in (queries, *(folder / "queries" for folder in own)):
        if kind == "queries":
            yield from (
                path.stem for path in place.glob("*/*.yaml") if path.parent.name not in ("packs", "checks", "fragments")
            )
        else:
            yield from (path.stem for path in place.glob("checks/*/*.yaml" if kind == "checks" else "packs/*.yaml"))


def _areas(ctx: typer.Context) -> Iterator[str]:
    queries, _, own = _folders(ctx)
    for place in (queries, *(folder / "queries" for folder in own)):
        yield from (
            one.name for one in place.iterdir() if one.is_dir() and one.name not in ("packs", "checks", "fragments")
        )


def _types() -> Iterator[str]:
    from loader.model_listing import model_listing

    return (str(one["type"]) for one in model_listing()["entities"])


def _capabilities() -> Iterator[str]:
    from loader.access.capabilities import CAPABILITIES

    return (one.id for one in CAPABILITIES)


def _subscriptions() -> list[str]:
    from loader.graph.glance import subscription_names

    connection = _connection()
    return [] if connection is None else subscription_names(*connection, seconds=_PATIENCE)


def _connection() -> tuple[str, str, str, str | None] | None:
    """The database that commands talk to; a local one that is down is not started for this."""
    from loader.config import cache_dir, home_dir, settings

    configured = settings()
    if configured.neo4j_uri is not None:
        return (
            configured.neo4j_uri,
            configured.neo4j_user,
            configured.password(configured.neo4j_uri),
            configured.neo4j_database,
        )
    from loader.localdb import LocalNeo4j

    state = LocalNeo4j(home_dir(), cache_dir()).status()
    if not state.running or state.uri is None:
        return None
    return state.uri, state.user, state.password_file.read_text(encoding="utf-8").strip(), None
