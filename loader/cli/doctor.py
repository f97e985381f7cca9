"""`azgraph doctor`: what is missing before the first run, and the one command that mends each."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import Format, Neo4jUri, OutputFormat, console, open_database
from loader.cli.completion import InstanceName, complete_type
from loader.visible import json_text, one_line

if TYPE_CHECKING:
    from loader.connect.finding import Diagnosis, Finding

_MARKS = {"fine": "fine    ", "missing": "MISSING ", "untested": "untested", "failed": "FAILED  "}


def doctor(
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            help="Only what this entity type, class or service takes; may be repeated (default: those that the "
            "configuration has on).",
            show_default=False,
            autocompletion=complete_type,
        ),
    ] = None,
    instance: InstanceName = None,
    neo4j: Annotated[bool, typer.Option("--neo4j/--no-neo4j", help="Test the database as well.")] = True,
    neo4j_uri: Neo4jUri = None,
    output: OutputFormat = Format.TABLE,
) -> None:
    """Sign in and test every right with the cheapest real call, and the database; nothing is written.

    What the configuration leaves out, types and subscriptions, is not tested.
    Says in plain words what is missing, what is not answered for it, and the one command that mends it. Ends with
    code 0 where all is there, 3 where something is missing or could not be tested, 4 where nothing can be read.
    """
    from loader.config import home_dir, settings
    from loader.connect.configured import configured
    from loader.connect.examining import examine
    from loader.instances import chosen
    from loader.sync.choosing import chosen_types

    local = home_dir() if neo4j_uri is None and settings().neo4j_uri is None else None
    one = chosen(instance)
    told = asyncio.run(
        examine(
            one.session,
            chosen_types(types) if types else configured(one.standing).types,
            one.instance.client_id or os.environ.get("AZURE_CLIENT_ID", ""),
            (lambda: open_database(neo4j_uri)) if neo4j else None,
            local,
            one.standing,
        )
    )
    if output is Format.JSON:
        print(json_text(told.as_json()))
    else:
        _print(told)
    if told.exit_code:
        raise typer.Exit(told.exit_code)


def _print(told: Diagnosis) -> None:
    out = console()
    for finding in told.findings:
        out.print(
            one_line(f"{_MARKS[finding.state]}  {finding.subject}: {finding.says}"), markup=False, highlight=False
        )
        for line in _more(finding):
            out.print(one_line(f"          {line}"), markup=False, highlight=False, soft_wrap=True)
    amiss = sum(one.state != "fine" for one in told.findings)
    out.print("Everything is there." if not amiss else f"{amiss} of {len(told.findings)} findings need a hand.")


def _alike(findings: list[Finding]) -> list[list[Finding]]:
    """The findings in their order; what is fine with the same words stands together."""
    groups: list[list[Finding]] = []
    for one in findings:
        if groups and one.state == "fine" and groups[-1][0].state == "fine" and groups[-1][0].says == one.says:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _more(finding: Finding) -> list[str]:
    shown = finding.as_json()
    lines = [finding.answers.in_words()] if finding.answers is not None else []
    lines += [f"To mend it: {finding.command}"] if finding.command else []
    lines += [f"More: {shown['help']}"] if shown["help"] else []
    return [line for line in lines if line]
