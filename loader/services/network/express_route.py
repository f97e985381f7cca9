"""ExpressRoute circuits and their connections with each other. Service and authorization keys are secrets: not kept."""

from __future__ import annotations

from loader.model import Arm, Embedded, EntityType, Json, Service, flag, incoming, outgoing, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import part

_PEERINGS = "properties.peerings[].properties"


CIRCUIT = EntityType(
    type="azure_expressroute_circuit",
    resource="ExpressRoute Circuit",
    classes=("Network",),
    arm_type="Microsoft.Network/expressRouteCircuits",
    inventory="Microsoft.Network/expressRouteCircuits",
    documentation="https://learn.microsoft.com/rest/api/expressroute/express-route-circuits/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="express_route_circuits.list_all",
        permission="Microsoft.Network/expressRouteCircuits/read",
    ),
    secrets=(
        "properties.serviceKey",
        "properties.authorizationKey",
        "properties.authorizations[].properties.authorizationKey",
    ),
    properties=(
        text("skuTier", "sku.tier", "Local, Standard or Premium"),
        text("skuFamily", "sku.family", "MeteredData or UnlimitedData"),
        text("circuitProvisioningState", "properties.circuitProvisioningState", "Enabled, …: Azure's side"),
        text(
            "providerState",
            "properties.serviceProviderProvisioningState",
            "Provisioned, …: the provider's side",
            values=("NotProvisioned", "Provisioning", "Provisioned", "Deprovisioning", "DeProvisioned"),
        ),
        text("provider", "properties.serviceProviderProperties.serviceProviderName", "who provides the line"),
        text("peeringLocation", "properties.serviceProviderProperties.peeringLocation", "where it ends"),
        whole("bandwidthInMbps", "properties.serviceProviderProperties.bandwidthInMbps", "how wide it is"),
        flag("globalReachEnabled", "properties.globalReachEnabled", "circuits can be connected with each other"),
        flag("allowClassicOperations", "properties.allowClassicOperations", "the retired deployment model may use it"),
        texts("peerings", f"{_PEERINGS}.peeringType", "AzurePrivatePeering, MicrosoftPeering, …"),
    ),
    relationships=(in_resource_group(),),
)

PEERING = EntityType(
    type="azure_expressroute_circuit_peering",
    resource="ExpressRoute Circuit Peering",
    classes=("Network",),
    arm_type="Microsoft.Network/expressRouteCircuits/peerings",
    documentation="https://learn.microsoft.com/rest/api/expressroute/express-route-circuit-peerings/list",
    fetch=Embedded(parent="azure_expressroute_circuit", at="properties.peerings[]"),
    secrets=("properties.sharedKey",),
    properties=(
        text("peeringType", "properties.peeringType", "AzurePrivatePeering, MicrosoftPeering, …"),
        text("state", "properties.state", "Enabled or Disabled"),
        whole("peerASN", "properties.peerASN", "the number of the network at the other end"),
        whole("vlanId", "properties.vlanId", "its VLAN"),
        text("primaryPeerAddressPrefix", "properties.primaryPeerAddressPrefix", "addresses of the first line"),
        text("secondaryPeerAddressPrefix", "properties.secondaryPeerAddressPrefix", "addresses of the second line"),
    ),
    relationships=(incoming("HAS", "azure_expressroute_circuit", "@parent.id", "the circuit it is part of"),),
)


def _other_circuit(connection: Json) -> str | None:
    """The circuit whose peering the connection names as the one at the other end."""
    peering = part(connection, "properties", "peerExpressRouteCircuitPeering").get("id")
    head, found, _ = str(peering or "").partition("/peerings/")
    return head if found else None


def _connections(type_: str, resource: str, field: str, segment: str, documentation: str) -> EntityType:
    """Connections of one peering with another circuit, as its own side or as the other side sees them.

    field: where the circuit's answer has them; segment: what stands before their name in an id.
    """
    return EntityType(
        type=type_,
        resource=resource,
        classes=("Network",),
        arm_type=f"Microsoft.Network/expressRouteCircuits/peerings/{segment}",
        documentation=f"https://learn.microsoft.com/rest/api/expressroute/{documentation}/list",
        fetch=Embedded(parent="azure_expressroute_circuit", at=f"{_PEERINGS}.{field}[]"),
        secrets=("properties.authorizationKey",),
        properties=(
            text("addressPrefix", "properties.addressPrefix", "addresses between the two"),
            text("circuitConnectionStatus", "properties.circuitConnectionStatus", "Connected, …"),
            text("peerPeeringId", "properties.peerExpressRouteCircuitPeering.id", "the peering at the other end"),
            text("provisioningState", "properties.provisioningState", "state of the last change"),
        ),
        relationships=(
            incoming("HAS", "azure_expressroute_circuit", "@parent.id", "the circuit"),
            outgoing("CONNECTS", "azure_expressroute_circuit", _other_circuit, "the circuit at the other end"),
        ),
    )


CONNECTION = _connections(
    "azure_expressroute_circuit_connection",
    "ExpressRoute Circuit Connection",
    "connections",
    "connections",
    "express-route-circuit-connections",
)
# The type's name is spelled as in the data model.
PEER_CONNECTION = _connections(
    "azure_peer_expressroute_circut_connection",
    "Peer ExpressRoute Circuit Connection",
    "peeredConnections",
    "peerConnections",
    "peer-express-route-circuit-connections",
)

SERVICE = Service(name="ExpressRoute", entity_types=(CIRCUIT, PEERING, CONNECTION, PEER_CONNECTION))
