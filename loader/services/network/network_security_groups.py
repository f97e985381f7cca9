"""Network security groups: their rules as edges, and the application security groups that rules may name."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.model import (
    Arm,
    Derivation,
    DerivedLink,
    EntityType,
    Json,
    Link,
    Relationship,
    Service,
    flag,
    links,
    quiet,
    text,
    whole,
)
from loader.services.network.network_security_rules import parse_rules, rule_links
from loader.services.shared.addresses import Network, inside, parse_network
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS
from loader.services.shared.wire import parts


def _is_wide_open(group: Json) -> bool:
    """True where an inbound allow lets every port of every protocol in from everywhere before anything is denied."""
    if not any(rule.allows and rule.inbound and rule.protocol == "*" for rule in parse_rules(group)):
        return False
    everything = {"protocol": "*", "tcpFrom": [0], "tcpTo": [65535], "udpFrom": [0], "udpTo": [65535]}
    return any(
        link.target.key == "internet" and everything.items() <= link.properties.items()
        for link in rule_links(group, allows=True, inbound=True)
    )


def _own_rules(group: Json) -> int:
    """`properties.securityRules[]`, how many"""
    return sum(not rule.is_default for rule in parse_rules(group))


def _in_use(group: Json) -> bool:
    """`properties.networkInterfaces` or `properties.subnets` has any"""
    return bool(parts(group, "properties", "networkInterfaces") or parts(group, "properties", "subnets"))


def _rules(*, allows: bool, inbound: bool) -> Relationship:
    def make(group: Json) -> list[Link]:
        return rule_links(group, allows=allows, inbound=inbound)

    meaning = f"{'lets in from' if inbound else 'lets out to'}" if allows else f"refuses {'from' if inbound else 'to'}"
    far_ends = (*FIREWALL_FAR_ENDS, "azure_application_security_group")
    return links("ALLOWS" if allows else "DENIES", far_ends, make, f"a rule that {meaning}", is_incoming=inbound)


SECURITY_GROUP = EntityType(
    type="azure_security_group",
    resource="Security Group",
    classes=("Firewall",),
    arm_type="Microsoft.Network/networkSecurityGroups",
    inventory="Microsoft.Network/networkSecurityGroups",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/network-security-groups/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="network_security_groups.list_all",
        permission="Microsoft.Network/networkSecurityGroups/read",
    ),
    properties=(
        flag("isWideOpen", _is_wide_open, "Everything is let in from everywhere"),
        flag("isInUse", _in_use, "Some subnet or interface has it"),
        quiet(whole("ruleCount", _own_rules, "Rules beside the default ones")),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
        text("resourceGuid", "properties.resourceGuid", "Azure's own id of it, as in flow logs"),
    ),
    relationships=(
        in_resource_group(),
        *(_rules(allows=allows, inbound=inbound) for allows in (True, False) for inbound in (True, False)),
    ),
)

APPLICATION_SECURITY_GROUP = EntityType(
    type="azure_application_security_group",
    resource="Application Security Group",
    classes=("Group",),
    arm_type="Microsoft.Network/applicationSecurityGroups",
    inventory="Microsoft.Network/applicationSecurityGroups",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/application-security-groups/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="application_security_groups.list_all",
        permission="Microsoft.Network/applicationSecurityGroups/read",
    ),
    properties=(text("provisioningState", "properties.provisioningState", "State of the last change"),),
    relationships=(in_resource_group(),),
)


class _Subnets:
    """Subnets sorted by address, so that those inside a range are found without looking at all of them."""

    def __init__(self, subnets: Iterable[tuple[str, Network]]) -> None:
        self._found = sorted(subnets, key=lambda one: (*_start(one[1]), one[0]))
        self._starts = [_start(network) for _, network in self._found]

    def covered_by(self, wide: Network) -> Iterator[str]:
        """Keys of the subnets with a block that lies in `wide`."""
        first = bisect_left(self._starts, _start(wide))
        last = bisect_right(self._starts, (wide.version, int(wide.broadcast_address)))
        return (key for key, network in self._found[first:last] if inside(network, wide))


def _start(network: Network) -> tuple[int, int]:
    return network.version, int(network.network_address)


def _subnet_edges(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    """Each rule edge that ends at a private range, once more at the subnets that the range covers."""
    for row in rows:
        blocks = ((one["key"], parse_network(prefix)) for one in row["subnets"] for prefix in one["prefixes"])
        subnets = _Subnets((key, network) for key, network in blocks if network)
        for edge in row["edges"]:
            wide = parse_network(edge["range"])
            said = {name: value for name, value in edge["said"].items() if not name.startswith("_")}
            key = f"{str(said['id']).lower()}:{said['portRange']}"
            for subnet in subnets.covered_by(wide) if wide else ():
                ends = (subnet, row["group"]) if said["inbound"] else (row["group"], subnet)
                yield DerivedLink(ends[0], edge["verb"], ends[1], key=key, properties=said)


# Private ranges mean other machines in each network: only the group's own networks and their peers are looked at.
RULES_AND_SUBNETS = Derivation(
    name="security-rules-of-subnets",
    inputs=("azure_security_group", "azure_vnet", "azure_subnet", "azure_nic"),
    relationships=tuple(
        triple
        for verb in ("ALLOWS", "DENIES")
        for triple in (
            ("azure_security_group", verb, "azure_subnet"),
            ("azure_subnet", verb, "azure_security_group"),
        )
    ),
    query="""
        MATCH (group:azure_security_group)-[rule:ALLOWS|DENIES]-(range:address_range)
        WHERE range.isPublic = false AND range.CIDR IS NOT NULL
        WITH group, collect({verb: type(rule), range: range.CIDR, said: properties(rule)}) AS edges
        MATCH (group)-[:PROTECTS]->(:azure_nic|azure_subnet)<-[:HAS]-{0,1}(:azure_subnet)<-[:CONTAINS]-(own:azure_vnet)
        WITH DISTINCT group, edges, own
        MATCH (own)-[:CONNECTS]-{0,1}(:azure_vnet)-[:CONTAINS]->(subnet:azure_subnet)
        WHERE subnet.addressPrefixes IS NOT NULL
        RETURN group._key AS group, edges,
               collect(DISTINCT {key: subnet._key, prefixes: subnet.addressPrefixes}) AS subnets
    """,
    rows=_subnet_edges,
)

SERVICE = Service(
    name="Network security groups",
    entity_types=(SECURITY_GROUP, APPLICATION_SECURITY_GROUP),
    derivations=(RULES_AND_SUBNETS,),
)
