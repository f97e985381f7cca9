"""How far a network has to be known for the shortest ways between two ends, and growing it that far.

It grows from both ends by costs, as in Dijkstra's search, on the side where less is to be read. A way that costs less
than what is known from both sides together has no edge that is not known, so the ways below that are the shortest of
the whole graph.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from itertools import islice

from loader.paths.kinds import CONTAINMENT, HOP
from loader.paths.network import CLOSED, ENTITY, GIVEN, LAYER, Network
from loader.paths.search import Way, ways

# A whole directory is this much to read; and of so many nodes, reading the whole graph takes less time.
_DIRECTORY, _MOST = 2_000, 20_000


def shortest_ways(
    network: Network, sources: Sequence[int], goals: Sequence[int], count: int
) -> list[tuple[float, Way]]:
    """The shortest ways from any of the sources to any of the goals, none of which goes through another of these."""
    ahead, back = Side(network, sources, goals, forward=True), Side(network, goals, sources, forward=False)
    start = sources[0] if len(sources) == 1 else network.begin(sources)
    stop = network.end(goals)
    # Below what cost ways are worth a search: that of the first that is known, then of the last that is asked for.
    sought, searched = CLOSED, False
    while True:
        known = CLOSED if network.whole else max(ahead.beyond + back.reach, ahead.reach + back.beyond)
        if known > sought or known == CLOSED:
            closed = _closed(network, start, sources, stop, goals)
            found = list(islice(ways(network, start, stop, closed), count))
            full = len(found) == count
            if known == CLOSED or (full and found[-1][0] < known):
                return found
            sought, searched = found[-1][0] if full else known, True
        grow(network, ahead, back)
        if not searched:
            sought = min(sought, _meeting(ahead, back))


def grow(network: Network, *sides: Side) -> None:
    """Takes a step on the side where least is to be read; past a certain size, reads the whole graph."""
    side = min(sides, key=lambda one: one.next_size)
    if sum(len(one.costs) for one in sides) + side.next_size > _MOST:
        network.learn_all()
    else:
        side.step()


class Side:
    """What is known from one end: for each node its least cost to the end. It goes no further than the other ends."""

    def __init__(self, network: Network, ends: Collection[int], others: Collection[int], *, forward: bool) -> None:
        self._network, self._forward, self._others = network, forward, frozenset(others)
        self.costs: dict[int, float] = dict.fromkeys(ends, 0.0)
        self._waiting = [(0.0, one) for one in ends]
        self._next: list[int] = []
        self._choose()

    def step(self) -> None:
        """Makes the edges of the nearest nodes known that have not been gone on from."""
        network, nodes = self._network, self._next
        (network.learn_from if self._forward else network.learn_into)(nodes)
        for node in nodes:
            for one, other, edge in (network.graph.out_edges if self._forward else network.graph.in_edges)(node):
                far, cost = other if self._forward else one, self.reach + network.weights[edge]
                if cost < self.costs.get(far, CLOSED):
                    self.costs[far] = cost
                    heapq.heappush(self._waiting, (cost, far))
        self._choose()

    def _choose(self) -> None:
        """reach: the cost at which edges begin to be unknown; beyond: that with the least that such an edge costs."""
        self._next = []
        self.reach = CLOSED
        while self._waiting and self._waiting[0][0] <= self.reach:
            cost, node = heapq.heappop(self._waiting)
            if cost == self.costs[node] and node not in self._others:
                self.reach = cost
                self._next.append(node)
        ahead = [self.reach + self._least(node) for node in self._next]
        ahead += [cost + self._least(node) for cost, node in self._waiting if cost < self.reach + HOP]
        self.beyond = min(ahead, default=CLOSED)
        self.next_size = sum(map(self._size, self._next))

    def _least(self, node: int) -> float:
        """The least that an edge of the node costs."""
        sort = self._network.sorts[node]
        if not self._forward:
            return HOP if sort == GIVEN else 0.0
        if sort == ENTITY:
            return CONTAINMENT if self._network.names[node].startswith("/") else HOP
        return 0.0

    def _size(self, node: int) -> int:
        whole = self._forward and self._network.sorts[node] == LAYER and self._network.layers[node][0].plane != "azure"
        return _DIRECTORY if whole else 1


def _meeting(one: Side, other: Side) -> float:
    """What the cheapest way costs that is known so far."""
    fewer, more = sorted((one.costs, other.costs), key=len)
    return min((cost + more[node] for node, cost in fewer.items() if node in more), default=CLOSED)


def _closed(network: Network, start: int, sources: Sequence[int], stop: int, goals: Sequence[int]) -> set[int]:
    """A path that comes to one of several ends is at its end, and one that comes by a beginning begins there."""
    graph = network.graph
    on = {edge for node in goals for _, other, edge in graph.out_edges(node) if other != stop}
    return on | {edge for node in sources for one, _, edge in graph.in_edges(node) if one != start}
