"""The rules of a network security group as `ALLOWS` and `DENIES` edges that tell what is really let through.

One edge per rule x destination port range x far end; its key is "rule id : port range". Inbound rules point from the
far end to the group, outbound ones from the group to the far end. A far end is the Internet ("*", "Internet",
0.0.0.0/0; for an allow also ranges that are together much of the Internet, over several rules too), an address range,
one address, a service tag or an application security group; subnets that a private range covers are linked by the
derivation in `network_security_groups`.

On each edge, besides what the rule says (`access`, `direction`, `priority`, `protocol`, `fromPort`, `toPort`, both
sides' prefixes and source ports):
  tcpFrom/tcpTo, udpFrom/udpTo  parallel lists: the port intervals this edge decides, once earlier rules of the other
                                access that cover its far side, near side and source ports are taken away
  shadowed                      nothing is left to decide: an allow that never lets anything in
  internetShare                 the part of the Internet's addresses that the far end is, from 0 to 1; of a rule with an
                                edge from the Internet on that edge only, where earlier rules about it are counted

So what the Internet can reach through one group is an unshadowed edge whose intervals hold the port:

    MATCH (:internet)-[r:ALLOWS]->(g:azure_security_group)
    WHERE any(i IN range(0, size(r.tcpFrom) - 1) WHERE r.tcpFrom[i] <= 22 <= r.tcpTo[i])

A machine is reached only where the groups of its interface and of its subnet both let the traffic through and there
is a public address in front: the derivation in `internet_exposure` works that out for each interface.

Priorities: the lower number decides. Only rules that cover an edge wholly take from it; a narrower Deny does not make
an allow from the Internet safe. Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from loader.model import Json, Link, Target, Value
from loader.services.shared.addresses import (
    EVERYTHING,
    WHOLE_INTERNET,
    Network,
    collapse,
    inside,
    internet_share,
    is_internet,
    only_public,
    parse_network,
)
from loader.services.shared.far_ends import address_target, the_internet
from loader.services.shared.ports import ALL_PORTS, Interval, intersect, intervals, port_interval, subtract
from loader.services.shared.wire import one_of, part, plain
from loader.shapes import read


@dataclass(frozen=True)
class Side:
    """The source or the destination of a rule: address prefixes, service tags and application security groups."""

    prefixes: tuple[str, ...]
    groups: tuple[str, ...]

    @cached_property
    def tags(self) -> frozenset[str]:
        return frozenset(prefix.lower() for prefix in self.prefixes if parse_network(prefix) is None)

    @cached_property
    def networks(self) -> list[Network]:
        return collapse([network for prefix in self.prefixes if (network := parse_network(prefix))])

    @cached_property
    def is_everything(self) -> bool:
        return bool(self.tags & {"*", "any"})

    @cached_property
    def share(self) -> float:
        """The part of the Internet's addresses that it is."""
        return internet_share(self.prefixes)

    @cached_property
    def has_internet(self) -> bool:
        """The Internet by name, or all IPv4 and all IPv6 addresses."""
        return bool(self.tags & WHOLE_INTERNET) or all(network in self.networks for network in EVERYTHING)

    def covers(self, other: Side) -> bool:
        """True where whatever `other` names is named here too."""
        if self.is_everything:
            return True
        if other.is_everything or (other.has_internet and not self.has_internet):
            return False
        return (
            other.tags - WHOLE_INTERNET <= self.tags
            and {one.lower() for one in other.groups} <= {one.lower() for one in self.groups}
            and all(self._covers_network(network) for network in other.networks)
        )

    def _covers_network(self, network: Network) -> bool:
        by_name = self.has_internet and (network in EVERYTHING or only_public(network))
        return by_name or any(inside(network, one) for one in self.networks)


@dataclass(frozen=True)
class Rule:
    """One security rule, with singular and plural fields of the wire brought together."""

    id: str
    name: str
    description: str
    is_default: bool
    allows: bool
    inbound: bool
    priority: int
    protocol: str
    source: Side
    destination: Side
    source_ports: tuple[str, ...]
    destination_ports: tuple[str, ...]

    @property
    def far(self) -> Side:
        return self.source if self.inbound else self.destination

    @cached_property
    def near(self) -> Side:
        """The side of the group's own machines, where `VirtualNetwork` is all of them."""
        side = self.destination if self.inbound else self.source
        return Side(("*",), ()) if "virtualnetwork" in side.tags else side

    @cached_property
    def ports(self) -> list[Interval]:
        return intervals(self.destination_ports)

    @property
    def protocols(self) -> tuple[str, ...]:
        return ("tcp", "udp", "icmp", "esp", "ah") if self.protocol == "*" else (self.protocol,)

    def covers_protocol(self, protocol: str) -> bool:
        return self.protocol in ("*", protocol)


