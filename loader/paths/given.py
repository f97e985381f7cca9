"""Roles and permissions as they are given, from `CAN`: each is a node of its own, so that a cut can name it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from loader.access.directory_capabilities import GRAPH_APP_ID
from loader.access.given_by import AZURE
from loader.access.holding import arm_type_of
from loader.access.lasting import LASTS
from loader.areas import TENANT_OF
from loader.paths.kinds import APPROVAL, CONDITION, ELIGIBLE, HOP, HopKind
from loader.paths.layers import layer
from loader.paths.network import GIVEN, ON_THE_WAY, Network
from loader.paths.parts import leading_on, names_in_vaults
from loader.paths.resets import Resets
from loader.paths.roles import GIVE_ROLES, Roles
from loader.paths.scopes import ROOT, TENANT, root_of

if TYPE_CHECKING:
    from loader.graph import Database

_ROW = """
RETURN holder._key AS holder, scope._key AS scope, scope._type AS scopeType, can.kind AS kind,
       can.assignment AS assignment, can.capabilities AS capabilities, can.roleName AS role, can.role AS roleKey,
       can.condition AS condition, coalesce(can.eligible, false) AS eligible, can.until AS until,
       can.needsApproval AS needsApproval, can.deniedBy AS deniedBy
"""
# Who gives roles under a condition may have any capability by that.
_OF_ANY = (
    "(any(one IN can.capabilities WHERE one IN $capabilities) OR toLower(can.roleName) IN $roles "
    f"OR (can.condition IS NOT NULL AND '{GIVE_ROLES}' IN can.capabilities))"
)
_LASTS = LASTS.format(given="can")
_CAN = f"MATCH (holder:Entity)-[can:CAN]->(scope:Entity) WHERE {_LASTS} {_ROW}"
_HELD = f"UNWIND $keys AS key MATCH (holder:Entity {{_key: key}})-[can:CAN]->(scope:Entity) WHERE {_LASTS} {_ROW}"
# In the scopes that hold others most of what is given is about these.
_AT = f"""
UNWIND $keys AS key MATCH (scope:Entity {{_key: key}})<-[can:CAN]-(holder:Entity)
WHERE {_LASTS}
  AND ({_OF_ANY} OR NOT scope:azure_account|azure_management_group|azure_subscription|azure_resource_group) {_ROW}
"""
_IN_TYPES = f"MATCH (scope:{{types}})<-[can:CAN]-(holder:Entity) WHERE {_LASTS} AND {_OF_ANY} {_ROW}"
# Permissions that a hop names by themselves, where no capability of theirs made them a `CAN`. Of Microsoft Graph alone:
# any other API may call a role of its own the same.
_PERMISSIONS = f"""
MATCH (given:azure_app_role_assignment)-[:ASSIGNED]->(holder:Entity)
WHERE given._stub IS NULL AND given.permission IN $named
  AND NOT EXISTS {{ (holder)-[:CAN {{assignment: given._key}}]->() }}
  AND NOT EXISTS {{ (given)-[:ALLOWS]->(api:Entity) WHERE toLower(api.appId) <> '{GRAPH_APP_ID}' }}
MATCH (tenant:azure_account)
WHERE given._scope IS NULL OR tenant._key = {TENANT_OF.format(node="given")}
RETURN holder._key AS holder, tenant._key AS scope, tenant._type AS scopeType, 'application' AS kind,
       given._key AS assignment, [] AS capabilities, given.permission AS role, given.appRoleId AS roleKey,
       null AS condition, false AS eligible, null AS until, null AS needsApproval, null AS deniedBy
"""
_HELD_PERMISSIONS = f"UNWIND $keys AS key MATCH (holder:Entity {{_key: key}}) {_PERMISSIONS}"


def all_given(database: Database, kinds: Iterable[HopKind]) -> Iterator[Mapping[str, Any]]:
    """A row for everything that is given to anybody."""
    yield from database.stream(_CAN)
    yield from given_permissions(database, kinds)


def given_permissions(database: Database, kinds: Iterable[HopKind]) -> Iterator[Mapping[str, Any]]:
    """A row for each permission that no `CAN` tells of."""
    yield from database.stream(_PERMISSIONS, {"named": _named(kinds)})


def given_to(database: Database, holders: Collection[str], kinds: Iterable[HopKind]) -> Iterator[Mapping[str, Any]]:
    """A row for everything that is given to some holders themselves."""
    yield from database.read(_HELD, {"keys": list(holders)})
    yield from database.read(_HELD_PERMISSIONS, {"keys": list(holders), "named": _named(kinds)})


def given_at(
    database: Database, scopes: Collection[str], capabilities: Collection[str], roles: Collection[str]
) -> list[Mapping[str, Any]]:
    """What is given in some scopes; in those that hold others, with one of the capabilities or by a role's name."""
    return list(database.read(_AT, {"keys": list(scopes), **_asked(capabilities, roles)}))


