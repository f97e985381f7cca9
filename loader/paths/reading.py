"""From the graph to a `Network`: rows are streamed and nothing of them is kept but who leads to whom."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from loader.areas import TENANT_OF
from loader.paths.given import Given
from loader.paths.kinds import HopKind
from loader.paths.layers import add_containment, add_layers, add_members, layer
from loader.paths.network import ON_THE_WAY, Network
from loader.paths.resets import Resets, scope_of
from loader.paths.scopes import Scopes

if TYPE_CHECKING:
    from loader.graph import Database

# Pairs that are joined at once.
_BATCH = 10_000
# One row for each end: a row for each pair takes longer to come here than to be found.
_PAIRS = "CALL () {{ {query} }} RETURN `to`, collect(`from`) AS several"
_TENANTS = "MATCH (tenant:azure_account) RETURN tenant._key AS key"
_IN_DIRECTORY = (
    "MATCH (target:{types}) WHERE {only} "
    f"RETURN {TENANT_OF.format(node='target')} AS tenant, collect(target._key) AS keys"
)
_CLOSED = "MATCH (target:{types}) WHERE NOT ({only}) RETURN target._key AS key"
_IN_UNITS = """
MATCH (scope:azure_administrative_unit)-[:HAS]->(target:{types}) WHERE scope._key IN $scopes AND {only}
RETURN scope._key AS scope, collect(target._key) AS keys
"""
_RESTRICTED = """
MATCH (unit:azure_administrative_unit {isMemberManagementRestricted: true})-[:HAS]->(one:Entity)
RETURN unit._key AS unit, collect(one._key) AS members
"""
# A resource that no hop leads to by itself, into the scopes that hold it.
_HOLDERS = """
MATCH (one:Entity {_key: $key})
MATCH (group:azure_resource_group)-[:HAS]->{1,3}(one)
RETURN DISTINCT group._key AS key
"""


def read_network(database: Database, *, eligible: bool = True) -> Network:
    """All hops of the graph. eligible: also those that somebody would have to take up first."""
    network = Network()
    for kind in network.of_kind:
        if kind.query and (eligible or not kind.eligible):
            _add_pairs(database, network, kind)
    azure = [kind for kind in network.of_kind if kind.is_given and kind.plane == "azure" and kind.types]
    closed = {kind.id: _closed(database, kind) for kind in azure if kind.only}
    resets = Resets.read(database)
    given = Given(closed, resets)
    given.read(database, network, eligible=eligible)
    scopes = Scopes.read(database, {one for kind in azure for one in kind.types})
    scopes.know(given.types)
    add_containment(network, scopes)
    for kind in azure:
        add_layers(network, kind, given.scopes[kind.id], scopes, closed.get(kind.id, frozenset()))
    _add_directory(database, network, given, resets)
    return network


def _closed(database: Database, kind: HopKind) -> frozenset[str]:
    query = _CLOSED.format(types="|".join(kind.types), only=kind.only)
    return frozenset(row["key"] for row in database.stream(query))


def _add_pairs(database: Database, network: Network, kind: HopKind) -> None:
    number, pairs = network.number[kind.id], list[tuple[int, int]]()
    for row in database.stream(_PAIRS.format(query=kind.query)):
        end = network.entity(row["to"])
        pairs += [(network.entity(one), end) for one in row["several"]]
        if len(pairs) >= _BATCH:
            network.join(pairs, number, kind.cost)
            pairs = []
    network.join(pairs, number, kind.cost)


def _add_directory(database: Database, network: Network, given: Given, resets: Resets) -> None:
    """Whoever has taken over the tenant has every capability over its directory."""
    tenants = [row["key"] for row in database.read(_TENANTS)]
    restricted = {row["unit"]: frozenset(row["members"]) for row in database.read(_RESTRICTED)}
    # Nobody changes the members of a restricted unit but those who have a role for such a unit.
    kept = frozenset[str]().union(*restricted.values())
    for kind in network.of_kind:
        if not kind.is_given or kind.plane != "directory" or kind.whole:
            continue
        members = _members(database, kind, given, tenants)
        if kept:
            members = {scope: found if scope in restricted else found - kept for scope, found in members.items()}
        if kind.by_table:
            resets.add(network, kind, members, given.scopes[kind.id], tenants)
            continue
        for tenant in tenants:
            network.join([(network.entity(tenant), layer(network, kind, tenant))], ON_THE_WAY, 1.0)
        add_members(network, kind, members)


def _members(database: Database, kind: HopKind, given: Given, tenants: list[str]) -> dict[str, set[str]]:
    """Whom a hop leads to, by scope: the tenants, and the parts of them in which it is given."""
    members = _everywhere(database, kind, tenants)
    parts = {scope_of(one) for one in given.scopes[kind.id]} - set(tenants)
    if parts:
        found = {"types": "|".join(kind.types), "only": kind.only or "true"}
        for row in database.stream(_IN_UNITS.format(**found), {"scopes": sorted(parts)}):
            members[row["scope"]].update(row["keys"])
    # A role or an ownership that is given on one object leads to that object.
    return members | {one: {one} for one in parts if given.types.get(one) in kind.types}


def _everywhere(database: Database, kind: HopKind, tenants: list[str]) -> dict[str, set[str]]:
    """Whom a capability over all of a directory is a hop to, by tenant; with one tenant, everybody is of it."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    query = _IN_DIRECTORY.format(types="|".join(kind.types), only=kind.only or "true")
    for row in database.stream(query):
        for tenant in tenants:
            if row["tenant"] in (tenant, None) or len(tenants) == 1:
                members[tenant].update(row["keys"])
    return members


def anchor(database: Database, network: Network, key: str) -> int:
    """The node of an entity that is asked about; one that no hop leads to by itself hangs in its resource group."""
    known = key in network.index
    node = network.entity(key)
    if not known or not network.graph.in_degree(node):
        above = [network.entity(row["key"]) for row in database.read(_HOLDERS, {"key": key})]
        kind = next(one for one in network.of_kind if one.below)
        network.join([(one, node) for one in above], network.number[kind.id], kind.cost)
    return node
