"""Load balancers: which public addresses they answer on, and which interfaces they pass traffic to, on which ports.

A pool names what is in it by interfaces, or by addresses of a network, which a derivation finds the interfaces of.
Source: https://learn.microsoft.com/azure/load-balancer/backend-pool-management
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.model import (
    Arm,
    Derivation,
    DerivedLink,
    EntityType,
    Json,
    Link,
    Service,
    Target,
    flag,
    incoming,
    links,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group, parent_of
from loader.services.shared.wire import part
from loader.shapes import read

# Kinds of rules, where each names what is behind it, and the ends of a NAT rule's range of frontend ports.
_RULES = (
    ("loadBalancingRules", "backendAddressPools[].id | backendAddressPool.id", ()),
    (
        "inboundNatRules",
        "backendAddressPool.id | backendIPConfiguration.id",
        ("frontendPortRangeStart", "frontendPortRangeEnd"),
    ),
    # Scale sets of the older kind: a range of ports, each of which leads to one machine's backend port.
    ("inboundNatPools", "", ("frontendPortRangeStart", "frontendPortRangeEnd")),
)
_FRONTENDS = "properties.frontendIPConfigurations[].properties"


def _is_public(balancer: Json) -> bool:
    """True where some frontend has a public address or prefix."""
    return bool(_public_frontends(balancer))


def _public_frontends(balancer: Json) -> set[str]:
    return {
        str(frontend.get("id")).lower()
        for frontend in read(balancer, "properties.frontendIPConfigurations[]")
        if {"publicIPAddress", "publicIPPrefix"} & set(part(frontend, "properties"))
    }


def _public_ports(balancer: Json) -> list[str]:
    """What the Internet may call: "tcp:443" for each rule on a public frontend."""
    return [f"{protocol}:{front}" for protocol, front, _, _ in _public_rules(balancer)]


def _public_rules(balancer: Json) -> Iterator[tuple[str, str, str, set[str]]]:
    """(protocol, frontend port, backend port, ids of backend pools and IP configurations) of rules open to all.

    Port 0 with protocol All is an HA ports rule: every port. NAT rules of a pool use a range of frontend ports.
    """
    public = _public_frontends(balancer)
    for kind, backends, ends in _RULES:
        for bearer in read(balancer, f"properties.{kind}[]"):
            rule = part(bearer, "properties")
            if str(part(rule, "frontendIPConfiguration").get("id")).lower() not in public:
                continue
            protocol = str(rule.get("protocol") or "all").lower()
            first, last = (rule.get(end) for end in ends) if ends else (None, None)
            front = first or 0 if kind == "inboundNatPools" else rule.get("frontendPort") or first or 0
            yield (
                "*" if protocol == "all" else protocol,
                "*" if protocol == "all" else f"{front}-{last}" if last else str(front),
                "*" if protocol == "all" else str(rule.get("backendPort") or front),
                {str(end).lower() for end in (read(rule, backends) if backends else [bearer.get("id")])},
            )


def _public_pools(balancer: Json) -> list[str]:
    """for each rule on a public frontend the id of its pool in lower case, a blank, and `protocol:port` behind it"""
    return [f"{end} {protocol}:{back}" for protocol, _, back, ends in _public_rules(balancer) for end in ends]


def _interfaces(balancer: Json) -> Iterator[Link]:
    """One edge an interface behind it; `publicPorts` are the interface's ports that the Internet is passed to."""
    rules = list(_public_rules(balancer))
    ports: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for configuration, reached_by in _backends(balancer):
        end = configuration.lower().find("/ipconfigurations/")
        if end < 0 or "/virtualmachinescalesets/" in configuration.lower():
            continue
        interface = configuration[:end]
        names.setdefault(interface.lower(), interface)
        ports.setdefault(interface.lower(), set()).update(
            f"{protocol}:{back}" for protocol, _, back, ends in rules if ends & reached_by
        )
    for key, interface in names.items():
        yield Link(
            "CONNECTS", Target(key, "azure_nic", {"id": interface}), properties={"publicPorts": sorted(ports[key])}
        )


def _backends(balancer: Json) -> Iterator[tuple[str, set[str]]]:
    """The interfaces' IP configurations, each with the ids (its own, its pool's) by which rules may name it."""
    for pool in read(balancer, "properties.backendAddressPools[]"):
        configurations = read(pool, "properties.backendIPConfigurations[].id") + read(
            pool, "properties.loadBalancerBackendAddresses[].properties.networkInterfaceIPConfiguration.id"
        )
        for configuration in configurations:
            yield configuration, {configuration.lower(), str(pool.get("id")).lower()}
    for configuration in read(balancer, "properties.inboundNatRules[].properties.backendIPConfiguration.id"):
        yield configuration, {configuration.lower()}


