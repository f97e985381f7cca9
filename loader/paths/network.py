"""All hops of a graph, as a directed graph of rustworkx that holds nothing but numbers.

A node is an entity (`ENTITY`), a role given to somebody (`GIVEN`), or a capability in a scope (`LAYER`), through which
what is given high up comes to all that lies below without a relationship for each. A search from several nodes or to
several has one more on that side (`BOUND`). Its payload is its own index, an
edge's its own number: weights and kinds stand in flat arrays beside it, so that a search can close an edge and open it
again without touching the graph.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import rustworkx as rx

from loader.paths.kinds import HopKind, hop_kinds

ENTITY, GIVEN, LAYER, BOUND = range(4)
CLOSED = float("inf")
# The kind of edges that only lead on: into a given role, and down the scopes of a capability.
ON_THE_WAY = 255


class Network:
    """Nodes by name, edges by number. Fill it with `entity`, `node` and `join`, then search it."""

    def __init__(self) -> None:
        self.whole = True
        self.graph: rx.PyDiGraph[int, int] = rx.PyDiGraph(multigraph=True)
        self.names: list[str] = []
        self.sorts = bytearray()
        self.index: dict[str, int] = {}
        self.evidence: dict[int, Mapping[str, Any]] = {}
        self.layers: dict[int, tuple[HopKind, str]] = {}
        self.weights: array[float] = array("d")
        self.kinds = bytearray()
        self.of_kind: tuple[HopKind, ...] = hop_kinds()
        self.number = {kind.id: place for place, kind in enumerate(self.of_kind)}

    def node(self, name: str, sort: int) -> int:
        """The index of a node, which is made where there is none yet."""
        found = self.index.get(name)
        if found is None:
            found = self.graph.add_node(len(self.names))
            self.index[name] = found
            self.names.append(name)
            self.sorts.append(sort)
        return found

    def entity(self, key: str) -> int:
        """The node of an entity, by its `_key`."""
        return self.node(key, ENTITY)

    def join(self, pairs: Sequence[tuple[int, int]], kind: int, weight: float) -> None:
        """Edges of one kind and weight."""
        first = len(self.weights)
        self.weights.extend([weight] * len(pairs))
        self.kinds.extend(bytes([kind]) * len(pairs))
        self.graph.add_edges_from([(one, other, first + place) for place, (one, other) in enumerate(pairs)])

    def end(self, targets: Iterable[int]) -> int:
        """A node to which every one of `targets` leads for nothing: the end of a search for any of them."""
        node = self.node(f"end {len(self.names)}", BOUND)
        self.join([(one, node) for one in targets], ON_THE_WAY, 0.0)
        return node

    def begin(self, sources: Iterable[int]) -> int:
        """A node that leads to every one of `sources` for nothing."""
        node = self.node(f"begin {len(self.names)}", BOUND)
        self.join([(node, one) for one in sources], ON_THE_WAY, 0.0)
        return node

    def edges_between(self, one: int, other: int) -> list[int]:
        """The numbers of the open edges from one node to another, the cheapest first."""
        found = [edge for edge in self.graph.get_all_edge_data(one, other) if self.weights[edge] != CLOSED]
        return sorted(found, key=lambda edge: (self.weights[edge], self.kinds[edge]))

    def cost(self, way: Sequence[int], weights: Sequence[float] | None = None) -> float:
        """What a way costs, by the weights of the edges or by others for them."""
        of = self.weights if weights is None else weights
        legs = (self.graph.get_all_edge_data(one, other) for one, other in pairwise(way))
        return sum(min(of[edge] for edge in edges) for edges in legs)

    def learn_from(self, nodes: Collection[int]) -> None:
        """Makes the edges out of the nodes known. Here they are: a `Growing` reads them."""

    def learn_into(self, nodes: Collection[int]) -> None:
        """Makes the edges into the nodes known."""

    def learn_given_in(self, types: Collection[str], capabilities: Collection[str], roles: Collection[str]) -> None:
        """Makes the roles known that are given in scopes of some types, with one of the capabilities or of a name."""

    def learn_all(self) -> None:
        """Makes all edges known."""
