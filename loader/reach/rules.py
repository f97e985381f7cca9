"""What rules let through between two ends: security groups, and the admin rules of Virtual Network Manager before them.

Rules are looked at by priority, the lower number first, and the first that fits decides. A group ends with Azure's own
three: the virtual network, the load balancer's probes, and nobody else. Admin rules come first: AlwaysAllow lets in
whatever groups say, Deny refuses whatever they say, Allow leaves it to the groups.
Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview,
https://learn.microsoft.com/azure/virtual-network-manager/concept-security-admins
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loader.reach.ends import End
from loader.services.shared.addresses import internet_share, parse_network
from loader.services.shared.ports import ALL_PORTS, Interval, intersect, intervals, join, subtract

PROTOCOLS = ("tcp", "udp")
Ports = dict[str, list[Interval]]
ALLOW, DENY, ALWAYS = "allow", "deny", "alwaysallow"


def all_ports() -> Ports:
    """Every port of TCP and of UDP."""
    return {protocol: [ALL_PORTS] for protocol in PROTOCOLS}


def no_ports() -> Ports:
    """Nothing."""
    return {protocol: [] for protocol in PROTOCOLS}


def both(one: Ports, other: Ports) -> Ports:
    """The ports in both."""
    return {protocol: intersect(one[protocol], other[protocol]) for protocol in PROTOCOLS}


def either(one: Ports, other: Ports) -> Ports:
    """The ports in one of them."""
    return {protocol: join([*one[protocol], *other[protocol]]) for protocol in PROTOCOLS}


def without(one: Ports, other: Ports) -> Ports:
    """The ports of the first that are not in the other."""
    return {protocol: subtract(one[protocol], other[protocol]) for protocol in PROTOCOLS}


@dataclass(frozen=True)
class Rule:
    """One rule for one direction. `share`: what of the Internet it is together with others of the same kind, if so."""

    id: str
    priority: int
    access: str
    protocol: str
    ports: tuple[Interval, ...]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    source_ports: tuple[str, ...] = ("*",)
    share: float | None = None

    def asked(self) -> Ports:
        """The ports that it is about."""
        return {one: list(self.ports) if self.protocol in ("*", "any", one) else [] for one in PROTOCOLS}

    def lets(self, source: End, target: End) -> bool:
        """Some of the traffic between the two ends is what it names."""
        from_everybody = source.is_internet and self.share is not None
        return (from_everybody or source.met_by(self.sources)) and target.met_by(self.destinations)

    def stops(self, source: End, target: End) -> bool:
        """All of it is; a Deny for some source ports leaves the way open, since who attacks chooses those."""
        any_port = ALL_PORTS in intervals(self.source_ports)
        return any_port and source.covered_by(self.sources) and target.covered_by(self.destinations)


_DEFAULT_IN = (
    Rule("AllowVnetInBound", 65000, ALLOW, "*", (ALL_PORTS,), ("VirtualNetwork",), ("VirtualNetwork",)),
    Rule("DenyAllInBound", 65500, DENY, "*", (ALL_PORTS,), ("*",), ("*",)),
)
_DEFAULT_OUT = (
    Rule("AllowVnetOutBound", 65000, ALLOW, "*", (ALL_PORTS,), ("VirtualNetwork",), ("VirtualNetwork",)),
    Rule("AllowInternetOutBound", 65001, ALLOW, "*", (ALL_PORTS,), ("*",), ("Internet",)),
    Rule("DenyAllOutBound", 65500, DENY, "*", (ALL_PORTS,), ("*",), ("*",)),
)


def from_edges(edges: Iterable[Mapping[str, Any]], *, inbound: bool = True, defaults: bool = True) -> list[Rule]:
    """The rules of a group from the properties of its edges, Azure's own at the end, in the order they are applied.

    Without `defaults` no more than the edges say: admin rules end with none.
    """
    found = {_from_edge(edge) for edge in edges if bool(edge.get("inbound", True)) == inbound}
    last = (_DEFAULT_IN if inbound else _DEFAULT_OUT) if defaults else ()
    return sorted({*found, *last}, key=lambda one: (one.priority, one.id))


def _from_edge(edge: Mapping[str, Any]) -> Rule:
    together = str(edge.get("_key") or "").endswith(":together")
    return Rule(
        id=str(edge["id"]),
        priority=int(edge["priority"]),
        access=str(edge["access"]).lower(),
        protocol=str(edge["protocol"]).lower(),
        ports=((int(edge["fromPort"]), int(edge["toPort"])),),
        sources=tuple(edge["sourcePrefixes"]),
        destinations=tuple(edge["destinationPrefixes"]),
        source_ports=tuple(edge["sourcePortRanges"]),
        share=edge.get("internetShare") if together else None,
    )


def let_through(rules: Iterable[Rule], source: End, target: End) -> tuple[Ports, set[str]]:
    """The ports that a group's rules let through, and the ids of the rules that do."""
    opened, closed, used = no_ports(), no_ports(), set[str]()
    for rule in rules:
        if rule.access == ALLOW and rule.lets(source, target):
            gained = without(rule.asked(), closed)
            used |= {rule.id} if any(gained.values()) else set()
            opened = either(opened, gained)
        elif rule.access == DENY and rule.stops(source, target):
            closed = either(closed, rule.asked())
    return opened, used