def _how_many_backends(balancer: Json) -> int:
    """interfaces, once each, that pools or NAT rules name, and members of pools by their address or by a frontend"""
    others = read(balancer, "properties.backendAddressPools[].properties.loadBalancerBackendAddresses[].properties")
    by_interface = {configuration.lower() for configuration, _ in _backends(balancer)}
    return len(by_interface) + sum(not one.get("networkInterfaceIPConfiguration") for one in others)


def _addresses(balancer: Json) -> list[str]:
    """each address of a pool that no interface stands for: its network's id in lower case, a blank, the address, and

    once more with each `protocol:port` there that the Internet is passed to
    """
    rules = list(_public_rules(balancer))
    found = []
    for pool in read(balancer, "properties.backendAddressPools[]"):
        own = str(pool.get("id")).lower()
        ports = {f" {protocol}:{back}" for protocol, _, back, ends in rules if own in ends}
        common = read(pool, "properties.virtualNetwork.id")
        for said in read(pool, "properties.loadBalancerBackendAddresses[].properties"):
            network = next(iter(_networks(said) + common), None)
            if network and said.get("ipAddress") and not said.get("networkInterfaceIPConfiguration"):
                found += [f"{network.lower()} {said['ipAddress']}{port}" for port in ("", *ports)]
    return found


def _networks(said: Json) -> list[str]:
    """The network that an address names, by itself or by one of its subnets."""
    return [*read(said, "virtualNetwork.id"), *(parent_of(str(one)) or "" for one in read(said, "subnet.id"))]


LOAD_BALANCER = EntityType(
    type="azure_lb",
    resource="Load Balancer",
    classes=("Gateway",),
    arm_type="Microsoft.Network/loadBalancers",
    inventory="Microsoft.Network/loadBalancers",
    documentation="https://learn.microsoft.com/rest/api/load-balancer/load-balancers/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="load_balancers.list_all",
        permission="Microsoft.Network/loadBalancers/read",
    ),
    properties=(
        text("sku", "sku.name", "Basic, Standard or Gateway", values=("Basic", "Standard", "Gateway", "Service")),
        flag("public", _is_public, "Some frontend has a public address"),
        texts("publicPorts", _public_ports, "Protocol and port of each rule on a public frontend"),
        texts("publicPools", _public_pools, "Pools behind those, each with the port that the Internet is passed to"),
        texts("poolAddresses", _addresses, "Members of pools by network and address, with the ports as in publicPools"),
        texts("privateIp", f"{_FRONTENDS}.privateIPAddress", "Private addresses of its frontends"),
        texts("backendPools", "properties.backendAddressPools[].name", "Names of its pools"),
        whole("backendCount", _how_many_backends, "Members of its pools, and interfaces that NAT rules lead to"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
        text("resourceGuid", "properties.resourceGuid", "Azure's own id of it"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_public_ip", f"{_FRONTENDS}.publicIPAddress.id", "addresses it answers on"),
        incoming("HAS", "azure_subnet", f"{_FRONTENDS}.subnet.id", "where an internal one answers"),
        links("CONNECTS", "azure_nic", _interfaces, "passes traffic to"),
    ),
)


def _by_address(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        ports = sorted({one for one in row["ports"] if one})
        yield DerivedLink(row["from"], "CONNECTS", row["to"], key="address", properties={"publicPorts": ports})


BALANCED_ADDRESSES = Derivation(
    name="balanced-addresses",
    inputs=("azure_lb", "azure_vnet", "azure_subnet", "azure_nic"),
    relationships=(("azure_lb", "CONNECTS", "azure_nic"),),
    query="""
        MATCH (balancer:azure_lb) WHERE size(balancer.poolAddresses) > 0
        UNWIND [one IN balancer.poolAddresses | split(one, ' ')] AS member
        MATCH (:azure_vnet {_key: member[0]})-[:CONTAINS]->(:azure_subnet)-[:HAS]->(nic:azure_nic)
        WHERE member[1] IN nic.privateIpAddress
        RETURN balancer._key AS `from`, nic._key AS `to`, collect(DISTINCT coalesce(member[2], '')) AS ports
    """,
    rows=_by_address,
)

SERVICE = Service(name="Load balancers", entity_types=(LOAD_BALANCER,), derivations=(BALANCED_ADDRESSES,))
