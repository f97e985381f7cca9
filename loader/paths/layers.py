"""What is given high up, brought down to what lies below: one layer for each capability, in scopes that need one.

A role with `run-code` on a subscription is an edge into the layer (subscription, run-code); from there edges lead to
the layers of its resource groups and from these to their machines. So a graph has as many of them as it has scopes,
whatever the number of roles that are given.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING

from loader.paths.kinds import HOP, HopKind, containment
from loader.paths.network import ENTITY, LAYER, ON_THE_WAY, Network

if TYPE_CHECKING:
    from loader.paths.scopes import Scopes


def layer(network: Network, kind: HopKind, scope: str) -> int:
    """The node that stands for having a capability in a scope."""
    node = network.node(f"{kind.id} in {scope}", LAYER)
    network.layers[node] = kind, scope
    return node


def add_containment(network: Network, scopes: Scopes) -> None:
    """Whoever has taken over a scope has what it contains."""
    kind = containment()
    for above, below in scopes.pairs():
        network.join(
            [(network.entity(above), network.entity(one)) for one in below], network.number[kind.id], kind.cost
        )


def add_layers(
    network: Network, kind: HopKind, given_in: Iterable[str], scopes: Scopes, closed: Container[str]
) -> None:
    """The layers of a capability from the scopes it is given in down to the resources that it is a hop to.

    closed: resources that no role from above reaches, such as vaults on whose data their own policies decide.
    """
    number, extra = network.number[kind.id], kind.cost - HOP
    waiting, done = list(given_in), set[str]()
    while waiting:
        scope = waiting.pop()
        if scope in done:
            continue
        done.add(scope)
        node = layer(network, kind, scope)
        reached = [scope] if scopes.type_of(scope) in kind.types else []
        reached += [one for one in scopes.resources(scope, kind.types) if one not in closed]
        further = scopes.further(scope)
        waiting += further
        network.join([(node, network.entity(one)) for one in reached], number, extra)
        network.join([(node, layer(network, kind, one)) for one in further], ON_THE_WAY, 0.0)


def add_members(network: Network, kind: HopKind, members: Mapping[str, Iterable[str]]) -> None:
    """The layer of a capability over the directory: by scope, whom it is a hop to there."""
    number, extra = network.number[kind.id], kind.cost - HOP
    for scope, found in members.items():
        node = layer(network, kind, scope)
        network.join([(node, network.node(one, ENTITY)) for one in sorted(found)], number, extra)
