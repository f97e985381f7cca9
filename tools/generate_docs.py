"""Writes the pages of docs/ that follow from the code: the data model, the permissions, the CLI, the queries.

`python -m tools.generate_docs` writes them; `tests/test_docs.py` fails where they are not what it would write.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from loader.azure.errors import operation_of
from loader.cli.main import app
from loader.conclusions import conclusions
from loader.model import At, Conclusion, Embedded, EntityType, Fetch, Graph, Property, Relationship, Segment
from loader.services import parents_of, permission_of, services, steps
from tools import coverage, library_pages, never_kept

DOCS = Path(__file__).parents[1] / "docs"
NOTICE = "<!-- Written by `make docs` from the code; edit the code instead. -->\n"
KINDS = {"flag": "boolean", "whole": "integer", "texts": "list of strings", "date": "datetime"}


def data_model() -> str:
    """Every entity type: classes, properties with their source, relationships; a picture for each service."""
    parts = ["# Data model\n", NOTICE, _COMMON]
    for service in services():
        parts.append(f"\n## {service.name}\n")
        parts.append(_picture(service.entity_types))
        parts.extend(_entity(one) for one in service.entity_types)
    parts.append("\n## What follows from several answers\n")
    parts.append("Worked out over the graph after each load; a relationship here says what azgraph concludes.\n")
    parts.extend(_conclusion(one) for one in conclusions())
    parts.append(coverage.table())
    return "\n".join(parts)


_COMMON = """
Every entity is a node labelled `Entity`, its type and its classes. Each has `_key` (its identity: the ARM id or object
id in lower case), `_type`, `_class`, `id` (as Azure spells it), `name`, `displayName`, `webLink` (opens it in the
portal), `_scope` (the step that loaded it), `_firstSeenRun`, `_changedRun`, and `tag.<Name>` for each of its tags. What
lives in a subscription also has `subscriptionId`, `resourceGroup` and `location`; and, where its provider tells
(`systemData`), `createdBy`, `createdByType` (User, Application, ManagedIdentity, Key), `createdAt`, `lastModifiedBy`,
`lastModifiedByType` and `lastModifiedAt`. That somebody changed it is no change by itself.
"""


def _conclusion(one: Conclusion) -> str:
    heads = [what for what, some in (("relationship", one.derivations), ("name", one.namings)) if some]
    lines = [f"### {one.name}\n", f"| {' or '.join(heads)} | derived from |\n|---|---|"]
    for derivation in one.derivations:
        inputs = ", ".join(f"`{name}`" for name in derivation.inputs)
        lines.extend(f"| `{start}` **{verb}** `{end}` | {inputs} |" for start, verb, end in derivation.relationships)
    for naming in one.namings:
        inputs = ", ".join(f"`{name}`" for name in naming.inputs)
        lines.extend(f"| `displayName` of `{name}` | {inputs} |" for name in naming.types)
    return "\n".join(lines)


def _others(relationship: Relationship) -> tuple[str, ...]:
    return (relationship.other,) if isinstance(relationship.other, str) else relationship.other


def _picture(entity_types: tuple[EntityType, ...]) -> str:
    edges = {
        (other, relationship.verb, one.type) if relationship.is_incoming else (one.type, relationship.verb, other)
        for one in entity_types
        for relationship in one.relationships
        for other in _others(relationship)
    }
    lines = [f"  {start} -->|{verb}| {end}" for start, verb, end in sorted(edges)]
    return "\n".join(["```mermaid", "graph LR", *(lines or [f"  {one.type}" for one in entity_types]), "```"])


def _entity(one: EntityType) -> str:
    lines = [f"\n### `{one.type}`: {one.resource}\n", f"Classes: {', '.join(one.classes)}. "]
    lines.append(_source(one))
    if one.details:
        lines.append("\n| detail | API | permission |\n|---|---|---|")
        lines.extend(
            f"| `{detail.name}` | {_api(detail.call)} | `{detail.call.permission}` |" for detail in one.details
        )
    if one.properties:
        lines.append("\n| property | type | meaning | source |\n|---|---|---|---|")
        lines.extend(_property(declared) for declared in one.properties)
    if one.relationships:
        lines.append("\n| relationship | meaning |\n|---|---|")
        lines.extend(row for relationship in one.relationships for row in _relationship(one, relationship))
    return "\n".join(lines)


def _source(one: EntityType) -> str:
    """Where a type comes from, in words."""
    if one.fetch is None:
        return "Not fetched: it is the far end of relationships, known by what names it. "
    said = f"API: {_api(one.fetch)}"
    said += f" ([reference]({one.documentation})). " if one.documentation else ". "
    parents = parents_of(one)
    if parents and not isinstance(one.fetch, Embedded):
        said += f"Asked for each {' and each '.join(f'`{parent}`' for parent in parents)}. "
    return said + f"Permission: `{permission_of(one)}`."


def _api(fetch: Fetch) -> str:
    """The SDK's call, or the path of Microsoft Graph with its arguments in braces."""
    if isinstance(fetch, Embedded):
        return f"part of `{fetch.parent}`, at `{fetch.at}`"
    if not isinstance(fetch, Graph):
        return f"`{operation_of(fetch)}`"
    arguments = iter(fetch.args)
    path = [
        "{" + _argument(next(arguments, "id")) + "}" if step.startswith("by_") else _camel(step)
        for step in fetch.builder.split(".")
    ]
    return f"Microsoft Graph{' beta' if fetch.beta else ''} `GET /{'/'.join(path)}`"


