"""Virtual network gateways: VPN and ExpressRoute.

Azure lists them only group by group, so the list is that of all resources of this type, and each gateway is one more
call; what that call tells stands at `$gateway`.
"""

from loader.model import Arm, Detail, EntityType, Segment, Service, flag, incoming, outgoing, text, texts
from loader.services.shared.arm_ids import in_resource_group

_GATEWAY = "$gateway.properties"
_CLIENTS = f"{_GATEWAY}.vpnClientConfiguration"
_CONFIGURATIONS = f"{_GATEWAY}.ipConfigurations[].properties"

VIRTUAL_NETWORK_GATEWAY = EntityType(
    type="azure_virtual_network_gateway",
    resource="Virtual Network Gateway",
    classes=("Gateway",),
    arm_type="Microsoft.Network/virtualNetworkGateways",
    inventory="Microsoft.Network/virtualNetworkGateways",
    documentation="https://learn.microsoft.com/rest/api/network-gateway/virtual-network-gateways/get",
    fetch=Arm(
        client="azure.mgmt.resource.resources.aio:ResourceManagementClient",
        operation="resources.list",
        permission="Microsoft.Resources/subscriptions/resources/read",
        kwargs={"filter": "resourceType eq 'Microsoft.Network/virtualNetworkGateways'"},
    ),
    details=(
        Detail(
            name="gateway",
            call=Arm(
                client="azure.mgmt.network.aio:NetworkManagementClient",
                operation="virtual_network_gateways.get",
                permission="Microsoft.Network/virtualNetworkGateways/read",
                args=(Segment("resourceGroups"), Segment("virtualNetworkGateways")),
            ),
        ),
    ),
    secrets=(
        "$gateway.properties.vpnClientConfiguration.radiusServerSecret",
        "$gateway.properties.vpnClientConfiguration.radiusServers[].radiusServerSecret",
    ),
    properties=(
        text("gatewayType", f"{_GATEWAY}.gatewayType", "Vpn, ExpressRoute or LocalGateway"),
        text("vpnType", f"{_GATEWAY}.vpnType", "RouteBased or PolicyBased"),
        text("vpnGatewayGeneration", f"{_GATEWAY}.vpnGatewayGeneration", "Generation1, Generation2 or None"),
        text("sku", f"{_GATEWAY}.sku.name", "VpnGw1AZ, ErGw1AZ, …"),
        flag("activeActive", f"{_GATEWAY}.activeActive", "both instances work at once"),
        flag("bgpEnabled", f"{_GATEWAY}.enableBgp", "routes are learned"),
        texts(
            "vpnAuthenticationTypes",
            f"{_CLIENTS}.vpnAuthenticationTypes",
            "who signs in",
            values=("AAD", "Certificate", "Radius"),
        ),
        texts("vpnClientProtocols", f"{_CLIENTS}.vpnClientProtocols", "OpenVPN, IkeV2, SSTP"),
        texts("vpnClientAddressPool", f"{_CLIENTS}.vpnClientAddressPool.addressPrefixes", "addresses people get"),
        text("aadTenant", f"{_CLIENTS}.aadTenant", "the tenant whose users may sign in"),
        text("aadAudience", f"{_CLIENTS}.aadAudience", "the application they sign in to"),
        texts("clientRootCertificates", f"{_CLIENTS}.vpnClientRootCertificates[].name", "who signs certificates"),
        text("provisioningState", f"{_GATEWAY}.provisioningState", "state of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_public_ip", f"{_CONFIGURATIONS}.publicIPAddress.id", "where it answers"),
        incoming("HAS", "azure_subnet", f"{_CONFIGURATIONS}.subnet.id", "the subnet it is in"),
    ),
)

SERVICE = Service(name="Virtual network gateways", entity_types=(VIRTUAL_NETWORK_GATEWAY,))
