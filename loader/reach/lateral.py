"""Which interfaces reach one another within networks: worked out for one source or one target, never stored.

A way has three steps, each with its evidence: the network (the same one, or a peering that is connected both ways and
lets networks talk), the route of the source's subnet (the longest prefix; a user's route before Azure's own), and the
rules: outbound of the source, inbound of the target, admin rules first on either side.
Not looked at: peerings through gateways, hubs of Virtual WAN, what an appliance lets through, guest firewalls.
Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview,
https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loader.errors import UsageError
from loader.nearest import alternatives
from loader.reach.ends import of_version, within
from loader.reach.queries import ADMIN_RULES
from loader.reach.rules import PROTOCOLS, Ports, both, from_edges, through_all, told
from loader.services.shared.addresses import inside, parse_network

Read = Callable[..., list[dict[str, Any]]]
_NAMED = """
MATCH (n:azure_nic|azure_vm|azure_subnet) WHERE n._key = toLower($name) OR toLower(n.name) = toLower($name)
RETURN n._key AS key LIMIT 10
"""
_KNOWN = "MATCH (n:azure_nic|azure_vm|azure_subnet) RETURN DISTINCT n.name AS name ORDER BY name LIMIT 10000"
_INTERFACES = f"""
MATCH (nic:azure_nic)<-[:HAS]-(subnet:azure_subnet)<-[:CONTAINS]-(network:azure_vnet)
WHERE $key IS NULL OR nic._key = $key OR subnet._key = $key
   OR EXISTS {{{{ (:azure_vm {{{{_key: $key}}}})-[:USES]->(nic) }}}}
CALL (nic) {{{{
    OPTIONAL MATCH (nic)<-[:HAS]-{{{{0,1}}}}()<-[:PROTECTS]-(group:azure_security_group)
    OPTIONAL MATCH (group)-[rule:ALLOWS|DENIES]-()
    WITH group, collect(DISTINCT rule) AS rules WHERE group IS NOT NULL
    RETURN collect({{{{key: group._key, rules: [one IN rules | properties(one)]}}}}) AS groups
}}}}
{ADMIN_RULES}
RETURN nic._key AS key, nic.name AS name, coalesce(nic.privateIpAddress, []) AS addresses, network._key AS network,
       subnet.routeTableId AS table, groups, admin,
       [(subnet)-[:USES]->(one:azure_route_table) | one.routes] AS routes,
       [(nic)<-[:HAS]-(one:azure_application_security_group) | one._key] AS applicationGroups
""".format(bearer="nic")
_PEERINGS = """
MATCH (one:azure_vnet)-[there:CONNECTS]->(other:azure_vnet)-[back:CONNECTS]->(one)
WHERE there.peeringState = 'Connected' AND back.peeringState = 'Connected'
  AND there.allowVirtualNetworkAccess AND back.allowVirtualNetworkAccess
RETURN one._key AS `from`, other._key AS `to`, other.name AS name
"""


@dataclass(frozen=True)
class Way:
    """One interface that reaches another. `certain` is false where a step is decided by what is not known."""

    source: str
    target: str
    ports: Ports
    network: str
    route: str
    rules: tuple[str, ...]
    certain: bool

    def as_row(self) -> dict[str, Any]:
        """The same as plain data."""
        told_ports = ", ".join(told(self.ports))
        return {
            "from": self.source,
            "to": self.target,
            "ports": told_ports,
            "network": self.network,
            "route": self.route,
            "rules": list(self.rules),
            "known": "yes" if self.certain else "as far as the appliance or the unread part lets",
        }


def ways(read: Read, source: str | None, target: str | None, port: int | None = None) -> list[Way]:
    """All ways from a source, to a target, or between the two; `port` keeps those that hold this port."""
    if not source and not target:
        raise UsageError("Say from where, or to where: azgraph reach --from NAME, or --to NAME.")
    starts, ends = (read(_INTERFACES, {"key": _key(read, one) if one else None}) for one in (source, target))
    peered = {(row["from"], row["to"]): str(row["name"]) for row in read(_PEERINGS)}
    found = (_way(one, other, peered) for one in starts for other in ends if one["key"] != other["key"])
    return sorted((way for way in found if way and _holds(way.ports, port)), key=lambda way: (way.source, way.target))


def _key(read: Read, name: str) -> str:
    found = [str(row["key"]) for row in read(_NAMED, {"name": name})]
    if not found:
        known = [str(row["name"]) for row in read(_KNOWN, {})]
        raise UsageError(f"No interface, machine or subnet is called {name}. {alternatives(name, known)}")
    if len(found) > 1:
        raise UsageError(f"Several are called {name}; give the id of one: {', '.join(found)}.")
    return found[0]


def _holds(ports: Ports, port: int | None) -> bool:
    spans = [span for one in PROTOCOLS for span in ports[one]]
    return bool(spans) and (port is None or any(first <= port <= last for first, last in spans))


def _way(one: Mapping[str, Any], other: Mapping[str, Any], peered: Mapping[tuple[str, str], str]) -> Way | None:
    pair = (one["network"], other["network"])
    if pair[0] != pair[1] and pair not in peered:
        return None
    network = "the same network" if pair[0] == pair[1] else f"peering with {peered[pair]}"
    unread = any(not group["rules"] for row in (one, other) for group in row["groups"])
    hop = route_to(one["routes"][0] if one["routes"] else [], other["addresses"])
    if hop.split(" ")[1:2] == ["None"]:
        return None
    start = of_version(within(one["addresses"], one["applicationGroups"]), 4)
    end = of_version(within(other["addresses"], other["applicationGroups"]), 4)
    out, said_out = through_all(_groups(one, inbound=False), [], start, end)
    into, said_in = through_all(_groups(other, inbound=True), from_edges(other["admin"], defaults=False), start, end)
    certain = not unread and "VirtualAppliance" not in hop and (not one["table"] or bool(one["routes"]))
    return Way(
        one["name"],
        other["name"],
        both(out, into),
        network,
        hop or "Azure's own",
        tuple(sorted(said_out | said_in)),
        certain,
    )


def _groups(row: Mapping[str, Any], *, inbound: bool) -> Iterator[Any]:
    return (from_edges(group["rules"], inbound=inbound) for group in row["groups"])


def route_to(routes: Iterable[str], addresses: Iterable[str]) -> str:
    """The user's route that traffic to the addresses takes; "" where Azure's own is as narrow or narrower.

    Azure's own route to a network or a peering is one of its address space; a default route of a user's is wider, so
    only routes with a prefix other than 0.0.0.0/0 draw traffic within networks away.
    """
    targets = [network for one in addresses if (network := parse_network(one))]
    fitting = [
        (network.prefixlen, written)
        for written in routes
        if (network := parse_network(written.split(" ")[0]))
        and network.prefixlen > 0
        and any(inside(one, network) for one in targets)
    ]
    return max(fitting)[1] if fitting else ""
