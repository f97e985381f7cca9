"""The data model as data, derived from the services' declarations: for `azgraph model`, the docs and the tests."""

from __future__ import annotations

from typing import Any

from loader.conclusions import derivations
from loader.model import EntityType
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