def _argument(argument: At | Segment | str) -> str:
    return argument.path if isinstance(argument, At) else argument.name if isinstance(argument, Segment) else argument


def _camel(words: str) -> str:
    first, *more = words.split("_")
    return first + "".join(word.capitalize() for word in more)


def _property(declared: Property) -> str:
    if callable(declared.source):
        source = (declared.source.__doc__ or "computed").strip().splitlines()[0]
    else:
        source = "`" + declared.source.replace("|", "\\|") + "`"
    return f"| `{declared.name}` | {KINDS.get(declared.kind, declared.kind)} | {declared.meaning} | {source} |"


def _relationship(one: EntityType, relationship: Relationship) -> list[str]:
    ends = [(other, one.type) if relationship.is_incoming else (one.type, other) for other in _others(relationship)]
    return [f"| `{start}` **{relationship.verb}** `{end}` | {relationship.meaning} |" for start, end in ends]


def permissions() -> str:
    """What an identity needs to be granted, step by step."""
    lines = [
        "# Permissions\n",
        NOTICE,
        "The role Reader on the root management group covers every RBAC action below, and Key Vault Reader the data",
        "plane of key vaults. Application permissions are granted in Microsoft Graph, with admin consent. A permission",
        "that is missing makes its step `forbidden`: nothing is deleted, and the checks that need it say so.\n",
        "`Member.Read.Hidden` besides shows who is in groups and administrative units that hide their members. Without",
        "it `azure_user_group.members` is `forbidden` as soon as there is such a group.\n",
        "| step | permission |\n|---|---|",
    ]
    lines.extend(f"| `{name}` | `{permission}` |" for name, permission in sorted(steps().items()))
    return "\n".join(lines)


def command_line() -> str:
    """Every command with its options, from the same declarations as `--help`."""
    command = typer.main.get_command(app)
    with typer.Context(command, info_name="azgraph") as context:
        text = get_docs_for_click(obj=command, ctx=context, name="azgraph")
    return text.replace("# `azgraph`", f"# Command line\n\n{NOTICE}", 1)


PAGES: dict[str, Callable[[], str]] = {
    "data-model.md": data_model,
    "permissions.md": permissions,
    "cli.md": command_line,
    "queries.md": library_pages.queries,
    "packs.md": library_pages.packs,
    "never-kept.md": never_kept.page,
}


def main() -> None:
    """Writes every page; takes no options."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name, page in PAGES.items():
        (DOCS / name).write_text(page().rstrip() + "\n")


if __name__ == "__main__":
    main()