def given_in_types(
    database: Database, types: Collection[str], capabilities: Collection[str], roles: Collection[str]
) -> list[Mapping[str, Any]]:
    """What is given in all scopes of some types, with one of the capabilities or by a role's name."""
    query = _IN_TYPES.format(types="|".join(sorted(types)))
    return list(database.read(query, _asked(capabilities, roles)))


def _asked(capabilities: Collection[str], roles: Collection[str]) -> dict[str, list[str]]:
    return {"capabilities": sorted(capabilities), "roles": sorted(one.lower() for one in roles)}


def _named(kinds: Iterable[HopKind]) -> list[str]:
    return sorted({name for kind in kinds for name in kind.roles})


class Given:
    """Makes nodes of what was given; by hop, in which places a layer of it is needed; the types of these scopes."""

    def __init__(self, roles: Roles, closed: Mapping[str, Container[str]], resets: Resets) -> None:
        """closed: by hop, the resources that no role of Azure reaches, whatever it allows. resets: of hops by table."""
        self._roles, self._closed, self._resets = roles, closed, resets
        self._parts: list[tuple[int, HopKind, str]] = []
        self.scopes: defaultdict[str, set[str]] = defaultdict(set)
        self.types: dict[str, str | None] = {}

    def add(self, database: Database, network: Network, rows: Iterable[Mapping[str, Any]], *, eligible: bool) -> None:
        """Adds what the rows tell of. eligible: that too which has to be taken up first."""
        into: list[tuple[int, int, float]] = []
        for row in rows:
            if eligible or not row["eligible"]:
                self._add(network, dict(row), into)
        for holder, node, cost in into:
            network.join([(holder, node)], ON_THE_WAY, cost)
        self._add_parts(database, network)

    def _add_parts(self, database: Database, network: Network) -> None:
        named = names_in_vaults(database, {scope for _, _, scope in self._parts})
        for node, kind, scope in self._parts:
            network.join([(node, network.entity(named.get(scope, scope)))], network.number[kind.id], kind.cost - HOP)
        self._parts = []

    def _add(self, network: Network, row: dict[str, Any], into: list[tuple[int, int, float]]) -> None:
        scope, scope_type = row["scope"], row["scopeType"]
        part = arm_type_of(scope) if row["kind"] in AZURE and scope.startswith("/subscriptions/") else ""
        kinds = self._roles.hops_of(row)
        on_parts = self._roles.hops_of(row, part) if "/" in part else []
        if self._roles.narrowed(row) is not None:
            row["capabilities"] = [one for one in row["capabilities"] if one != GIVE_ROLES]
        if row["kind"] in AZURE and scope_type == TENANT:
            scope, scope_type = root_of(scope), ROOT
        row |= {"scope": scope, "scopeType": scope_type}
        node = network.node(_name(row), GIVEN)
        network.evidence[node] = row
        into.append((network.entity(row["holder"]), node, cost_of(row)))
        self.types[scope] = scope_type
        for kind, whole in leading_on(on_parts, scope):
            if whole not in self._closed.get(kind.id, ()):
                self._parts.append((node, kind, whole if kind.as_whole else scope))
        for kind in kinds:
            if row["kind"] != "policy" and scope_type in kind.types and scope in self._closed.get(kind.id, ()):
                continue
            if kind.whole and scope_type is None:
                self._parts.append((node, kind, scope))
            elif kind.whole:
                network.join([(node, network.entity(scope))], network.number[kind.id], kind.cost - HOP)
            else:
                place = self._resets.place(row, scope) if kind.by_table else scope
                self.scopes[kind.id].add(place)
                network.join([(node, layer(network, kind, place))], ON_THE_WAY, 0.0)


def _name(row: Mapping[str, Any]) -> str:
    """One assignment may give one holder several roles in one scope, as a delegation does."""
    role = row["roleKey"] or row["role"]
    return f"{row['assignment']} for {row['holder']} on {row['scope']}: {role}{', eligible' if row['eligible'] else ''}"


def cost_of(row: Mapping[str, Any]) -> float:
    """What a given role costs its holder: more where it has to be taken up, agreed to, or holds under a condition."""
    return (
        HOP
        + (ELIGIBLE if row["eligible"] else 0)
        + (APPROVAL if row["needsApproval"] else 0)
        + (CONDITION if row["condition"] or row["deniedBy"] else 0)
    )
