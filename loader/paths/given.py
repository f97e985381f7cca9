"""Roles and permissions as they are given, from `CAN`: each is a node of its own, so that a cut can name it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from loader.paths.kinds import APPROVAL, CONDITION, ELIGIBLE, HOP, HopKind
from loader.paths.layers import layer
from loader.paths.network import GIVEN, ON_THE_WAY, Network
from loader.paths.roles import AZURE, Roles
from loader.paths.scopes import ROOT, TENANT, root_of

if TYPE_CHECKING:
    from loader.graph import Database

_CAN = """
MATCH (holder:Entity)-[can:CAN]->(scope:Entity)
RETURN holder._key AS holder, scope._key AS scope, scope._type AS scopeType, can.kind AS kind,
       can.assignment AS assignment, can.capabilities AS capabilities, can.roleName AS role, can.role AS roleKey,
       can.condition AS condition, coalesce(can.eligible, false) AS eligible, can.until AS until,
       can.needsApproval AS needsApproval, can.deniedBy AS deniedBy
"""


class Given:
    """What was given, as nodes: by hop, in which scopes a layer of it is needed; the types of these scopes."""

    def __init__(self) -> None:
        self.scopes: defaultdict[str, set[str]] = defaultdict(set)
        self.types: dict[str, str] = {}

    def read(self, database: Database, network: Network, *, eligible: bool) -> None:
        """Adds each `CAN` of the graph that a hop follows from. eligible: those too that have to be taken up first."""
        roles = Roles.read(database, network.of_kind)
        into: list[tuple[int, int, float]] = []
        for row in database.stream(_CAN):
            if row["eligible"] and not eligible:
                continue
            self._add(network, dict(row), roles.hops_of(row), into)
        for holder, node, cost in into:
            network.join([(holder, node)], ON_THE_WAY, cost)

    def _add(
        self, network: Network, row: dict[str, Any], kinds: list[HopKind], into: list[tuple[int, int, float]]
    ) -> None:
        scope, scope_type = row["scope"], row["scopeType"]
        if row["kind"] in AZURE and scope_type == TENANT:
            scope, scope_type = root_of(scope), ROOT
        row |= {"scope": scope, "scopeType": scope_type}
        node = network.node(f"{row['assignment']} for {row['holder']} on {scope}", GIVEN)
        network.evidence[node] = row
        into.append((network.entity(row["holder"]), node, cost_of(row)))
        self.types[scope] = scope_type
        for kind in kinds:
            if kind.whole:
                network.join([(node, network.entity(scope))], network.number[kind.id], kind.cost - HOP)
            else:
                self.scopes[kind.id].add(scope)
                network.join([(node, layer(network, kind, scope))], ON_THE_WAY, 0.0)


def cost_of(row: Mapping[str, Any]) -> float:
    """What a given role costs its holder: more where it has to be taken up, agreed to, or holds under a condition."""
    return (
        HOP
        + (ELIGIBLE if row["eligible"] else 0)
        + (APPROVAL if row["needsApproval"] else 0)
        + (CONDITION if row["condition"] or row["deniedBy"] else 0)
    )
