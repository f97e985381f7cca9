"""The page of the data model: each area with a picture, each type with what it has and what leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from loader.azure.errors import operation_of
from loader.conclusions import conclusions
from loader.model import (
    ANY_PRINCIPAL,
    ANY_RESOURCE,
    ANY_SCOPE,
    Argument,
    At,
    Conclusion,
    Derivation,
    Embedded,
    EntityType,
    Fetch,
    Graph,
    Property,
    Relationship,
    Segment,
    Service,
)
from loader.model_listing import areas, between, edges_of, ends_of
from loader.services import derivations, entity_types, parents_of, permission_of
from tools import NOTICE

KINDS = {"flag": "boolean", "whole": "integer", "texts": "list of strings", "date": "datetime"}
_ANY = {
    ANY_SCOPE: "every management group, subscription, resource group and resource",
    ANY_RESOURCE: "every resource",
    ANY_PRINCIPAL: "every user, group and service principal",
}
# So many types fit into a row.
_FEW = 6


def page() -> str:
    """Every entity type by area and service: classes, properties with their source, relationships both ways."""
    parts = ["# Data model\n", NOTICE, _COMMON, *_ends_anywhere()]
    for area, services in areas().items():
        parts += [f"\n## {area.capitalize()}\n", "How its services hang together:\n", _picture_of_area(services)]
        for service in services:
            parts += [f"\n### {service.name}\n", _picture(service)]
            parts += [_entity(one) for one in service.entity_types]
    parts.append("\n## What follows from several answers\n")
    parts.append("Worked out over the graph after each load; a relationship here says what azgraph concludes.\n")
    parts += [_conclusion(one) for one in conclusions()]
    return "\n".join(parts)


_COMMON = """
Every entity is a node labelled `Entity`, its type and its classes. Each has `_key` (its identity: the ARM id or object
id in lower case), `_type`, `_class`, `id` (as Azure spells it), `name`, `displayName`, `webLink` (opens it in the
portal), `_scope` (the step that loaded it), `_firstSeenRun`, `_changedRun`, and `tag.<Name>` for each of its tags. What
lives in a subscription also has `subscriptionId`, `resourceGroup` and `location`; and, where its provider tells
(`systemData`), `createdBy`, `createdByType` (User, Application, ManagedIdentity, Key), `createdAt`, `lastModifiedBy`,
`lastModifiedByType` and `lastModifiedAt`. That somebody changed it is no change by itself.
"""


def _ends_anywhere() -> Iterator[str]:
    """What may lead to anything, told once and not under each type."""
    yield "\nThese lead to, or come from, entities of any type:\n"
    yield "| relationship | meaning |\n|---|---|"
    for one in entity_types().values():
        for relationship in one.relationships:
            for start, end in ends_of(one, relationship):
                if any_of := {start, end} & set(_ANY):
                    said = [_ANY[name] if name in any_of else f"`{name}`" for name in (start, end)]
                    yield f"| {said[0]} **{relationship.verb}** {said[1]} | {relationship.meaning} |"


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


def _picture(service: Service) -> str:
    lines = [f"  {start} -->|{verb}| {end}" for start, verb, end in sorted(set(edges_of(service)))]
    return "\n".join(["```mermaid", "graph LR", *(lines or [f"  {one.type}" for one in service.entity_types]), "```"])


def _picture_of_area(services: tuple[Service, ...]) -> str:
    """Its services, not its types: a picture that fits a screen."""
    verbs = between(services)
    lines = [f'  s{index}["{service.name}"]' for index, service in enumerate(services)]
    lines += [f"  s{start} -->|{', '.join(sorted(said))}| s{end}" for (start, end), said in sorted(verbs.items())]
    return "\n".join(["```mermaid", "graph LR", *lines, "```"])


@cache
def _told_elsewhere() -> dict[str, list[str]]:
    """Rows about a type that other declarations make: of other types, of derivations, of conclusions."""
    rows: dict[str, list[str]] = {}

    def add(start: str, verb: str, end: str, meaning: str, besides: str = "") -> None:
        for name in {start, end} - {besides}:
            rows.setdefault(name, []).append(f"| `{start}` **{verb}** `{end}` | {meaning} |")

    for one in entity_types().values():
        for relationship in one.relationships:
            for start, end in ends_of(one, relationship):
                add(start, relationship.verb, end, relationship.meaning, one.type)
    concluded: list[Derivation] = [derivation for one in conclusions() for derivation in one.derivations]
    for derivation in (*derivations(), *concluded):
        inputs = ", ".join(f"`{name}`" for name in derivation.inputs)
        if len(derivation.inputs) > _FEW:
            inputs = f"{len(derivation.inputs)} types (`{derivation.name}` in `loader/conclusions/`)"
        for start, verb, end in derivation.relationships:
            add(start, verb, end, f"worked out over {inputs}")
    return {name: sorted(set(found)) for name, found in rows.items()}


def _entity(one: EntityType) -> str:
    lines = [f"\n#### `{one.type}`: {one.resource}\n", f"Classes: {', '.join(one.classes)}. "]
    lines.append(_source(one))
    if one.details:
        lines.append("\n| detail | API | permission |\n|---|---|---|")
        lines.extend(
            f"| `{detail.name}` | {_api(detail.call)} | `{detail.call.permission}` |" for detail in one.details
        )
    if one.properties:
        lines.append("\n| property | type | meaning | source |\n|---|---|---|---|")
        lines.extend(_property(declared) for declared in one.properties)
    rows = [row for relationship in one.relationships for row in _relationship(one, relationship)]
    rows += [row for row in _told_elsewhere().get(one.type, ()) if row not in rows]
    if rows:
        lines += ["\n| relationship | meaning |\n|---|---|", *rows]
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


def _argument(argument: Argument) -> str:
    if isinstance(argument, At):
        return argument.path
    return argument.name if isinstance(argument, Segment) else str(argument)


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
    return [
        f"| `{start}` **{relationship.verb}** `{end}` | {relationship.meaning} |"
        for start, end in ends_of(one, relationship)
    ]
