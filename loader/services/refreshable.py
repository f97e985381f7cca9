"""Which steps may be read less often than in each run: those that cost a call for each resource, and that nothing else
hangs on.

A list that is taken for each of its parents may be, where no other type is fetched for, or part of, what it lists. A
detail may be, together with those that tell the same properties or relationships: each of these is then of one age.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from loader.model import Call, Embedded, EntityType
from loader.services import SUBSCRIPTION, entity_types, parents_of


@cache
def refreshable() -> Mapping[str, frozenset[str]]:
    """Each step that may be read less often, with those that must then be as well, itself among them."""
    above = {parent for one in entity_types().values() for parent in parents_of(one)}
    found: dict[str, frozenset[str]] = {}
    for name, one in entity_types().items():
        if _is_leaf(one, above):
            found[name] = frozenset({name})
        # Beside what is one list for all entities, a detail is asked only where that list does not tell.
        listed = {name for detail in one.details if detail.by for name in (detail.name, detail.spare)}
        for group in () if _tells_parents(one, above) else _together(one):
            if group & listed:
                continue
            steps = frozenset(f"{name}.{detail}" for detail in group)
            found |= dict.fromkeys(steps, steps)
    return MappingProxyType(dict(sorted(found.items())))


def _is_leaf(one: EntityType, above: set[str]) -> bool:
    fetch = one.fetch
    per_parent = isinstance(fetch, Call) and set(parents_of(one)) - {SUBSCRIPTION}
    return bool(per_parent) and getattr(fetch, "each", None) is None and not one.details and one.type not in above


def _tells_parents(one: EntityType, above: set[str]) -> bool:
    """Whether a detail tells entities that something else is fetched for."""
    parts = (other for other in entity_types().values() if isinstance(other.fetch, Embedded))
    return any(
        part.type in above and isinstance(part.fetch, Embedded) and part.fetch.parent == one.type and _details_at(part)
        for part in parts
    )


def _details_at(part: EntityType) -> list[str]:
    return list(_named(part.fetch.at)) if isinstance(part.fetch, Embedded) else []


def _together(one: EntityType) -> list[set[str]]:
    """The details of a type, those in one set that tell the same things."""
    groups: list[set[str]] = [{detail.name} for detail in one.details]
    for told in _told_by(one):
        met = [group for group in groups if group & told]
        if len(met) > 1:
            groups = [group for group in groups if not group & told] + [set().union(*met)]
    return groups


def _told_by(one: EntityType) -> Iterator[set[str]]:
    """For each property, and for all relationships of one verb, the details that tell it."""
    for declared in one.properties:
        yield {*_named(declared.source), *declared.needs, *declared.may_need}
    verbs: dict[str, set[str]] = {}
    for link in one.relationships:
        verbs.setdefault(link.verb, set()).update((*_named(link.to), *link.needs))
    yield from verbs.values()
    for other in entity_types().values():
        if isinstance(other.fetch, Embedded) and other.fetch.parent == one.type:
            yield set(_details_at(other))


def _named(source: object) -> Iterator[str]:
    """The details that a path reads."""
    for alternative in source.split("|") if isinstance(source, str) else ():
        first = alternative.strip().split(".")[0]
        if first.startswith("$"):
            yield first[1:].removesuffix("[]")
