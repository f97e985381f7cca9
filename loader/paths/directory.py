"""Whom a capability over the directory is a hop to: everybody of a tenant, or the members of an administrative unit.

Of the directory is whoever was read from it. One that only an assignment names was deleted, or is of another directory
(a delegated subscription's, Azure Lighthouse's): nobody here resets its password or adds members to it.

Nobody changes the members of a restricted unit but those who have a role for such a unit (the page beside
`loader/effective/withheld.py` says so).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from loader.areas import TENANT_OF
from loader.paths.kinds import HopKind, leading_to

if TYPE_CHECKING:
    from loader.graph import Database

_TENANTS = "MATCH (tenant:azure_account) RETURN tenant._key AS key"
_EVERYWHERE = (
    "MATCH (target:{types}) WHERE target._stub IS NULL AND {only} "
    f"RETURN {TENANT_OF.format(node='target')} AS tenant, collect(target._key) AS keys"
)
_IN_UNITS = """
MATCH (scope:azure_administrative_unit)-[:HAS]->(target:{types}) WHERE scope._key IN $scopes
  AND target._stub IS NULL AND {only}
RETURN scope._key AS scope, collect(target._key) AS keys
"""
_OBJECTS = """
UNWIND $keys AS key MATCH (target:Entity {{_key: key}}) WHERE (target:{types}) AND target._stub IS NULL AND {only}
RETURN key
"""
_SCOPES_OF = (
    "UNWIND $keys AS key MATCH (target:Entity {{_key: key}}) WHERE (target:{types}) AND target._stub IS NULL "
    f"RETURN {{places}} AS places, key, {TENANT_OF.format(node='target')} AS tenant, "
    "[(target)<-[:HAS]-(unit:azure_administrative_unit) | unit._key] AS units"
)


_RESTRICTED = """
MATCH (unit:azure_administrative_unit {isMemberManagementRestricted: true})-[:HAS]->(one:Entity)
RETURN unit._key AS unit, collect(one._key) AS members
"""


class Directory:
    """The directories of a graph. tenants: their keys."""

    def __init__(self, database: Database, tenants: Sequence[str], restricted: Mapping[str, Collection[str]]) -> None:
        """restricted: the members of restricted units."""
        self.tenants = list(tenants)
        self._database, self._restricted = database, frozenset(restricted)
        self._kept = frozenset[str]().union(*restricted.values())

    @classmethod
    def read(cls, database: Database) -> Directory:
        """Those of the graph."""
        restricted = {row["unit"]: row["members"] for row in database.read(_RESTRICTED)}
        return cls(database, [row["key"] for row in database.read(_TENANTS)], restricted)

    def everywhere(self, kind: HopKind) -> Iterator[tuple[str, list[str]]]:
        """Each tenant with those of its directory that a hop leads to."""
        for row in self._database.stream(_EVERYWHERE.format(**kind.targets)):
            for tenant in self._of(row["tenant"]):
                yield tenant, self._open(tenant, row["keys"])

    def in_units(self, kind: HopKind, scopes: Collection[str]) -> Iterator[tuple[str, list[str]]]:
        """Each administrative unit among the scopes with those in it that a hop leads to."""
        if not scopes:
            return
        for row in self._database.stream(_IN_UNITS.format(**kind.targets), {"scopes": sorted(scopes)}):
            yield row["scope"], self._open(row["scope"], row["keys"])

    def objects(self, kind: HopKind, keys: Iterable[str]) -> dict[str, list[str]]:
        """What is given on each of these objects alone leads to it, where the hop leads to it at all."""
        wanted = sorted(keys)
        rows = self._database.read(_OBJECTS.format(**kind.targets), {"keys": wanted}) if wanted else ()
        return {row["key"]: self._open(row["key"], [row["key"]]) for row in rows}

    def scopes_over(self, kinds: Sequence[HopKind], keys: Collection[str]) -> Iterator[tuple[HopKind, str, str]]:
        """For each of the keys that a hop leads to: the hop, the tenant or administrative unit, and the key."""
        query = _SCOPES_OF.format(
            places=leading_to(kinds), types="|".join(sorted({one for kind in kinds for one in kind.types}))
        )
        for row in self._database.read(query, {"keys": list(keys)}):
            for scope in (*self._of(row["tenant"]), *row["units"]):
                for key in self._open(scope, [row["key"]]):
                    yield from ((kinds[place], scope, key) for place in row["places"])

    def _open(self, scope: str, keys: list[str]) -> list[str]:
        """Those of the keys in a scope whom a role for it changes."""
        return keys if scope in self._restricted or not self._kept else [one for one in keys if one not in self._kept]

    def _of(self, tenant: str | None) -> list[str]:
        """Where there is one tenant, everybody is of it."""
        return [one for one in self.tenants if tenant in (one, None) or len(self.tenants) == 1]
