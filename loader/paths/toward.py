"""How everybody comes to one end: who may begin a path, and the shortest way of each, found from the end backwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import rustworkx as rx

from loader.paths.network import CLOSED, Network
from loader.paths.telling import raw_hops

if TYPE_CHECKING:
    from loader.graph import Database

# Where attackers begin: accounts that can be taken over, workloads outside, the Internet.
_SOURCES = """
MATCH (one:azure_user|internet|azure_federated_identity_credential|azure_application_federated_identity_credential)
WHERE one._stub IS NULL AND coalesce(one.accountEnabled, true) RETURN one._key AS key
"""
_MEMBER = "member-of"


def everybody(database: Database, network: Network) -> list[int]:
    """The nodes of all who may begin a path."""
    keys = (row["key"] for row in database.stream(_SOURCES))
    return [network.index[key] for key in keys if key in network.index]


def close_at(network: Network, goals: Collection[int]) -> int:
    """The end of a search for any of the goals; none of its ways goes on from one goal to another."""
    for node in goals:
        for _, _, edge in network.graph.out_edges(node):
            network.weights[edge] = CLOSED
    return network.end(goals)


def shortest_of_each(
    network: Network, sources: Collection[int], goals: Collection[int]
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The shortest way of each source that gets there, the shortest first.

    Who has been given what is sought, themselves or through a group, takes nothing over and is left out.
    """
    end = close_at(network, goals)
    following = next_nodes(backwards(network), network, end)
    ways = (_way(following, one, end) for one in set(sources) - set(goals) if one in following)
    told = ((network.cost(way), way) for way in ways if not _is_own(network, way))
    yield from sorted(told, key=lambda one: (one[0], network.names[one[1][0]]))


def _way(following: dict[int, int], source: int, end: int) -> tuple[int, ...]:
    way = [source]
    while way[-1] != end:
        way.append(following[way[-1]])
    return tuple(way)


def _is_own(network: Network, way: tuple[int, ...]) -> bool:
    hops = raw_hops(network, way)
    last = hops[-1].given if hops else None
    return (
        last is not None
        and not network.evidence[last]["eligible"]
        and all(hop.kind is not None and hop.kind.id == _MEMBER for hop in hops[:-1])
    )


def backwards(network: Network) -> rx.PyDiGraph[int, int]:
    """The open edges turned round, so that all who come to the end are reached from it."""
    back: rx.PyDiGraph[int, int] = rx.PyDiGraph(multigraph=True)
    back.add_nodes_from(range(len(network.names)))
    back.add_edges_from(
        [(two, one, edge) for one, two, edge in network.graph.weighted_edge_list() if network.weights[edge] != CLOSED]
    )
    return back


def next_nodes(back: rx.PyDiGraph[int, int], network: Network, end: int) -> dict[int, int]:
    """For each node that comes to the end: the next one on its shortest way, itself for the end."""
    costs = {end: 0.0} | dict(rx.dijkstra_shortest_path_lengths(back, end, network.weights.__getitem__))
    following = {end: end}
    for node, cost in costs.items():
        if node == end:
            continue
        steps = (
            (costs[one] + network.weights[edge] - cost, costs[one], network.names[one], one)
            for one, _, edge in back.in_edges(node)
            if one in costs
        )
        following[node] = min(steps)[3]
    return following
