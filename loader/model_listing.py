"""The data model as data, derived from the services' declarations: for `azgraph model`, the docs and the tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pkgutil import iter_modules
from typing import Any

from loader import services as package
from loader.conclusions import derivations
from loader.found import declared_in
from loader.model import EntityType, Relationship, Service
from loader.services import entity_types, permission_of


def model_listing() -> dict[str, list[dict[str, Any]]]:
    """{"entities": [{type, classes, resource, step, permission, properties}], "relationships": [{from, verb, to}]}."""
    return {"entities": [_entity(one) for one in entity_types().values()], "relationships": _relationships()}


def _entity(entity_type: EntityType) -> dict[str, Any]:
    return {
        "type": entity_type.type,
        "classes": list(entity_type.classes),
        "resource": entity_type.resource,
        "step": entity_type.type if entity_type.fetch is not None else None,
        "permission": permission_of(entity_type),
        "properties": [declared.name for declared in entity_type.properties],
    }


def _relationships() -> list[dict[str, str]]:
    triples = set()
    for entity_type in entity_types().values():
        for relationship in entity_type.relationships:
            others = (relationship.other,) if isinstance(relationship.other, str) else relationship.other
            for other in others:
                ends = (other, entity_type.type) if relationship.is_incoming else (entity_type.type, other)
                triples.add((ends[0], relationship.verb, ends[1]))
    for derivation in derivations():
        triples.update(derivation.relationships)
    return [{"from": start, "verb": verb, "to": end} for start, verb, end in sorted(triples)]


@cache
def areas() -> dict[str, tuple[Service, ...]]:
    """The services of each area that has any."""
    named = sorted(one.name for one in iter_modules(package.__path__) if one.ispkg)
    found = {area: declared_in(f"{package.__name__}.{area}", "SERVICE", Service) for area in named}
    return {area: services for area, services in found.items() if services}


def ends_of(one: EntityType, relationship: Relationship) -> list[tuple[str, str]]:
    """From where to where it leads, for each type that it may be about."""
    others = (relationship.other,) if isinstance(relationship.other, str) else relationship.other
    return [(other, one.type) if relationship.is_incoming else (one.type, other) for other in others]


def edges_of(service: Service) -> Iterator[tuple[str, str, str]]:
    """What a service declares of relationships: from which type, its name, to which type."""
    for one in service.entity_types:
        for relationship in one.relationships:
            for start, end in ends_of(one, relationship):
                yield start, relationship.verb, end
    for derivation in service.derivations:
        yield from derivation.relationships


def between(services: Sequence[Service]) -> dict[tuple[int, int], set[str]]:
    """How services hang together: the names of the relationships from one (by its place) to another."""
    number = {one.type: index for index, service in enumerate(services) for one in service.entity_types}
    verbs: dict[tuple[int, int], set[str]] = {}
    for service in services:
        for start, verb, end in edges_of(service):
            if start in number and end in number and number[start] != number[end]:
                verbs.setdefault((number[start], number[end]), set()).add(verb)
    return verbs
