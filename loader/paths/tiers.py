"""Which nodes of the network are tier 0, as it is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader.paths.network import Network
from loader.tier0 import ROOT, TENANT, Tier0

if TYPE_CHECKING:
    from loader.graph import Database

_GIVE_ROLES = "give-roles"
_ENTITIES = """
MATCH (one:{types}) WHERE one._stub IS NULL RETURN one._key AS key
"""
_TAGGED = """
MATCH (one:Entity) WHERE toLower(toString(one[$property])) = toLower($value) RETURN one._key AS key
"""
_TAGS = """
MATCH (one:Entity) UNWIND keys(one) AS property
WITH one, property WHERE property STARTS WITH 'tag.'
RETURN DISTINCT substring(property, 4) + '=' + toString(one[property]) AS tag LIMIT 10000
"""


def tier0_nodes(database: Database, network: Network, tier0: Tier0) -> list[int]:
    """The nodes that are tier 0: roles as they are given, scopes and the tenant taken over, what is tagged or named."""
    roles = {one.lower() for one in tier0.directory_roles or ()}
    permissions = {one.lower() for one in tier0.application_permissions or ()}
    scopes = set(tier0.azure_scopes or ())
    network.learn_given_in({*scopes - {ROOT}, TENANT}, [_GIVE_ROLES], {*roles, *permissions})
    found = {node for node, row in network.evidence.items() if _is_tier0(row, roles, permissions, scopes)}
    keys: list[str] = []
    types = "|".join(sorted({*scopes - {ROOT}, TENANT}))
    keys += [row["key"] for row in database.read(_ENTITIES.format(types=types))]
    keys += [name for name in network.index if name.startswith("/@")] if ROOT in scopes else []
    for tag in tier0.tags or ():
        keys += tagged(database, tag)
    keys += [one.lower() for one in tier0.entities or ()]
    return sorted(found | {network.entity(key) for key in keys})


def tagged(database: Database, tag: str) -> list[str]:
    """The keys of all entities with a tag, given as name=value."""
    name, _, value = tag.partition("=")
    return [row["key"] for row in database.read(_TAGGED, {"property": f"tag.{name}", "value": value})]


def tags(database: Database) -> list[str]:
    """The tags that there are, as name=value, to be suggested; of very many not all."""
    return [row["tag"] for row in database.read(_TAGS)]


def _is_tier0(row: object, roles: set[str], permissions: set[str], scopes: set[str]) -> bool:
    if not isinstance(row, dict):
        return False
    name, kind = str(row["role"] or "").lower(), row["kind"]
    if kind == "directory":
        return row["scopeType"] == TENANT and name in roles
    if kind == "application":
        return name in permissions
    return row["scopeType"] in scopes and _GIVE_ROLES in (row["capabilities"] or ()) and kind != "owner"