def parse_rules(group: Json) -> list[Rule]:
    """The rules of a group's answer, own and default, in the order in which Azure applies them."""
    rules = [
        _rule(rule, is_default)
        for field, is_default in (("securityRules", False), ("defaultSecurityRules", True))
        for rule in read(group, f"properties.{field}[]")
    ]
    return sorted(rules, key=lambda rule: rule.priority)


def _rule(answer: Json, is_default: bool) -> Rule:
    said = part(answer, "properties")
    return Rule(
        id=str(answer.get("id") or ""),
        name=str(answer.get("name") or ""),
        description=str(said.get("description") or ""),
        is_default=is_default,
        allows=one_of(said, "access", "allow", "deny") == "allow",
        inbound=one_of(said, "direction", "inbound", "outbound") == "inbound",
        priority=int(said.get("priority") or 0),
        protocol=str(said.get("protocol") or "*").lower(),
        source=_side(said, "source"),
        destination=_side(said, "destination"),
        source_ports=_both(said, "sourcePortRange"),
        destination_ports=_both(said, "destinationPortRange"),
    )


def _side(said: Json, side: str) -> Side:
    single, several = said.get(f"{side}AddressPrefix"), plain(said, f"{side}AddressPrefixes")
    groups = tuple(map(str, read(said, f"{side}ApplicationSecurityGroups[].id")))
    prefixes = dict.fromkeys(str(one) for one in (single, *several) if one)
    return Side(tuple(prefixes), groups)


def _both(said: Json, field: str) -> tuple[str, ...]:
    """The ranges of the singular and the plural field; none at all means every port (ICMP rules have none)."""
    ranges = dict.fromkeys(str(one) for one in (said.get(field), *plain(said, f"{field}s")) if one)
    return tuple(ranges) or ("*",)


def rule_links(group: Json, *, allows: bool, inbound: bool) -> list[Link]:
    """The edges of a group's rules of one access and direction."""
    rules = [rule for rule in parse_rules(group) if rule.inbound == inbound]
    links = [
        link
        for position, rule in enumerate(rules)
        if rule.allows == allows
        for link in _links(rule, [one for one in rules[:position] if one.allows != allows])
    ]
    return links + (_together(rules) if allows and inbound else [])


def _links(rule: Rule, earlier: list[Rule]) -> Iterator[Link]:
    shared = _properties_of(rule)
    rivals = [one for one in earlier if _is_rival(one, rule)]
    far_ends = list(_far_ends(rule))
    from_internet = any(target.key == "internet" for target, _ in far_ends)
    for target, far in far_ends:
        said = shared | ({"internetShare": far.share} if target.key == "internet" or not from_internet else {})
        deciding = [one for one in rivals if _decides(one, target, far)]
        for port_range in rule.destination_ports:
            yield Link(
                "ALLOWS" if rule.allows else "DENIES",
                target,
                incoming=rule.inbound,
                key=f"{rule.id.lower()}:{port_range}",
                properties=said | _ports(rule, port_range, deciding),
            )


def _decides(earlier: Rule, target: Target, far: Side) -> bool:
    """The earlier rule covers the far end; of a part of the Internet, a rule about the Internet covers all."""
    return earlier.far.covers(far) or (target.key == "internet" and earlier.far.has_internet)


def _together(rules: list[Rule]) -> list[Link]:
    """Edges from the Internet by rules whose ranges are much of it together only: 16 rules, each for a sixteenth.

    One edge per rule and interval of ports that all of them let in; each has the share of all.
    """
    small = [rule for rule in rules if rule.allows and rule.far.share > 0 and not is_internet(rule.far.share)]
    if not is_internet(internet_share(prefix for rule in small for prefix in rule.far.prefixes)):
        return []
    opened = [(rule, protocol, span) for rule in small for protocol, span in _opened(rule, rules)]
    links = []
    for protocol in ("tcp", "udp"):
        spans = [span for _, one, span in opened if one == protocol]
        edges = sorted({edge for first, last in spans for edge in (first, last + 1)})
        for first, last in ((start, end - 1) for start, end in pairwise(edges)):
            at_once = [rule for rule, one, (low, high) in opened if one == protocol and low <= first and last <= high]
            for near in {rule.near for rule in at_once}:
                beside = [rule for rule in at_once if rule.near == near]
                share = internet_share(prefix for rule in beside for prefix in rule.far.prefixes)
                if is_internet(share):
                    links += [_part_of_internet(rule, protocol, (first, last), share) for rule in beside]
    return links


