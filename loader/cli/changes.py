"""`azgraph changes`: what the runs found different; the life of one resource; the difference between two moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

import typer

from loader.cli.common import Neo4jUri, RowsFormat, TableFormat, console, open_database, print_rows_as, say
from loader.cli.completion import complete_subscription, complete_type

app = typer.Typer(invoke_without_command=True)

# What a table of 100 columns has room for; the other formats have everything.
_SHOWN = ("name", "op", "type", "change", "who", "run")
_LIFE = ("at", "op", "change", "who", "run")
_FILED = ("name", "type", "op", "path", "before", "after", "who")


class PageFormat(StrEnum):
    """How what people file is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"


PagesFormat = Annotated[PageFormat, typer.Option("--format", "-f", help="What to print on stdout.")]
Operations = Annotated[
    list[str] | None,
    typer.Option("--op", help="Only these: created, updated, deleted, linked, unlinked; may be repeated."),
]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only this entity type; may be repeated.", autocompletion=complete_type),
]
Resources = Annotated[
    list[str] | None,
    typer.Option("--resource", help="Only what has, or had, this name or id, and what lies in it; may be repeated."),
]
Subscriptions = Annotated[
    list[str] | None,
    typer.Option(
        "--subscription", help="Only this subscription (name or id); may be repeated.",
        autocompletion=complete_subscription,
    ),
]  # fmt: skip
Properties = Annotated[
    list[str] | None,
    typer.Option(
        "--property",
        help="Only this property, with those below it (networkRuleSet), or this relationship (USES); may be repeated.",
    ),
]
Actors = Annotated[
    list[str] | None,
    typer.Option("--actor", help="Only what this one made, or may have (name, sign-in name or id); may be repeated."),
]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Only runs of this tenant (name or id).")]


@app.callback()
def changes(
    ctx: typer.Context,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="RUN|DATE|last", help="After this run (number or id), or from this ISO date on."
        ),
    ] = None,
    op: Operations = None,
    entity_type: Types = None,
    resource: Resources = None,
    subscription: Subscriptions = None,
    property_: Properties = None,
    actor: Actors = None,
    tenant: Tenant = None,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """What changed in Azure, as the runs recorded it; the latest run alone unless --since says otherwise.

    Runs of that span that could not read everything are named on stderr: what changed there may not be told.

    `changes show NAME` is the life of one resource, `changes diff --from DATE` the net difference since a moment.
    """
    if ctx.invoked_subcommand is not None:
        return
    from loader.changes import COLUMNS, changes_since, far_names, span_of, unread_sentences
    from loader.report.answer import print_answer

    _refuse_wrong(op, since)
    with open_database(neo4j_uri) as database:
        filters = _filters(database, op, entity_type, resource, subscription, property_, actor, tenant)
        span = span_of(database, since, tenant=filters.tenant)
        found = changes_since(database, span, filters)
        names = far_names(database, found) if output is TableFormat.TABLE else {}
        unread = unread_sentences(database, span, filters.tenant)
    if output is TableFormat.TABLE:
        rows = [{**one.as_json(), "change": one.in_words(names), "who": one.who} for one in found]
        print_answer(console(), "Changes", _SHOWN, rows, nothing="Nothing changed.")
    else:
        print_rows_as(output, "Changes", list(COLUMNS), [one.as_json() for one in found])
    for sentence in unread:
        say(sentence)


@app.command()
def show(
    entity: Annotated[str, typer.Argument(help="Its name, id or key; it may be gone.")],
    neo4j_uri: Neo4jUri = None,
    output: PagesFormat = PageFormat.TABLE,
) -> None:
    """The life of one resource: when it came, what became of it, and what was lost when it went."""
    from loader.changes import far_names, life_of
    from loader.visible import json_text

    with open_database(neo4j_uri) as database:
        life = life_of(database, entity)
        names = far_names(database, life.events)
    if output is PageFormat.JSON:
        typer.echo(json_text(life.as_json()))
        return
    rows = [{**one.as_json(), "change": one.in_words(names), "who": one.who} for one in life.events]
    now = "It is there as of the last run." if life.there else "It is gone."
    about = f"{life.type} {life.key}. {now}"
    if output is PageFormat.TABLE:
        _print_life(life.name, about, rows, life.lost)
    else:
        columns = ("at", "op", "path", "before", "after", "who", "run")
        _print_page(output, f"The life of {life.name}", about, columns, rows)


