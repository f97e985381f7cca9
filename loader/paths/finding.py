"""Paths between ends that people name, and how far somebody gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import rustworkx as rx

from loader.errors import UsageError
from loader.nearest import alternatives
from loader.paths.growth import Side, grow, shortest_ways
from loader.paths.naming import Named, found_by, names_of
from loader.paths.network import CLOSED, ENTITY, Network
from loader.paths.reading import anchor
from loader.paths.telling import Path, tell
from loader.paths.tiers import tagged, tags, tier0_nodes
from loader.paths.toward import everybody, shortest_of_each
from loader.tier0 import declared, tag_of

if TYPE_CHECKING:
    from loader.graph import Database

TIER0 = "tier-0"
INTERNET = "internet"
_INTERNET_KEY = "MATCH (net:internet) RETURN net._key AS key"


@dataclass(frozen=True, slots=True)
class Ends:
    """Nodes that a path begins or ends at, and how people call them together."""

    nodes: tuple[int, ...]
    called: str


def beginning(database: Database, network: Network, text: str) -> Ends:
    """Where a path begins: `internet`, or a name. Raises UsageError for a name that nothing has."""
    if text.strip().lower() == INTERNET:
        keys = [row["key"] for row in database.read(_INTERNET_KEY)]
        return Ends(tuple(network.entity(key) for key in keys), "the Internet")
    found = found_by(database, text, words=[INTERNET])
    return Ends(tuple(anchor(database, network, one.key) for one in found), found[0].name)


def target(database: Database, network: Network, text: str, folders: Sequence[FilePath] = ()) -> Ends:
    """Where a path ends: `tier-0`, a tag as name=value, or a name. Raises UsageError where nothing is meant."""
    if text.strip().lower() == TIER0:
        return Ends(tuple(tier0_nodes(database, network, declared(folders).tier0)), "tier 0")
    if tag_of(text):
        keys = tagged(database, text)
        if not keys:
            raise UsageError(f"Nothing in the graph has the tag {text!r}. {alternatives(text, tags(database))}")
        return Ends(tuple(anchor(database, network, key) for key in keys), f"what is tagged {text}")
    found = found_by(database, text, words=[TIER0])
    return Ends(tuple(anchor(database, network, one.key) for one in found), found[0].name)


def find_paths(database: Database, network: Network, source: Ends, goal: Ends, count: int) -> list[Path]:
    """The shortest path and the next ones, as many as `count` says; none of them goes through an end."""
    sources = [one for one in source.nodes if one not in goal.nodes]
    if not sources or not goal.nodes:
        return []
    return tell(database, network, shortest_ways(network, sources, goal.nodes, count))


def paths_of_everybody(database: Database, network: Network, goal: Ends, count: int) -> list[Path]:
    """One path for each who gets there without having been given it: users, outside workloads, the Internet.

    It takes a whole network.
    """
    if not goal.nodes:
        return []
    return tell(database, network, islice(shortest_of_each(network, everybody(database, network), goal.nodes), count))


@dataclass(frozen=True, slots=True)
class Reached:
    """Something that somebody can come to: how far it is, and whether it is tier 0."""

    entity: Named
    cost: float
    tier0: bool

    def as_json(self) -> dict[str, Any]:
        """Everything of it."""
        return {
            "name": self.entity.name,
            "type": self.entity.type,
            "cost": self.cost,
            "tier0": self.tier0,
            "key": self.entity.key,
        }


def blast_radius(database: Database, network: Network, source: Ends, tier0: Sequence[int]) -> list[Reached]:
    """All that somebody can come to, the nearest first; what is tier 0 is marked."""
    if not source.nodes:
        return []
    side = Side(network, source.nodes, (), forward=True)
    while not network.whole and side.next_size:
        grow(network, side)
    start = source.nodes[0] if len(source.nodes) == 1 else network.begin(source.nodes)
    costs = rx.dijkstra_shortest_path_lengths(network.graph, start, network.weights.__getitem__)
    high = {node for node in tier0 if network.sorts[node] == ENTITY}
    holding = {network.evidence[node]["scope"] for node in tier0 if node in costs and node in network.evidence}
    reached = {
        node: cost
        for node, cost in costs.items()
        if cost != CLOSED and network.sorts[node] == ENTITY and node not in source.nodes
    }
    names = names_of(database, (network.names[node] for node in reached))
    found = [
        Reached(names[network.names[node]], cost, node in high or network.names[node] in holding)
        for node, cost in reached.items()
    ]
    return sorted(found, key=lambda one: (one.cost, one.entity.type, one.entity.name, one.entity.key))
