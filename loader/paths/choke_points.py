"""What most paths to the highest things pass through, the best cut first.

Two numbers tell how good a cut is. `lost`: how many of those who get there would not get there any more without it,
which the tree of dominators says exactly. `passing`: how many have their shortest path through it; where two ways lead
on side by side neither is lost with one, and this still shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import rustworkx as rx

from loader.paths.naming import Named, names_of
from loader.paths.network import ENTITY, GIVEN, Network
from loader.paths.toward import backwards, close_at, everybody, next_nodes

if TYPE_CHECKING:
    from loader.graph import Database


@dataclass(frozen=True, slots=True)
class ChokePoint:
    """A principal, group, identity, resource or given role. lost, passing, of: numbers of those who begin a path."""

    what: str
    type: str
    lost: int
    passing: int
    of: int
    cut: str
    key: str

    def as_json(self) -> dict[str, Any]:
        """Everything of it."""
        return {
            "name": self.what, "type": self.type, "lost": self.lost, "passing": self.passing, "of": self.of,
            "cut": self.cut, "key": self.key,
        }  # fmt: skip


def choke_points(
    database: Database, network: Network, goals: Sequence[int], *, most: int, sources: Iterable[int] | None = None
) -> list[ChokePoint]:
    """The best cuts between those who may begin a path and the goals. most: how many are told."""
    wanted = set(goals)
    beginnings = set(everybody(database, network) if sources is None else sources) - wanted
    end = close_at(network, wanted)
    back = backwards(network)
    lost = _weights_below(rx.immediate_dominators(back, end), beginnings)
    passing = _weights_below(next_nodes(back, network, end), beginnings)
    coming = lost.get(end, 0)
    found = [
        node
        for node in lost
        if (lost[node] or passing.get(node, 0)) and node not in beginnings and network.sorts[node] in (ENTITY, GIVEN)
    ]
    # Of those that are as good, what is nearer to the end comes first: it is fewer changes.
    found.sort(key=lambda node: (-lost[node], -passing.get(node, 0), network.names[node]))
    return _told(database, network, found[:most], lost, passing, coming)


def _weights_below(above: dict[int, int], beginnings: set[int]) -> dict[int, int]:
    """How many beginnings stand below each node of a tree that is told by what stands above each; itself included."""
    below = {node: int(node in beginnings) for node in above}
    children = dict.fromkeys(above, 0)
    for node, parent in above.items():
        if node != parent:
            children[parent] += 1
    waiting = [node for node, count in children.items() if not count]
    while waiting:
        node = waiting.pop()
        parent = above[node]
        if parent == node:
            continue
        below[parent] += below[node]
        children[parent] -= 1
        if not children[parent]:
            waiting.append(parent)
    return below


def _told(
    database: Database, network: Network, found: Sequence[int], lost: dict[int, int], passing: dict[int, int], of: int
) -> list[ChokePoint]:
    keys: set[str] = set()
    for node in found:
        row = network.evidence.get(node)
        keys |= {row["holder"], row["scope"]} if row else {network.names[node]}
    names = names_of(database, keys)
    return [_point(network, names, node, lost[node], passing.get(node, 0), of) for node in found]


def _point(network: Network, names: Any, node: int, lost: int, passing: int, of: int) -> ChokePoint:
    row = network.evidence.get(node)
    if row is None:
        one: Named = names[network.names[node]]
        return ChokePoint(one.name, one.type, lost, passing, of, f"Guard {one.name}: few in, few ways on.", one.key)
    holder, scope = names[row["holder"]].name, names[row["scope"]].name
    role = str(row["role"] or "an unknown role")
    what = f"{role} for {holder} on {scope}"
    verb = "End the eligibility" if row["eligible"] else "Take away"
    return ChokePoint(what, "a role that is given", lost, passing, of, f"{verb}: {what}.", str(row["assignment"]))
