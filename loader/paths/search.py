"""The shortest way between two nodes and the next ones after it, none of which comes to a node twice.

rustworkx finds one shortest way; the next follow by Yen's method, which closes edges of the ways that are known already
and searches again from each node of them (https://doi.org/10.1287/mnsc.17.11.712). Of ways that cost the same those of
fewer edges come first, then those of kinds that `hops.yaml` has further up, then whichever the names of their nodes
decide: never the order in which edges were read.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterable, Iterator
from zlib import crc32

import rustworkx as rx

from loader.paths.network import BOUND, CLOSED, ON_THE_WAY, Network

Way = tuple[int, ...]
# What an edge is longer than its weight, what each place of its kind in `hops.yaml` adds, and what its ends' names may:
# sums of all are exact, and each is, over a whole way, less than the least of the one before.
_EDGE, _KIND, _NAME, _BITS = 2.0**-12, 2.0**-22, 2.0**-47, 20


class Lengths:
    """Weights of a network's edges in which no two ways are the same. closed: edges that are not walked."""

    def __init__(self, network: Network, closed: Iterable[int]) -> None:
        self.network = network
        self.of: array[float] = array("d", network.weights)
        signs = [0 if network.sorts[node] == BOUND else crc32(name.encode()) for node, name in enumerate(network.names)]
        for one, other, edge in network.graph.weighted_edge_list():
            kind = network.kinds[edge]
            self.of[edge] += _EDGE + _NAME * _mixed(signs[one], signs[other])
            self.of[edge] += _KIND * kind if kind != ON_THE_WAY else 0.0
        for edge in closed:
            self.of[edge] = CLOSED

    def shortest(self, source: int, target: int) -> tuple[float, Way] | None:
        """The shortest way and its length; None where there is none."""
        found = rx.dijkstra_shortest_paths(self.network.graph, source, target=target, weight_fn=self.of.__getitem__)
        if target not in found:
            return None
        way = tuple(found[target])
        length = self.sum(way)
        return None if length == CLOSED else (length, way)

    def sum(self, way: Way) -> float:
        """The length of a way."""
        return self.network.cost(way, self.of)


def ways(network: Network, source: int, target: int, closed: Iterable[int] = ()) -> Iterator[tuple[float, Way]]:
    """All ways without a loop with their costs, the cheapest first, as many as are taken."""
    lengths = Lengths(network, closed)
    first = lengths.shortest(source, target)
    if first is None:
        return
    told: list[Way] = []
    waiting: list[tuple[float, Way]] = [first]
    seen = {first[1]}
    while waiting:
        _, way = heapq.heappop(waiting)
        yield network.cost(way), way
        told.append(way)
        for place in range(len(way) - 1):
            for other in _leaving_at(lengths, told, way, place, target):
                if other[1] not in seen:
                    seen.add(other[1])
                    heapq.heappush(waiting, other)


def _leaving_at(lengths: Lengths, told: list[Way], way: Way, place: int, target: int) -> Iterator[tuple[float, Way]]:
    """The shortest way that goes along `way` up to a place and leaves there all that have been told."""
    root, graph = way[: place + 1], lengths.network.graph
    closed: dict[int, float] = {}
    for node in root[:-1]:
        # Either side keeps the way from coming back; hubs have very many edges on one of them.
        leaving = graph.out_degree(node) <= graph.in_degree(node)
        for _, _, edge in (graph.out_edges if leaving else graph.in_edges)(node):
            closed.setdefault(edge, lengths.of[edge])
    for other in told:
        if other[: place + 1] == root:
            for edge in graph.get_all_edge_data(other[place], other[place + 1]):
                closed.setdefault(edge, lengths.of[edge])
    before = lengths.sum(root)
    for edge in closed:
        lengths.of[edge] = CLOSED
    found = lengths.shortest(way[place], target)
    for edge, length in closed.items():
        lengths.of[edge] = length
    if found is not None:
        yield before + found[0], root[:-1] + found[1]


def _mixed(one: int, other: int) -> int:
    """A number of `_BITS` bits that another pair of signs has hardly ever."""
    return ((one * 0x9E3779B1 ^ other * 0x85EBCA77) >> 7) & ((1 << _BITS) - 1)
