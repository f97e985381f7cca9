"""Public IP addresses. Who uses one is told by the user's answer: an interface, a load balancer, a firewall."""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Link, Service, flag, links, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.far_ends import the_internet
from loader.services.shared.wire import part


def _is_attached(address: Json) -> bool:
    """An address that nothing holds can be given away, and costs all the same."""
    said = part(address, "properties")
    return any(said.get(holder) for holder in ("ipConfiguration", "natGateway"))


def _from_the_internet(address: Json) -> list[Link]:
    """The first step of every way in. A dynamic address that is not in use has none."""
    if not part(address, "properties").get("ipAddress"):
        return []
    return [Link("CONNECTS", the_internet(), incoming=True)]


PUBLIC_IP_ADDRESS = EntityType(
    type="azure_public_ip",
    resource="Public IP Address",
    classes=("IpAddress",),
    arm_type="Microsoft.Network/publicIPAddresses",
    inventory="Microsoft.Network/publicIPAddresses",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/public-ip-addresses/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="public_ip_addresses.list_all",
        permission="Microsoft.Network/publicIPAddresses/read",
    ),
    properties=(
        text("publicIpAddress", "properties.ipAddress", "The address; a dynamic one has none while unused"),
        text("ipVersion", "properties.publicIPAddressVersion", "IPv4 or IPv6"),
        text("allocationMethod", "properties.publicIPAllocationMethod", "Static, or Dynamic: changes when released"),
        text(
            "sku",
            "sku.name",
            "Basic is open without a security group, Standard is closed",
            values=("Basic", "Standard", "StandardV2"),
        ),
        text("skuTier", "sku.tier", "Regional or Global"),
        text("fqdn", "properties.dnsSettings.fqdn", "Its name in Azure's DNS"),
        text("domainNameLabel", "properties.dnsSettings.domainNameLabel", "The part of that name that we chose"),
        text("attachedTo", "properties.ipConfiguration.id | properties.natGateway.id", "What holds it"),
        flag("isAttached", _is_attached, "Something holds it"),
        text("ddosProtectionMode", "properties.ddosSettings.protectionMode", "Enabled, Disabled or as its network"),
        whole("idleTimeoutInMinutes", "properties.idleTimeoutInMinutes", "Idle minutes before a connection is cut"),
        texts("zones", "zones", "Availability zones"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
        text("resourceGuid", "properties.resourceGuid", "Azure's own id of it"),
    ),
    relationships=(
        in_resource_group(),
        links("CONNECTS", "internet", _from_the_internet, "can be called from everywhere", is_incoming=True),
    ),
)

SERVICE = Service(name="Public IP addresses", entity_types=(PUBLIC_IP_ADDRESS,))
