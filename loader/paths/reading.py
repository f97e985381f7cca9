"""From the graph to a whole `Network`: rows are streamed and nothing of them is kept but who leads to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from loader.paths.directory import Directory
from loader.paths.given import Given, all_given
from loader.paths.kinds import HopKind
from loader.paths.layers import add_containment, add_layers, add_members, layer
from loader.paths.network import ON_THE_WAY, Network
from loader.paths.pairs import all_pairs
from loader.paths.parts import add_ways_into, names_in_vaults
from loader.paths.resets import Resets, scope_of, taken_over
from loader.paths.resources import closed
from loader.paths.roles import Roles
from loader.paths.scopes import Scopes

if TYPE_CHECKING:
    from loader.graph import Database

# Pairs that are joined at once.
_BATCH = 10_000
# A resource that no hop leads to by itself, into the scopes that hold it.
_HOLDERS = """
MATCH (one:Entity {_key: $key})
MATCH (group:azure_resource_group)-[:HAS]->{1,3}(one)
RETURN DISTINCT group._key AS key
"""


def read_network(database: Database, *, eligible: bool = True) -> Network:
    """All hops of the graph. eligible: also those that somebody would have to take up first."""
    network = Network()
    read_into(network, database, eligible=eligible)
    return network


def read_into(network: Network, database: Database, *, eligible: bool) -> None:
    """Adds all hops of the graph to a network that may have some of them already."""
    for kind in network.of_kind:
        if (kind.match or kind.query) and (eligible or not kind.eligible):
            add_pairs(database, network, kind)
    azure = spreading(network.of_kind, "azure")
    shut = {kind.id: closed(database, kind) for kind in azure if kind.narrowed}
    roles = Roles(network.of_kind)
    roles.read(database)
    resets = Resets.read(database)
    given = Given(roles, shut, resets)
    given.add(database, network, all_given(database, network.of_kind), eligible=eligible)
    scopes = Scopes.read(database, azure)
    scopes.know(given.types)
    add_containment(network, scopes)
    for kind in azure:
        add_layers(network, kind, given.scopes[kind.id], scopes, shut.get(kind.id, frozenset()))
    directory = Directory.read(database)
    add_tenants(network, directory.tenants)
    for kind in spreading(network.of_kind, "directory"):
        _add_directory(network, directory, given, kind, resets)


def spreading(kinds: Iterable[HopKind], plane: str) -> list[HopKind]:
    """The hops that a role is to what lies in its scope, over Azure's scopes or over the directory."""
    return [kind for kind in kinds if kind.is_given and kind.plane == plane and not kind.whole]


def add_pairs(database: Database, network: Network, kind: HopKind) -> None:
    """All pairs of a kind."""
    number, pairs = network.number[kind.id], list[tuple[int, int]]()
    for row in database.stream(all_pairs(kind)):
        end = network.entity(row["to"])
        pairs += [(network.entity(one), end) for one in row["several"]]
        if len(pairs) >= _BATCH:
            network.join(pairs, number, kind.cost)
            pairs = []
    network.join(pairs, number, kind.cost)


def add_tenants(network: Network, tenants: Iterable[str]) -> None:
    """Whoever has taken over a tenant has every capability over its directory."""
    for kind in spreading(network.of_kind, "directory"):
        for tenant in tenants:
            place = taken_over(tenant) if kind.by_table else tenant
            network.join([(network.entity(tenant), layer(network, kind, place))], ON_THE_WAY, 1.0)


def _add_directory(network: Network, directory: Directory, given: Given, kind: HopKind, resets: Resets) -> None:
    parts = {scope_of(one) for one in given.scopes[kind.id]} - set(directory.tenants)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for scope, found in (*directory.everywhere(kind), *directory.in_units(kind, parts)):
        members[scope] += found
    # A role or an ownership that is given on one object leads to that object.
    members |= directory.objects(kind, (one for one in parts if given.types.get(one) in kind.types))
    if kind.by_table:
        resets.add(network, kind, members, directory.tenants)
    else:
        add_members(network, kind, members)


def anchor(database: Database, network: Network, key: str) -> int:
    """The node of an entity that is asked about; one that no hop leads to by itself hangs in its resource group."""
    key = names_in_vaults(database, [key]).get(key, key)
    node = network.entity(key)
    network.learn_into([node])
    if not add_ways_into(database, network, key) and not network.graph.in_degree(node):
        above = [network.entity(row["key"]) for row in database.read(_HOLDERS, {"key": key})]
        kind = next(one for one in network.of_kind if one.below)
        network.join([(one, node) for one in above], network.number[kind.id], kind.cost)
    return node