def _opened(rule: Rule, rules: list[Rule]) -> Iterator[tuple[str, Interval]]:
    """The ports that a rule lets in, once earlier rules of the other access are taken away."""
    earlier = [one for one in rules[: rules.index(rule)] if one.allows != rule.allows and _is_rival(one, rule)]
    deciding = [one for one in earlier if _decides(one, the_internet(), rule.far)]
    for port_range in rule.destination_ports:
        for protocol, left in _left(rule, port_interval(port_range), deciding).items():
            for span in left:
                yield protocol, span


def _part_of_internet(rule: Rule, protocol: str, span: Interval, share: float) -> Link:
    text = str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"
    ports: dict[str, Value] = {"portRange": text, "fromPort": span[0], "toPort": span[1], "shadowed": False}
    for one in ("tcp", "udp"):
        ports |= {f"{one}From": [span[0]] if one == protocol else [], f"{one}To": [span[1]] if one == protocol else []}
    return Link(
        "ALLOWS",
        the_internet(),
        incoming=True,
        key=f"{rule.id.lower()}:{protocol}:{text}:together",
        properties=_properties_of(rule) | ports | {"protocol": protocol, "internetShare": share},
    )


def _is_rival(earlier: Rule, rule: Rule) -> bool:
    """True where the earlier rule takes some port from the later one, whatever the far end. Cheap questions first."""
    return (
        bool(set(earlier.protocols) & set(rule.protocols))
        and bool(intersect(earlier.ports, rule.ports))
        and not subtract(intervals(rule.source_ports), intervals(earlier.source_ports))
        and earlier.near.covers(rule.near)
    )


def _far_ends(rule: Rule) -> Iterator[tuple[Target, Side]]:
    """The far ends of a rule, each with the part of the rule's far side that it stands for."""
    if rule.far.is_everything or rule.far.has_internet:
        yield the_internet(), Side(("Internet",), ())
    elif any(one in EVERYTHING for one in rule.far.networks):
        yield the_internet(), Side(tuple(str(one) for one in rule.far.networks if one in EVERYTHING), ())
    elif rule.allows and is_internet(rule.far.share):
        yield the_internet(), Side(tuple(str(one) for one in rule.far.networks), ())
    named: dict[str, tuple[Target, list[str]]] = {}
    for prefix in rule.far.prefixes:
        target = address_target(prefix)
        if target.key != "internet":
            named.setdefault(target.key, (target, []))[1].append(prefix)
    for target, prefixes in named.values():
        yield target, Side(tuple(prefixes), ())
    for group in rule.far.groups:
        yield Target(group.lower(), "azure_application_security_group", {"id": group}), Side((), (group,))


def _ports(rule: Rule, port_range: str, deciding: list[Rule]) -> dict[str, Value]:
    """The ports an edge names, and those of them it decides."""
    interval = port_interval(port_range)
    ports: dict[str, Value] = {"portRange": port_range, "fromPort": interval[0], "toPort": interval[1]}
    decides = _decides_other_protocols(rule, interval, deciding)
    for protocol, left in _left(rule, interval, deciding).items():
        ports[f"{protocol}From"], ports[f"{protocol}To"] = [start for start, _ in left], [end for _, end in left]
        decides = decides or bool(left)
    return ports | {"shadowed": not decides}


def _left(rule: Rule, interval: Interval, deciding: list[Rule]) -> dict[str, list[Interval]]:
    """What of the ports is left to the rule over TCP and over UDP, once the deciding rules have taken theirs."""
    found = {}
    for protocol in ("tcp", "udp"):
        left = [interval] if rule.covers_protocol(protocol) else []
        for one in deciding:
            if one.covers_protocol(protocol):
                left = subtract(left, one.ports)
        found[protocol] = left
    return found


def _decides_other_protocols(rule: Rule, interval: Interval, deciding: list[Rule]) -> bool:
    """ICMP, ESP and AH have no ports: only rules for all ports are about them."""
    if rule.protocol in ("tcp", "udp") or interval != ALL_PORTS:
        return False
    return not any(one.covers_protocol(rule.protocol) and ALL_PORTS in one.ports for one in deciding)


def _properties_of(rule: Rule) -> dict[str, Value]:
    properties: dict[str, Value] = {
        "id": rule.id,
        "name": rule.name,
        "access": "Allow" if rule.allows else "Deny",
        "direction": "Inbound" if rule.inbound else "Outbound",
        "inbound": rule.inbound,
        "egress": not rule.inbound,
        "priority": rule.priority,
        "protocol": rule.protocol,
        "isDefault": rule.is_default,
        "sourcePortRanges": list(rule.source_ports),
        "sourcePrefixes": list(rule.source.prefixes + rule.source.groups),
        "destinationPrefixes": list(rule.destination.prefixes + rule.destination.groups),
    }
    return properties | ({"description": rule.description} if rule.description else {})
