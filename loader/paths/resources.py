"""Resources of Azure and what holds them: what a capability given above is a hop to, and where it is closed.

Resources are held by their resource group, and parts of a resource, such as slots of an app, by that one too.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Sequence
from typing import TYPE_CHECKING

from loader.paths.kinds import HopKind, leading_to

if TYPE_CHECKING:
    from loader.graph import Database

_IN_GROUPS = """
UNWIND $keys AS key MATCH (above:Entity {{_key: key}})
MATCH (above:{holders})-[:HAS]->(target:{types}) WHERE {only}
RETURN key AS above, collect(target._key) AS below
"""
_GROUPS_OF = """
UNWIND $keys AS key MATCH (target:Entity {{_key: key}})<-[:HAS]-(above:{holders})
RETURN key AS below, above._key AS above, {places} AS places
"""
_GROUP = "azure_resource_group"
_OPEN = "MATCH (target:{types}) WHERE {only} RETURN target._key AS key"
_CLOSED = "MATCH (target:{types}) WHERE NOT {only} RETURN target._key AS key"
_CLOSED_OF = "UNWIND $keys AS key MATCH (target:Entity {{_key: key}}) WHERE (target:{types}) AND NOT {only} RETURN key"


def resources_in(database: Database, kind: HopKind, scopes: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Each resource group, or resource, among the scopes with those resources in it that a hop leads to."""
    query = _IN_GROUPS.format(holders="|".join((_GROUP, *kind.wholes)), **kind.targets)
    for row in database.read(query, {"keys": list(scopes)}):
        yield row["above"], row["below"]


def groups_of(
    database: Database, kinds: Sequence[HopKind], resources: Collection[str]
) -> Iterator[tuple[HopKind, str, str]]:
    """For each of the resources that a hop leads to from above: the hop, what holds it, and the resource."""
    wholes = sorted({one for kind in kinds for one in kind.wholes})
    query = _GROUPS_OF.format(holders="|".join((_GROUP, *wholes)), places=leading_to(kinds))
    for row in database.read(query, {"keys": list(resources)}):
        for place in row["places"]:
            yield kinds[place], row["above"], row["below"]


class _AllBut:
    """All resources but some: of a type that stands for many of Azure's, a hop leads to few."""

    def __init__(self, few: frozenset[str]) -> None:
        self._few = few

    def __contains__(self, key: object) -> bool:
        return key not in self._few


def closed(database: Database, kind: HopKind) -> Container[str]:
    """The resources of a hop's types that no role reaches by it, whatever it allows."""
    if kind.arm_type:
        return _AllBut(frozenset(row["key"] for row in database.stream(_OPEN.format(**kind.targets))))
    return frozenset(row["key"] for row in database.stream(_CLOSED.format(**kind.targets)))


def closed_of(database: Database, kind: HopKind, resources: Collection[str]) -> frozenset[str]:
    """Those of the resources that no role reaches."""
    rows = database.read(_CLOSED_OF.format(**kind.targets), {"keys": list(resources)})
    return frozenset(row["key"] for row in rows)
