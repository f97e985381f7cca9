"""Whose passwords a role resets: all users without a role in its scope, and those administrators that the table names.

The many have one layer in each scope; a role that resets some administrators too has one of its own there, which leads
to these few and on to that of the many (`loader/access/resetting.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
_BY_TABLE = sorted({*EVERYBODYS, *RESETS, GLOBAL_ADMINISTRATOR})


def scope_of(place: str) -> str:
    """The scope of a place that `Resets.place` told."""
    return place.partition(_AS)[0]


def taken_over(tenant: str) -> str:
    """The place of who has taken over a tenant."""
    return f"{tenant}{_AS}{GLOBAL_ADMINISTRATOR}"


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
        return f"{scope}{_AS}{template}" if template in _BY_TABLE else scope

    def add(
        self, network: Network, kind: HopKind, members: Mapping[str, Collection[str]], tenants: Collection[str]
    ) -> None:
        """Makes some whom a hop leads to known in its layers. members: by scope, who may be reset there at all."""
        number, extra = network.number[kind.id], kind.cost - HOP
        add_members(network, kind, {scope: [*set(found) - self._held.keys()] for scope, found in members.items()})
        for scope, found in members.items():
            administrators = sorted(self._held.keys() & set(found))
            for template in _BY_TABLE:
                node = layer(network, kind, f"{scope}{_AS}{template}")
                network.join([(node, layer(network, kind, scope))], ON_THE_WAY, 0.0)
                reset = [
                    (node, network.entity(one))
                    for one in administrators
                    if may_reset(template, self._held[one], tenant_wide=scope in tenants)
                ]
                network.join(reset, number, extra)
