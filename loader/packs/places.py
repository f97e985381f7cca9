"""Parts of Azure that a user names: subscriptions, resource groups, tags, single resources; and what lies in them.

A place is the key of an entity: what lies in it has a key below, was fetched under it, or is of that subscription.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from loader.areas import TENANT
from loader.errors import UsageError
from loader.nearest import alternatives
from loader.packs.results import ResourceResult

if TYPE_CHECKING:
    from loader.graph import Database

Places = frozenset[str]

_GROUPS = """
MATCH (one:azure_resource_group) WHERE coalesce(one._stub, false) = false
RETURN one._key AS key, one.name AS name
"""
_NAMED = """
MATCH (one:Entity) WHERE coalesce(one._stub, false) = false AND (one._key IN [$name, toLower($name)]
  OR toLower(one.name) = toLower($name) OR toLower(one.displayName) = toLower($name))
RETURN one._key AS key
"""
_NAMES = """
MATCH (one:Entity) WHERE coalesce(one._stub, false) = false
RETURN DISTINCT coalesce(one.displayName, one.name) AS name ORDER BY name LIMIT 20000
"""
_TAGGED = """
MATCH (one:Entity)
UNWIND [tag IN keys(one) WHERE tag STARTS WITH 'tag.' AND toLower(substring(tag, 4)) = toLower($name)] AS tag
RETURN one._key AS key, toString(one[tag]) AS value
"""
_TAGS = """
MATCH (one:Entity) UNWIND [tag IN keys(one) WHERE tag STARTS WITH 'tag.'] AS tag
RETURN DISTINCT substring(tag, 4) AS name ORDER BY name
"""


def subscriptions(given: Iterable[str], known: Mapping[str, str]) -> Places:
    """The subscriptions with these names or ids. known: name by id. Raises UsageError that names the nearest ones."""
    found: set[str] = set()
    for one in given:
        wanted = one.strip().lower().removeprefix("/subscriptions/")
        here = {key for key, name in known.items() if wanted in (key.lower(), name.lower())}
        if not here:
            raise UsageError(f"There is no subscription {one!r} in the graph. {alternatives(one, known.values())}")
        found |= {f"/subscriptions/{key}" for key in here}
    return frozenset(found)


def resource_groups(database: Database, given: Iterable[str]) -> Places:
    """The resource groups with these names or ids, in all subscriptions. Raises UsageError as above."""
    rows = database.read(_GROUPS)
    found: set[str] = set()
    for one in given:
        here = {row["key"] for row in rows if one.lower() in (str(row["key"]).lower(), str(row["name"]).lower())}
        if not here:
            known = sorted({str(row["name"]) for row in rows})
            raise UsageError(f"There is no resource group {one!r} in the graph. {alternatives(one, known)}")
        found |= here
    return frozenset(found)


def resources(database: Database, given: Iterable[str]) -> Places:
    """The entities with these names, ids or keys. Raises UsageError as above."""
    found: set[str] = set()
    for one in given:
        here = {row["key"] for row in database.read(_NAMED, {"name": one})}
        if not here:
            known = [str(row["name"]) for row in database.read(_NAMES)]
            raise UsageError(f"There is no resource {one!r} in the graph. {alternatives(one, known)}")
        found |= here
    return frozenset(found)


def tagged(database: Database, given: Iterable[str]) -> Places:
    """The entities with these tags: `Name=Value`, or `Name` whatever its value. Raises UsageError as above."""
    found: set[str] = set()
    for one in given:
        name, equals, value = one.partition("=")
        rows = database.read(_TAGGED, {"name": name})
        if not rows:
            known = [str(row["name"]) for row in database.read(_TAGS)]
            raise UsageError(f"Nothing in the graph has a tag {name!r}. {alternatives(name, known)}")
        here = {row["key"] for row in rows if not equals or row["value"] == value}
        if not here:
            known = sorted({str(row["value"]) for row in rows})
            raise UsageError(f"No tag {name!r} in the graph has the value {value!r}. {alternatives(value, known)}")
        found |= here
    return frozenset(found)


def lies_in(one: ResourceResult, places: Places) -> bool:
    """Whether a resource is one of the places, or lies in one."""
    above = (place for key in (one.key, one.parent) for place in _above(key))
    return any(place in places for place in above) or f"/subscriptions/{one.area}" in places


def may_hide(one: ResourceResult, places: Places) -> bool:
    """Whether what was not loaded at an unseen place may be, or hold, something of these places."""
    return one.key == TENANT or lies_in(one, places) or any(one.key in _above(place) for place in places)


def _above(key: str) -> Iterator[str]:
    """The key, and each beginning of it that may be the key of what holds it."""
    while key:
        yield key
        key = key.rpartition("/")[0]
