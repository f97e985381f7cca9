"""The shortest way between two nodes and the next ones after it, none of which comes to a node twice.

rustworkx finds one shortest way; the next follow by Yen's method, which closes edges of the ways that are known already
and searches again from each node of them (https://doi.org/10.1287/mnsc.17.11.712).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import pairwise

import rustworkx as rx

from loader.paths.network import CLOSED, Network

Way = tuple[int, ...]


def shortest(network: Network, source: int, target: int) -> tuple[float, Way] | None:
    """The cheapest way and what it costs; None where there is none."""
    found = rx.dijkstra_shortest_paths(network.graph, source, target=target, weight_fn=network.weights.__getitem__)
    if target not in found:
        return None
    way = tuple(found[target])
    cost = _cost(network, way)
    return None if cost == CLOSED else (cost, way)


def ways(network: Network, source: int, target: int) -> Iterator[tuple[float, Way]]:
    """All ways without a loop, the cheapest first, as many as are taken."""
    first = shortest(network, source, target)
    if first is None:
        return
    told: list[Way] = []
    waiting: list[tuple[float, Way]] = [first]
    seen = {first[1]}
    while waiting:
        cost, way = heapq.heappop(waiting)
        yield cost, way
        told.append(way)
        for place in range(len(way) - 1):
            for other in _leaving_at(network, told, way, place, target):
                if other[1] not in seen:
                    seen.add(other[1])
                    heapq.heappush(waiting, other)


def _leaving_at(network: Network, told: list[Way], way: Way, place: int, target: int) -> Iterator[tuple[float, Way]]:
    """The cheapest way that goes along `way` up to a place and leaves there all that have been told."""
    root = way[: place + 1]
    closed: dict[int, float] = {}
    try:
        for node in root[:-1]:
            # Either side keeps the way from coming back; hubs have very many edges on one of them.
            leaving = network.graph.out_degree(node) <= network.graph.in_degree(node)
            for _, _, edge in (network.graph.out_edges if leaving else network.graph.in_edges)(node):
                closed.setdefault(edge, network.weights[edge])
        for other in told:
            if other[: place + 1] == root:
                for edge in network.graph.get_all_edge_data(other[place], other[place + 1]):
                    closed.setdefault(edge, network.weights[edge])
        before = _cost(network, root)
        for edge in closed:
            network.weights[edge] = CLOSED
        found = shortest(network, way[place], target)
    finally:
        for edge, weight in closed.items():
            network.weights[edge] = weight
    if found is not None:
        yield before + found[0], root[:-1] + found[1]


def _cost(network: Network, way: Way) -> float:
    total = 0.0
    for one, other in pairwise(way):
        total += min(network.weights[edge] for edge in network.graph.get_all_edge_data(one, other))
    return total
