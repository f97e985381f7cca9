"""Azure's scopes from the root down, with the resources in them that a hop can lead to."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from loader.tier0 import ROOT as ROOT
from loader.tier0 import TENANT as TENANT

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.paths.kinds import HopKind

ANY = "azure_resource"
_SCOPES = ("azure_management_group", "azure_subscription", "azure_resource_group")
# From one scope to another that lies directly in it; the root of Azure is no entity, so its tenant stands for it.
_IN_ROOT = (
    "MATCH (one:azure_account)-[:HAS]->(other:azure_management_group)",
    """MATCH (one:azure_account)-[:HAS]->(other:azure_subscription)
    WHERE NOT EXISTS { (other)<-[:CONTAINS]-(:azure_management_group) }""",
)
_IN_SCOPE = (
    "MATCH (one:azure_management_group)-[:CONTAINS]->(other:azure_management_group|azure_subscription)",
    "MATCH (one:azure_subscription)-[:HAS]->(other:azure_resource_group)",
)
_ROOT_SIGN = "/@"
_PAIR = "RETURN {sign} + one._key AS above, other._key AS below, other._type AS type"


def _pairs(before_root: str = "", before_scope: str = "") -> str:
    root = [f"{before_root} {one} {_PAIR.format(sign=repr(_ROOT_SIGN))}" for one in _IN_ROOT]
    return "\nUNION ALL\n".join([*root, *(f"{before_scope} {one} {_PAIR.format(sign=repr(''))}" for one in _IN_SCOPE)])


_ABOVE = _pairs()
_BELOW_SOME = _pairs(
    "UNWIND $roots AS key MATCH (one:Entity {_key: key})", "UNWIND $keys AS key MATCH (one:Entity {_key: key})"
)
_ABOVE_SOME = _pairs(*["UNWIND $keys AS key MATCH (other:Entity {_key: key})"] * 2)
# One row a group: a row for each resource would cost as much time as the resources themselves.
_RESOURCES = "{match} RETURN one._key AS above, other._type AS type, collect(other._key) AS below"


def root_of(tenant: str) -> str:
    """The name of the root of Azure under a tenant, above its management groups: Azure's own name for it is `/`."""
    return f"{_ROOT_SIGN}{tenant}"


def tenant_of(scope: str) -> str | None:
    """The tenant whose root of Azure a scope is; None for all others."""
    return scope.removeprefix(_ROOT_SIGN) if scope.startswith(_ROOT_SIGN) else None


def scopes_below(database: Database, scopes: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of one of the scopes and a scope that lies directly in it."""
    roots = [tenant for one in scopes if (tenant := tenant_of(one))]
    rows = database.read(_BELOW_SOME, {"roots": roots, "keys": list(scopes)})
    return [(row["above"], row["below"]) for row in rows]


def scopes_above(database: Database, scopes: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of a scope and one of these scopes that lies directly in it."""
    return [(row["above"], row["below"]) for row in database.read(_ABOVE_SOME, {"keys": list(scopes)})]


def resources_in_groups(types: Iterable[str]) -> str:
    """Cypher that leads from `one` resource group to the resources of some types in it, as `other`.

    Of the type that stands for all without one of their own, those that act as somebody: no hop leads to the others.
    """
    wanted = set(types)
    found = f"MATCH (one:azure_resource_group)-[:HAS]->(other:{'|'.join(sorted(wanted))})"
    return f"{found} WHERE NOT other:{ANY} OR EXISTS {{ (other)-[:ACTS_AS]->() }}" if ANY in wanted else found


def _parts(kinds: Iterable[HopKind]) -> Iterator[str]:
    """Cypher that leads from `one` resource to its parts, as `other`, to which a hop leads."""
    for wholes, parts in {(one.wholes, one.types) for one in kinds if one.wholes}:
        yield f"MATCH (one:{'|'.join(wholes)})-[:HAS]->(other:{'|'.join(parts)})"


class Scopes:
    """What lies directly in what, and of which type it is; of resources their parts.

    A resource is not one of the scopes: whoever has taken it over has by that no part of it.
    """

    def __init__(self) -> None:
        self._below: dict[str, dict[str, list[str]]] = {}
        self._parts: dict[str, dict[str, list[str]]] = {}
        self._types: dict[str, str] = {}

    @classmethod
    def read(cls, database: Database, kinds: Sequence[HopKind]) -> Scopes:
        """The scopes of a graph, and of their resources those to which a hop leads."""
        scopes = cls()
        for row in database.stream(_ABOVE):
            scopes.add(row["above"], row["type"], [row["below"]])
        wanted = {one for kind in kinds for one in kind.types}
        for row in database.stream(_RESOURCES.format(match=resources_in_groups(wanted))) if wanted else ():
            scopes.add(row["above"], row["type"], row["below"])
        for match in _parts(kinds):
            for row in database.stream(_RESOURCES.format(match=match)):
                scopes._parts.setdefault(row["above"], {})[row["type"]] = row["below"]
        return scopes

    def add(self, above: str, entity_type: str, below: Sequence[str]) -> None:
        """Entities of one type that lie directly in a scope."""
        self._below.setdefault(above, {}).setdefault(entity_type, []).extend(below)
        self._types |= dict.fromkeys(below, sys.intern(entity_type))

    def know(self, types: Mapping[str, str | None]) -> None:
        """The types of entities that stand in no scope, or whose scope is not loaded."""
        for key, entity_type in types.items():
            self._types.setdefault(key, sys.intern(entity_type or ""))

    def further(self, scope: str) -> list[str]:
        """What lies directly in a scope and is one itself."""
        below = self._below.get(scope, {})
        return [one for entity_type, several in below.items() if entity_type in _SCOPES for one in several]

    def resources(self, scope: str, types: Collection[str]) -> list[str]:
        """What lies directly in a scope or is a part of a resource, is no scope and is of one of the types."""
        below = self._below.get(scope) or self._parts.get(scope, {})
        wanted = [one for one in below if one in types and one not in _SCOPES]
        return [one for entity_type in wanted for one in below[entity_type]]

    def type_of(self, key: str) -> str:
        """Its entity type; empty where it is not known."""
        return self._types.get(key, "")

    def pairs(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Each scope with what lies directly in it."""
        for scope, below in self._below.items():
            yield scope, [one for several in below.values() for one in several]
