"""Whose an alert is: a fixed name, or what a tag says of the entity, else of what it is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from loader.alerts.rule import Rule, TagOwner

if TYPE_CHECKING:
    from loader.graph import Database

# Where a rule says nothing of owners.
USUAL = TagOwner(tag="owner")
_BATCH = 5_000
# How an ARM id is cut: `subscriptions/x`, `resourcegroups/y`, then `providers/namespace/type/name` and pairs.
_SUBSCRIPTION, _GROUP, _RESOURCE = 2, 4, 8

_TAGGED = """
UNWIND $keys AS key
MATCH (e:Entity {_key: key})
WITH key, [name IN keys(e) WHERE toLower(name) = $name | toString(e[name])] AS values
WHERE size(values) > 0 AND trim(values[0]) <> ''
RETURN key, values[0] AS owner
"""


def owners_of(database: Database, rule: Rule, keys: Iterable[str]) -> dict[str, str]:
    """The owners of these entities, as far as there are any.

    A tag counts of the entity itself, then of the resource it is a part of, of its resource group, of its subscription.
    """
    wanted = list(keys)
    owner = rule.owner or USUAL
    if isinstance(owner, str):
        return dict.fromkeys(wanted, owner)
    places = {key: list(places_of(key)) for key in wanted}
    tagged: dict[str, str] = {}
    for part in _batches({one for found in places.values() for one in found}):
        rows = database.read(_TAGGED, {"keys": part, "name": f"tag.{owner.tag}".lower()})
        tagged |= {row["key"]: row["owner"] for row in rows}
    found = {key: next((tagged[one] for one in places[key] if one in tagged), None) for key in wanted}
    return {key: owner for key, owner in found.items() if owner is not None}


def places_of(key: str) -> Iterator[str]:
    """The entity's own key, and the keys of what it is in, the nearest first."""
    yield key
    if not key.startswith("/subscriptions/"):
        return
    parts = key.strip("/").split("/")
    for length in (*range(len(parts) - 2, _RESOURCE - 1, -2), _GROUP, _SUBSCRIPTION):
        if length < len(parts) and (length != _GROUP or parts[2] == "resourcegroups"):
            yield "/" + "/".join(parts[:length])


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