@app.command()
def diff(
    begin: Annotated[str, typer.Option("--from", metavar="RUN|DATE", help="After this run, or from this ISO date on.")],
    end: Annotated[
        str | None, typer.Option("--to", metavar="RUN|DATE", help="Up to this run or date; without it, the latest run.")
    ] = None,
    op: Operations = None,
    entity_type: Types = None,
    resource: Resources = None,
    subscription: Subscriptions = None,
    property_: Properties = None,
    actor: Actors = None,
    tenant: Tenant = None,
    neo4j_uri: Neo4jUri = None,
    output: PagesFormat = PageFormat.TABLE,
) -> None:
    """What is different between two moments; what was undone in between is not told."""
    from loader.changes import changes_since, difference, far_names, span_of, unread_sentences
    from loader.report.answer import print_answer
    from loader.visible import json_text

    _refuse_wrong(op, begin, end)
    with open_database(neo4j_uri) as database:
        filters = _filters(database, op, entity_type, resource, subscription, property_, actor, tenant)
        span = span_of(database, begin, end, tenant=filters.tenant)
        # What an operation filters is the difference, not the steps it is made of.
        found = difference(changes_since(database, span, replace(filters, operations=())))
        told = [one for one in found.changes if not filters.operations or one.op in filters.operations]
        names = far_names(database, told)
        unread = unread_sentences(database, span, filters.tenant)
    counted = ", ".join(f"{count} {name}" for name, count in found.counts.items()) or "nothing"
    passing = f" {found.passing} came and went in between." if found.passing else ""
    about = f"Runs {span.after + 1} to {span.until}: {counted}.{passing}"
    rows = [{**one.as_json(), "change": one.in_words(names), "who": one.who} for one in told]
    if output is PageFormat.TABLE:
        print_answer(console(), f"Difference. {about}", ("name", "op", "type", "change"), rows,
                     nothing="Nothing is different.")  # fmt: skip
    elif output is PageFormat.JSON:
        differing = [one.as_json() for one in told]
        typer.echo(
            json_text({"after": span.after, "until": span.until, "passing": found.passing, "changes": differing})
        )
    else:
        _print_page(output, "What is different", about, _FILED, rows)
    for sentence in unread:
        say(sentence)


def _refuse_wrong(operations: list[str] | None, *moments: str | None) -> None:
    """Refuses what is wrong whatever the graph holds, before it is reached."""
    from loader.changes import Filters, refuse_wrong

    Filters(operations=tuple(operations or ()))
    refuse_wrong(*moments)


def _filters(
    database: Any,
    operations: list[str] | None,
    types: list[str] | None,
    resources: list[str] | None,
    subscriptions: list[str] | None,
    properties: list[str] | None,
    actors: list[str] | None,
    tenant: str | None,
) -> Any:
    from loader.changes import Filters
    from loader.changes.naming import actors_of, resource_keys, subscription_of, tenant_of
    from loader.library.resolving import refuse_unknown_types

    refuse_unknown_types(database, types or (), "Change")
    return Filters(
        operations=tuple(operations or ()),
        types=tuple(types or ()),
        keys=resource_keys(database, resources or ()),
        subscriptions=tuple(subscription_of(database, one) for one in subscriptions or ()),
        properties=tuple(properties or ()),
        actors=actors_of(database, actors or ()),
        tenant=tenant_of(database, tenant) if tenant else None,
    )


def _print_life(name: str, about: str, rows: Sequence[Mapping[str, Any]], lost: Mapping[str, str]) -> None:
    from loader.report.answer import print_answer
    from loader.visible import one_line

    print_answer(
        console(), name, _LIFE, rows, ordered=True, nothing="Nothing happened to it since it was first loaded."
    )
    typer.echo(one_line(about))
    for key, value in lost.items():
        typer.echo(one_line(f"  {key}: {value}"))


def _print_page(
    output: PageFormat, title: str, about: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    from loader.report.history import changes_html, changes_markdown
    from loader.report.rows import rows_csv

    if output is PageFormat.CSV:
        print(rows_csv(list(columns), rows), end="")
    elif output is PageFormat.MARKDOWN:
        print(changes_markdown(title, about, columns, rows))
    else:
        print(changes_html(title, about, columns, rows))
