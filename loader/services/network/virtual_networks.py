"""Virtual networks and their subnets: one call a subscription, the subnets are parts of its answer."""

from __future__ import annotations

from collections.abc import Iterator

from loader.mapping import normal_location, spelt
from loader.model import (
    Arm,
    Embedded,
    EntityType,
    Json,
    Link,
    Service,
    Target,
    flag,
    incoming,
    links,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import part
from loader.shapes import read

# https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/list-all#virtualnetworkpeeringstate
_PEERING_STATES = ("Initiated", "Connected", "Disconnected")


def _peerings(network: Json) -> Iterator[Link]:
    """One edge a peering; its properties say what it lets through."""
    for said in read(network, "properties.virtualNetworkPeerings[].properties"):
        remote = part(said, "remoteVirtualNetwork").get("id")
        if remote:
            named = ("peeringState", "allowVirtualNetworkAccess", "allowForwardedTraffic", "allowGatewayTransit")
            kept = {name: said[name] for name in (*named, "useRemoteGateways") if said.get(name) is not None}
            if "peeringState" in kept:
                kept["peeringState"] = spelt(kept["peeringState"], _PEERING_STATES)
            yield Link("CONNECTS", Target(remote.lower(), "azure_vnet", {"id": remote}), properties=kept)


def _location_of_network(subnet: Json) -> str | None:
    """A subnet's answer has no location: it is its network's."""
    location = part(subnet, "@parent").get("location")
    return normal_location(location) if location else None


VIRTUAL_NETWORK = EntityType(
    type="azure_vnet",
    resource="Virtual Network",
    classes=("Network",),
    arm_type="Microsoft.Network/virtualNetworks",
    inventory="Microsoft.Network/virtualNetworks",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="virtual_networks.list_all",
        permission="Microsoft.Network/virtualNetworks/read",
    ),
    properties=(
        text("CIDR", "properties.addressSpace.addressPrefixes[]", "First block of its address space"),
        texts("addressPrefixes", "properties.addressSpace.addressPrefixes", "All blocks of its address space"),
        texts("dnsServers", "properties.dhcpOptions.dnsServers", "DNS servers it hands out; empty is Azure's own"),
        flag("ddosProtectionEnabled", "properties.enableDdosProtection", "Protected by a DDoS network protection plan"),
        text("ddosProtectionPlanId", "properties.ddosProtectionPlan.id", "The plan that protects it"),
        flag("encryptionEnabled", "properties.encryption.enabled", "Traffic between its machines is encrypted"),
        text("encryptionEnforcement", "properties.encryption.enforcement", "What happens to machines that cannot"),
        whole("flowTimeoutInMinutes", "properties.flowTimeoutInMinutes", "Idle minutes before a flow is forgotten"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
        text("resourceGuid", "properties.resourceGuid", "Azure's own id of it, as in flow logs"),
    ),
    relationships=(
        in_resource_group(),
        links("CONNECTS", "azure_vnet", _peerings, "peered with; see the edge for what passes"),
    ),
)

SUBNET = EntityType(
    type="azure_subnet",
    resource="Subnet",
    classes=("Network",),
    arm_type="Microsoft.Network/virtualNetworks/subnets",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/subnets/get",
    fetch=Embedded(parent="azure_vnet", at="properties.subnets[]"),
    properties=(
        text("CIDR", "properties.addressPrefix | properties.addressPrefixes[]", "First block of its addresses"),
        texts(
            "addressPrefixes", "properties.addressPrefixes | properties.addressPrefix", "All blocks of its addresses"
        ),
        text("location", _location_of_network, "Region of its network"),
        text("securityGroupId", "properties.networkSecurityGroup.id", "The security group on it; absent where none is"),
        text("routeTableId", "properties.routeTable.id", "The routes it overrides"),
        text("natGatewayId", "properties.natGateway.id", "The NAT gateway of its outbound traffic"),
        flag("defaultOutboundAccess", "properties.defaultOutboundAccess", "Machines get outbound access unasked"),
        texts("serviceEndpoints", "properties.serviceEndpoints[].service", "Services reached over Azure's backbone"),
        texts("delegations", "properties.delegations[].properties.serviceName", "Services that may deploy into it"),
        text(
            "privateEndpointNetworkPolicies", "properties.privateEndpointNetworkPolicies", "Policies for its endpoints"
        ),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
    ),
    relationships=(
        incoming("CONTAINS", "azure_vnet", "@parent.id", "the network it is part of"),
        incoming("PROTECTS", "azure_security_group", "properties.networkSecurityGroup.id", "filters its traffic"),
    ),
)

SERVICE = Service(name="Virtual networks", entity_types=(VIRTUAL_NETWORK, SUBNET))
