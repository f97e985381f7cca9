"""The next paths against an enumeration of all simple paths on random small graphs."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
import rustworkx as rx

from loader.paths.network import Network
from loader.paths.search import ways


@pytest.mark.parametrize("seed", range(40))
def test_all_ways_are_found_each_once_the_cheapest_first(seed: int) -> None:
    choose = random.Random(seed)
    network = Network()
    nodes = [network.entity(f"n{place}") for place in range(7)]
    for one, other in {(choose.choice(nodes), choose.choice(nodes)) for _ in range(16)}:
        if one != other:
            network.join([(one, other)], 0, choose.choice([0.0, 0.25, 1.0, 2.0]))
    before = list(network.weights)
    found = list(ways(network, nodes[0], nodes[6]))
    expected = {tuple(way) for way in rx.all_simple_paths(network.graph, nodes[0], nodes[6])}
    assert {way for _, way in found} == expected
    assert len(found) == len(expected)
    costs = [cost for cost, _ in found]
    assert costs == sorted(costs)
    for cost, way in found:
        legs = [min(network.weights[edge] for edge in network.edges_between(*leg)) for leg in pairwise(way)]
        assert cost == pytest.approx(sum(legs))
    assert list(network.weights) == before