@dataclass(frozen=True)
class Decision:
    """What admin rules decide: ports let in whatever groups say, those left to the groups, and the rules that count."""

    always: Ports
    to_groups: Ports
    used: frozenset[str]


def decided(admin: Iterable[Rule], source: End, target: End) -> Decision:
    """What the admin rules of a network decide of traffic between two ends."""
    always, settled, closed, used = no_ports(), no_ports(), no_ports(), set[str]()
    for rule in sorted(admin, key=lambda one: one.priority):
        left = without(rule.asked(), either(settled, closed))
        if not any(left.values()):
            continue
        if rule.access == DENY and rule.stops(source, target):
            closed = either(closed, left)
            used.add(rule.id)
        elif rule.access == ALWAYS and rule.lets(source, target):
            always = either(always, left)
            # Only where it is about all of the traffic do later rules have nothing to say of it.
            settled = either(settled, left)
            used.add(rule.id)
        elif rule.access == ALLOW and rule.stops(source, target):
            settled = either(settled, left)
    return Decision(always, without(without(all_ports(), closed), always), frozenset(used))


def through_all(
    groups: Iterable[Iterable[Rule]], admin: Iterable[Rule], source: End, target: End
) -> tuple[Ports, set[str]]:
    """The ports that every group on the way lets through, once admin rules have had their say, and the rules that do.

    Without a group everything is let through: closed-by-default addresses are their own matter.
    """
    decision = decided(admin, source, target)
    opened, used = decision.to_groups, set(decision.used)
    for rules in groups:
        ports, by = let_through(rules, source, target)
        opened = both(opened, ports)
        used |= by
    return either(opened, decision.always), used


def share_of_rules(rules: Iterable[Rule], used: set[str], version: int = 4) -> float:
    """The part of the Internet that the sources of the rules that were used are together."""
    counted = [rule for rule in rules if rule.id in used]
    named = [one for rule in counted for one in rule.sources if _may_be(one, version)]
    return max([internet_share(named), *(rule.share for rule in counted if rule.share is not None)])


def _may_be(name: str, version: int) -> bool:
    network = parse_network(name)
    return network is None or network.version == version


def told(ports: Ports) -> list[str]:
    """Ports for people, short enough for an arrow in a picture: `443`, `8000-8010`, `udp:53`, `all`."""
    if ports == all_ports():
        return ["all"]
    return [
        ("" if protocol == "tcp" else f"{protocol}:") + _range(interval)
        for protocol, found in ports.items()
        for interval in found
    ]


def _range(interval: Interval) -> str:
    first, last = interval
    return "all" if interval == ALL_PORTS else str(first) if first == last else f"{first}-{last}"
