"""`azgraph access`: who can do what to which resource, how they came by it, and what a principal was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import Neo4jUri, RowsFormat, TableFormat, console, open_database, print_rows_as, say
from loader.cli.completion import complete_capability
from loader.cli.stopping import stop_says

if TYPE_CHECKING:
    from loader.effective import Answer

app = typer.Typer(help="Who can do what to which resource, and how they came by it.", no_args_is_help=True)

_STOPPED = "Stopped: the question was not answered. Nothing in the graph was changed."
# Sentences about what was not loaded; more of them tell nobody more.
_GAPS = 6
Capability = Annotated[
    str,
    typer.Argument(
        help="What could be done, such as read-secrets; `azgraph access capabilities` lists them.",
        autocompletion=complete_capability,
    ),
]
Resource = Annotated[
    str, typer.Argument(help="The resource, group, subscription or directory object: its name, sign-in name or id.")
]
Principal = Annotated[str, typer.Argument(help="The user, group or application: its name, sign-in name or id.")]
Wide = Annotated[
    bool, typer.Option("--wide", help="Every column in full, one line a row, however wide that makes the table.")
]


@app.command("who-can")
@stop_says(_STOPPED)
def who_can(
    capability: Capability,
    resource: Resource,
    wide: Wide = False,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """List everybody who can do something to a resource, one row for each way: role, scope, groups, condition.

    Deny assignments take away. What holds under a condition or has to be taken up first says so. What was not loaded
    whole is told on stderr; then the answer may lack something.
    """
    from loader.effective import refuse_unknown
    from loader.effective import who_can as ask

    refuse_unknown(capability)
    with open_database(neo4j_uri) as database:
        answer = ask(database, capability, resource)
    _print(output, answer, wide=wide, nothing="Nobody can.")


@app.command("of")
@stop_says(_STOPPED)
def of(
    principal: Principal, wide: Wide = False, neo4j_uri: Neo4jUri = None, output: RowsFormat = TableFormat.TABLE
) -> None:
    """List all that a principal was given, itself and through its groups, each where it was given.

    What is given on a group, a subscription or a management group holds for all below it.
    """
    from loader.effective import access_of

    with open_database(neo4j_uri) as database:
        answer = access_of(database, principal)
    _print(output, answer, wide=wide, nothing="Nothing.")


@app.command("explain")
@stop_says(_STOPPED)
def explain(
    principal: Principal,
    resource: Resource,
    wide: Wide = False,
    neo4j_uri: Neo4jUri = None,
    output: RowsFormat = TableFormat.TABLE,
) -> None:
    """Show how a principal comes by what it can do to a resource, and what was denied."""
    from loader.effective import explain as ask

    with open_database(neo4j_uri) as database:
        answer = ask(database, principal, resource)
    _print(output, answer, wide=wide, nothing="It has no access.")


@app.command("capabilities")
def capabilities(output: RowsFormat = TableFormat.TABLE) -> None:
    """List what can be asked for, and the actions of Azure and of the directory that give it."""
    from loader.access.capabilities import CAPABILITIES

    rows: list[dict[str, object]] = [
        {
            "capability": one.id,
            "title": one.title,
            "actions": [*one.actions, *one.data_actions, *one.directory_actions, *one.application_permissions],
        }
        for one in CAPABILITIES
    ]
    print_rows_as(output, "Capabilities", ["capability", "title", "actions"], rows)


def _print(output: TableFormat, answer: Answer, *, wide: bool, nothing: str) -> None:
    from loader.report.answer import print_answer
    from loader.visible import json_text

    if output is TableFormat.JSON:
        typer.echo(json_text(answer.as_json()))
    elif output is TableFormat.TABLE:
        told = nothing if not answer.not_known else "Not known: not all was loaded that would tell."
        print_answer(
            console(),
            answer.title,
            answer.columns,
            answer.rows,
            wide=wide,
            ordered=True,
            nothing=told,
            more="`--wide` shows all.",
        )
    else:
        print_rows_as(output, answer.title, list(answer.columns), answer.rows)
    for sentence in answer.not_known[:_GAPS]:
        say(f"Not known: {sentence}")
    if len(answer.not_known) > _GAPS:
        say(f"… and {len(answer.not_known) - _GAPS} more that is not known.")
