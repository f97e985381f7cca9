"""Which network interfaces the Internet reaches, and on which ports: the way in, and every security group on it.

`(:internet)-[:REACHES]->(:azure_nic)` is a derivation: a public address of the interface or a rule of a public load
balancer in front of it, and ports that the groups of the interface and of its subnet let in. Where there is no group
at all, a Basic address or balancer lets everything in and a Standard one nothing (so Azure's documentation).

    MATCH (:internet)-[r:REACHES]->(:azure_nic)<-[:USES]-(vm:azure_vm)
    WHERE any(i IN range(0, size(r.tcpFrom) - 1) WHERE r.tcpFrom[i] <= 22 <= r.tcpTo[i])
    RETURN vm.name, r.via, r.rules

Not looked at: DNAT rules of firewalls, application gateways, rules for parts of the Internet, routes, guest firewalls.
A group whose rules are not loaded makes no edge: checks say `needs: azure_security_group` and are not evaluated then.
Source: https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.model import Conclusion, Derivation, DerivedLink, Scalar, Value
from loader.services.shared.addresses import inside, parse_network
from loader.services.shared.ports import ALL_PORTS, Interval, intersect, join, port_interval, subtract

PROTOCOLS = ("tcp", "udp")
Ports = dict[str, list[Interval]]
_EVERYWHERE = frozenset({"*", "any", "virtualnetwork", "0.0.0.0/0"})


def _all_ports() -> Ports:
    return {protocol: [ALL_PORTS] for protocol in PROTOCOLS}


def let_in(rules: Iterable[Mapping[str, Any]], addresses: list[str], groups: list[str]) -> tuple[Ports, set[str]]:
    """The ports that one group's rules let in from the Internet to an interface, and the ids of the rules that do.

    rules: properties of the edges between the Internet and the group; addresses and groups: the interface's private
    addresses and its application security groups, which a rule's destination may be narrowed to.
    """
    opened: Ports = {protocol: [] for protocol in PROTOCOLS}
    closed: Ports = {protocol: [] for protocol in PROTOCOLS}
    used: set[str] = set()
    for rule in sorted(rules, key=lambda one: int(one["priority"])):
        if not _is_about(rule["destinationPrefixes"], addresses, groups):
            continue
        asked = [(int(rule["fromPort"]), int(rule["toPort"]))]
        for protocol in PROTOCOLS:
            if rule["protocol"] not in ("*", protocol):
                continue
            if rule["access"] == "Allow":
                gained = subtract(asked, closed[protocol])
                used |= {rule["id"]} if gained else set()
                opened[protocol] = join([*opened[protocol], *gained])
            elif _refuses_everyone(rule):
                closed[protocol] = join([*closed[protocol], *asked])
    return opened, used


def _is_about(destinations: list[str], addresses: list[str], groups: list[str]) -> bool:
    networks = [network for one in destinations if (network := parse_network(one))]
    own = [network for one in addresses if (network := parse_network(one))]
    return (
        any(one.lower() in _EVERYWHERE for one in destinations)
        or bool({one.lower() for one in destinations} & {one.lower() for one in groups})
        or any(inside(address, network) for address in own for network in networks)
    )


def _refuses_everyone(rule: Mapping[str, Any]) -> bool:
    """A deny for some source ports, or for IPv6 alone, leaves the way open: who attacks chooses those."""
    any_source_port = any(port_interval(one) == ALL_PORTS for one in rule["sourcePortRanges"])
    return any_source_port and not all(":" in one for one in rule["sourcePrefixes"])


def _ways_in(row: Mapping[str, Any]) -> Iterator[tuple[str, Ports]]:
    """Each public address or balancer, with the ports that it passes on."""
    has_group = bool(row["groups"])
    for address in row["publicAddresses"]:
        if has_group or str(address["sku"]).lower() == "basic":
            yield address["key"], _all_ports()
    for balancer in row["balancers"]:
        if has_group or str(balancer["sku"]).lower() == "basic":
            passed: Ports = {protocol: [] for protocol in PROTOCOLS}
            for protocol, _, port in (one.partition(":") for one in balancer["ports"]):
                for name in PROTOCOLS if protocol == "*" else (protocol,):
                    passed[name] = join([*passed.get(name, []), port_interval(port)])
            yield balancer["key"], passed


def _reaches(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        opened, rules = _all_ports(), set[str]()
        for group in row["groups"]:
            ports, used = let_in(group["rules"], row["addresses"], row["applicationGroups"])
            opened = {protocol: intersect(opened[protocol], ports[protocol]) for protocol in PROTOCOLS}
            rules |= used
        for way, passed in _ways_in(row):
            reached = {protocol: intersect(opened[protocol], passed[protocol]) for protocol in PROTOCOLS}
            if any(reached.values()):
                ends: dict[str, Value] = {
                    f"{protocol}{end}": [port[index] for port in reached[protocol]]
                    for protocol in PROTOCOLS
                    for index, end in enumerate(("From", "To"))
                }
                yield DerivedLink(
                    "internet",
                    "REACHES",
                    row["interface"],
                    key=way,
                    properties={"via": way, "rules": sorted(rules), "ports": _told(reached), **ends},
                )


def _told(reached: Ports) -> list[Scalar]:
    """The same for people, short enough for an arrow in a picture: `443`, `8000-8010`, `udp:53`, `all`."""
    if reached == _all_ports():
        return ["all"]
    return [
        ("" if protocol == "tcp" else f"{protocol}:") + _range(interval)
        for protocol, intervals in reached.items()
        for interval in intervals
    ]


def _range(interval: Interval) -> str:
    first, last = interval
    return "all" if interval == ALL_PORTS else str(first) if first == last else f"{first}-{last}"


INTERNET_REACHES = Derivation(
    name="internet-exposure",
    inputs=("azure_nic", "azure_subnet", "azure_vnet", "azure_security_group", "azure_public_ip", "azure_lb"),
    relationships=(("internet", "REACHES", "azure_nic"),),
    query="""
        MATCH (nic:azure_nic) WHERE (nic)-[:USES]->(:azure_public_ip) OR (nic)<-[:CONNECTS]-(:azure_lb {public: true})
        CALL (nic) {
            OPTIONAL MATCH (nic)-[:USES]->(address:azure_public_ip)
            RETURN [one IN collect(DISTINCT address) | {key: one._key, sku: one.sku}] AS publicAddresses
        }
        CALL (nic) {
            OPTIONAL MATCH (balancer:azure_lb {public: true})-[edge:CONNECTS]->(nic)
            RETURN [one IN collect({key: balancer._key, sku: balancer.sku, ports: edge.publicPorts})
                    WHERE one.key IS NOT NULL] AS balancers
        }
        CALL (nic) {
            OPTIONAL MATCH (nic)<-[:HAS]-{0,1}()<-[:PROTECTS]-(group:azure_security_group)
            OPTIONAL MATCH (:internet)-[rule:ALLOWS|DENIES]->(group)
            WITH group, collect(DISTINCT rule) AS rules WHERE group IS NOT NULL
            RETURN collect({key: group._key, rules: [one IN rules | properties(one)]}) AS groups
        }
        RETURN nic._key AS interface, coalesce(nic.privateIpAddress, []) AS addresses, publicAddresses, balancers,
               groups, [(nic)<-[:HAS]-(one:azure_application_security_group) | one._key] AS applicationGroups
    """,
    rows=_reaches,
)

CONCLUSION = Conclusion(name="Internet exposure", derivations=(INTERNET_REACHES,))
