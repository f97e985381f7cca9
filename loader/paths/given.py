"""Roles and permissions as they are given, from `CAN`: each is a node of its own, so that a cut can name it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from loader.access.given_by import AZURE
from loader.areas import TENANT_OF
from loader.paths.kinds import APPROVAL, CONDITION, ELIGIBLE, HOP, HopKind
from loader.paths.layers import layer
from loader.paths.network import GIVEN, ON_THE_WAY, Network
from loader.paths.resets import Resets
from loader.paths.roles import Roles
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
# Permissions that a hop names by themselves, where no capability of theirs made them a `CAN`.
_PERMISSIONS = f"""
MATCH (given:azure_app_role_assignment)-[:ASSIGNED]->(holder:Entity)
WHERE given._stub IS NULL AND given.permission IN $named
  AND NOT EXISTS {{ (holder)-[:CAN {{assignment: given._key}}]->() }}
MATCH (tenant:azure_account)
WHERE given._scope IS NULL OR tenant._key = {TENANT_OF.format(node="given")}
RETURN holder._key AS holder, tenant._key AS scope, tenant._type AS scopeType, 'application' AS kind,
       given._key AS assignment, [] AS capabilities, given.permission AS role, given.appRoleId AS roleKey,
       null AS condition, false AS eligible, null AS until, null AS needsApproval, null AS deniedBy
"""


class Given:
    """What was given, as nodes: by hop, in which places a layer of it is needed; the types of these scopes."""

    def __init__(self, closed: Mapping[str, frozenset[str]], resets: Resets) -> None:
        """closed: by hop, the resources that no role of Azure reaches, whatever it allows. resets: of hops by table."""
        self._closed = closed
        self._resets = resets
        self.scopes: defaultdict[str, set[str]] = defaultdict(set)
        self.types: dict[str, str] = {}

    def read(self, database: Database, network: Network, *, eligible: bool) -> None:
        """Adds each `CAN` of the graph that a hop follows from. eligible: those too that have to be taken up first."""
        roles = Roles.read(database, network.of_kind)
        into: list[tuple[int, int, float]] = []
        named = sorted({name for kind in network.of_kind for name in kind.roles})
        for row in chain(database.stream(_CAN), database.stream(_PERMISSIONS, {"named": named})):
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
            if row["kind"] != "policy" and scope in self._closed.get(kind.id, ()):
                continue
            if kind.whole:
                network.join([(node, network.entity(scope))], network.number[kind.id], kind.cost - HOP)
            else:
                place = self._resets.place(row, scope) if kind.by_table else scope
                self.scopes[kind.id].add(place)
                network.join([(node, layer(network, kind, place))], ON_THE_WAY, 0.0)


def cost_of(row: Mapping[str, Any]) -> float:
    """What a given role costs its holder: more where it has to be taken up, agreed to, or holds under a condition."""
    return (
        HOP
        + (ELIGIBLE if row["eligible"] else 0)
        + (APPROVAL if row["needsApproval"] else 0)
        + (CONDITION if row["condition"] or row["deniedBy"] else 0)
    )
