"""Whom a capability over the directory is a hop to: everybody of a tenant, or the members of an administrative unit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from loader.areas import TENANT_OF
from loader.paths.kinds import HopKind, leading_to

if TYPE_CHECKING:
    from loader.graph import Database

_TENANTS = "MATCH (tenant:azure_account) RETURN tenant._key AS key"
_EVERYWHERE = (
    "MATCH (target:{types}) WHERE {only} "
    f"RETURN {TENANT_OF.format(node='target')} AS tenant, collect(target._key) AS keys"
)
_IN_UNITS = """
MATCH (scope:azure_administrative_unit)-[:HAS]->(target:{types}) WHERE scope._key IN $scopes AND {only}
RETURN scope._key AS scope, collect(target._key) AS keys
"""
_SCOPES_OF = (
    "UNWIND $keys AS key MATCH (target:Entity {{_key: key}}) WHERE target:{types} "
    f"RETURN {{places}} AS places, key, {TENANT_OF.format(node='target')} AS tenant, "
    "[(target)<-[:HAS]-(unit:azure_administrative_unit) | unit._key] AS units"
)


def tenants_of(database: Database) -> list[str]:
    """The keys of the tenants."""
    return [row["key"] for row in database.read(_TENANTS)]


def everywhere(database: Database, kind: HopKind, tenants: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each tenant with those of its directory that a hop leads to."""
    for row in database.stream(_EVERYWHERE.format(**kind.targets)):
        for tenant in _of(row["tenant"], tenants):
            yield tenant, row["keys"]


def in_units(database: Database, kind: HopKind, scopes: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Each administrative unit among the scopes with those in it that a hop leads to."""
    for row in database.stream(_IN_UNITS.format(**kind.targets), {"scopes": sorted(scopes)}):
        yield row["scope"], row["keys"]


def scopes_over(
    database: Database, kinds: Sequence[HopKind], keys: Collection[str], tenants: Sequence[str]
) -> Iterator[tuple[HopKind, str, str]]:
    """For each of the keys that a hop leads to: the hop, the tenant or administrative unit, and the key."""
    query = _SCOPES_OF.format(
        places=leading_to(kinds), types="|".join(sorted({one for kind in kinds for one in kind.types}))
    )
    for row in database.read(query, {"keys": list(keys)}):
        for scope in (*_of(row["tenant"], tenants), *row["units"]):
            yield from ((kinds[place], scope, row["key"]) for place in row["places"])


def _of(tenant: str | None, tenants: Sequence[str]) -> list[str]:
    """Where there is one tenant, everybody is of it."""
    return [one for one in tenants if tenant in (one, None) or len(tenants) == 1]
