"""Azure's scopes from the root down, with the resources in them that a hop can lead to."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loader.graph import Database

TENANT = "azure_account"
ROOT = "azure_root"
_SCOPES = ("azure_management_group", "azure_subscription", "azure_resource_group")
_ABOVE = """
MATCH (tenant:azure_account)-[:HAS]->(below:azure_management_group)
RETURN '/@' + tenant._key AS above, below._key AS below, below._type AS type
UNION ALL
MATCH (tenant:azure_account)-[:HAS]->(below:azure_subscription)
WHERE NOT EXISTS { (below)<-[:CONTAINS]-(:azure_management_group) }
RETURN '/@' + tenant._key AS above, below._key AS below, below._type AS type
UNION ALL
MATCH (group:azure_management_group)-[:CONTAINS]->(below:azure_management_group|azure_subscription)
RETURN group._key AS above, below._key AS below, below._type AS type
UNION ALL
MATCH (one:azure_subscription)-[:HAS]->(below:azure_resource_group)
RETURN one._key AS above, below._key AS below, below._type AS type
"""
# One row a group: a row for each resource would cost as much time as the resources themselves.
_RESOURCES = """
MATCH (one:azure_resource_group)-[:HAS]->(below:{types})
RETURN one._key AS above, below._type AS type, collect(below._key) AS below
"""


def root_of(tenant: str) -> str:
    """The name of the root of Azure under a tenant, above its management groups: Azure's own name for it is `/`."""
    return f"/@{tenant}"


class Scopes:
    """What lies directly in what, and of which type it is."""

    def __init__(self) -> None:
        self._below: dict[str, dict[str, list[str]]] = {}
        self._types: dict[str, str] = {}

    @classmethod
    def read(cls, database: Database, types: Iterable[str]) -> Scopes:
        """The scopes of a graph, and of their resources those of these types."""
        scopes = cls()
        for row in database.stream(_ABOVE):
            scopes.add(row["above"], row["type"], [row["below"]])
        wanted = "|".join(sorted(types))
        for row in database.stream(_RESOURCES.format(types=wanted)) if wanted else ():
            scopes.add(row["above"], row["type"], row["below"])
        return scopes

    def add(self, above: str, entity_type: str, below: Sequence[str]) -> None:
        """Entities of one type that lie directly in a scope."""
        self._below.setdefault(above, {}).setdefault(entity_type, []).extend(below)
        self._types |= dict.fromkeys(below, sys.intern(entity_type))

    def know(self, types: Mapping[str, str]) -> None:
        """The types of entities that stand in no scope, or whose scope is not loaded."""
        for key, entity_type in types.items():
            self._types.setdefault(key, sys.intern(entity_type))

    def further(self, scope: str) -> list[str]:
        """What lies directly in a scope and is one itself."""
        below = self._below.get(scope, {})
        return [one for entity_type, several in below.items() if entity_type in _SCOPES for one in several]

    def resources(self, scope: str, types: Collection[str]) -> list[str]:
        """What lies directly in a scope, is none itself and is of one of the types."""
        below = self._below.get(scope, {})
        wanted = [one for one in below if one in types and one not in _SCOPES]
        return [one for entity_type in wanted for one in below[entity_type]]

    def type_of(self, key: str) -> str:
        """Its entity type; empty where it is not known."""
        return self._types.get(key, "")

    def pairs(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Each scope with what lies directly in it."""
        for scope, below in self._below.items():
            yield scope, [one for several in below.values() for one in several]
