"""From what people call a thing to its key, and back: the ends of a path, and the names of what it passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loader.errors import UsageError
from loader.nearest import alternatives
from loader.tier0 import ROOT

if TYPE_CHECKING:
    from loader.graph import Database

_CALLED = """
CALL () {
  MATCH (one:Entity) WHERE one._key IN $keys RETURN one
  UNION
  MATCH (one:Entity) WHERE one._stub IS NULL
    AND (toLower(one.displayName) = $name OR toLower(one.name) = $name OR toLower(one.userPrincipalName) = $name)
  RETURN one
}
RETURN one._key AS key, one._type AS type, coalesce(one.displayName, one.name, one._key) AS name
ORDER BY type, key LIMIT 20
"""
# Those first that people ask about.
_LIKE = """
MATCH (one:azure_user|azure_user_group|azure_service_principal|azure_subscription|azure_vm|azure_keyvault_service)
WITH DISTINCT coalesce(one.displayName, one.name) AS name WHERE name IS NOT NULL RETURN name ORDER BY name LIMIT 20000
"""
_NAMES = """
UNWIND $keys AS key MATCH (one:Entity {_key: key})
RETURN key, one._type AS type, coalesce(one.displayName, one.name, one._key) AS name
"""
_ACTS_AS = """
MATCH (one:Entity)-[:ACTS_AS]->(principal:azure_service_principal)
WHERE one._key IN $others AND principal._key IN $principals RETURN DISTINCT principal._key AS key
"""
# What is never meant where a name is given: how access is told, not who has it.
_NEVER_MEANT = ("azure_role_assignment", "azure_ad_role_assignment", "azure_ad_role_eligibility", "azure_directory",
                "azure_user_registration_details", "azure_user_sign_in_activity", "person",
                "azure_directory_role_template")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as people see it."""

    key: str
    name: str
    type: str


def found_by(database: Database, text: str, *, words: Sequence[str] = ()) -> list[Named]:
    """What has this name, sign-in name, id or key: one thing, or one with the service principal that it acts as.

    words: what else could have been written here, to be suggested. Raises UsageError where nothing is called so, or
    several things are.
    """
    asked = text.strip()
    key = asked.lower().rstrip("/") or asked
    rows = [Named(row["key"], row["name"], row["type"]) for row in
            database.read(_CALLED, {"keys": [asked, key, f"/{key}"], "name": asked.lower()})]  # fmt: skip
    exact = [row for row in rows if row.key in (asked, key, f"/{key}")]
    meant = exact or [row for row in rows if row.type not in _NEVER_MEANT] or rows
    if not meant:
        names = [str(row["name"]) for row in database.read(_LIKE)]
        raise UsageError(f"Nothing in the graph is called {asked!r}. {alternatives(asked, (*words, *names))}")
    if len(meant) > 1 and not _is_one_thing(database, meant):
        told = "\n".join(f"  {one.name} ({one.type}): {one.key}" for one in meant)
        raise UsageError(f"Several things are called {asked!r}. Give the id of the one you mean:\n{told}")
    return meant


def _is_one_thing(database: Database, meant: list[Named]) -> bool:
    """An application, a machine or an identity and its service principal are called the same."""
    others = [one.key for one in meant if one.type != "azure_service_principal"]
    principals = [one.key for one in meant if one.type == "azure_service_principal"]
    found = database.read(_ACTS_AS, {"others": others, "principals": principals})
    return len(others) == 1 and {row["key"] for row in found} == set(principals)


def names_of(database: Database, keys: Iterable[str]) -> Mapping[str, Named]:
    """What entities are called, by key; one that the graph does not have is called by its key."""
    wanted = sorted(set(keys))
    found = {row["key"]: Named(row["key"], row["name"], row["type"]) for row in database.read(_NAMES, {"keys": wanted})}
    return {key: found.get(key) or _unknown(key) for key in wanted}


def _unknown(key: str) -> Named:
    return Named("/", "all of Azure (/)", ROOT) if key.startswith("/@") else Named(key, key, "")
