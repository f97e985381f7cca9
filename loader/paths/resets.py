"""Whose passwords a role resets: all users without a role in its scope, and those administrators that the table names.

The many have one layer in each scope; a role that resets some administrators too has one of its own there, which leads
to these few and on to that of the many (`loader/access/resetting.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loader.access.resetting import (
    ADMINISTRATORS,
    EVERYBODYS,
    GLOBAL_ADMINISTRATOR,
    RESETS,
    Held,
    administrators_of,
    may_reset,
)
from loader.paths.kinds import HOP, HopKind
from loader.paths.layers import add_members, layer
from loader.paths.network import ON_THE_WAY, Network

if TYPE_CHECKING:
    from loader.graph import Database

_TEMPLATES = """
MATCH (role:azure_ad_role_definition) RETURN role._key AS key, toLower(coalesce(role.templateId, role._key)) AS template
"""
_AS = " as "


def scope_of(place: str) -> str:
    """The scope of a place that `Resets.place` told."""
    return place.partition(_AS)[0]


class Resets:
    """Where layers of a hop `by_table` are needed, and to whom they lead."""

    def __init__(self, templates: Mapping[str, str], held: Mapping[str, Held]) -> None:
        """templates: of each role its id in all tenants. held: the administrators, by key."""
        self._templates = templates
        self._held = held

    @classmethod
    def read(cls, database: Database) -> Resets:
        """With the roles and administrators of a graph."""
        return cls(
            {row["key"]: row["template"] for row in database.read(_TEMPLATES)},
            administrators_of(database.read(ADMINISTRATORS, {"users": None})),
        )

    def place(self, row: Mapping[str, Any], scope: str) -> str:
        """The scope, or the scope as a role resets there, for a given role or permission."""
        template = self._templates.get(row["roleKey"], "") if row["kind"] == "directory" else ""
        return f"{scope}{_AS}{template}" if template in EVERYBODYS or template in RESETS else scope

    def add(
        self,
        network: Network,
        kind: HopKind,
        members: Mapping[str, Collection[str]],
        places: Iterable[str],
        tenants: Collection[str],
    ) -> None:
        """The layers of a hop. members: by scope, who may be reset there at all; places: those that are needed."""
        number, extra = network.number[kind.id], kind.cost - HOP
        add_members(network, kind, {scope: [*found - self._held.keys()] for scope, found in members.items()})
        taken_over = [f"{tenant}{_AS}{GLOBAL_ADMINISTRATOR}" for tenant in tenants]
        for tenant, place in zip(tenants, taken_over, strict=True):
            network.join([(network.entity(tenant), layer(network, kind, place))], ON_THE_WAY, 1.0)
        for place in sorted({*places, *taken_over}):
            scope, _, template = place.partition(_AS)
            if not template:
                continue
            node = layer(network, kind, place)
            network.join([(node, layer(network, kind, scope))], ON_THE_WAY, 0.0)
            reset = (
                one
                for one in sorted(self._held.keys() & members.get(scope, frozenset()))
                if may_reset(template, self._held[one], tenant_wide=scope in tenants)
            )
            network.join([(node, network.entity(one)) for one in reset], number, extra)
