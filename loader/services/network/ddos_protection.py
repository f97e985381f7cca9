"""DDoS protection plans: which networks and addresses they cover."""

from loader.model import Arm, EntityType, Service, outgoing, text, texts
from loader.services.shared.arm_ids import in_resource_group

DDOS_PROTECTION_PLAN = EntityType(
    type="azure_ddos_protection_plan",
    resource="DDoS Protection Plan",
    classes=("Configuration",),
    arm_type="Microsoft.Network/ddosProtectionPlans",
    inventory="Microsoft.Network/ddosProtectionPlans",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/ddos-protection-plans/list",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="ddos_protection_plans.list",
        permission="Microsoft.Network/ddosProtectionPlans/read",
    ),
    properties=(
        texts("virtualNetworks", "properties.virtualNetworks[].id", "networks it covers"),
        texts("publicIpAddresses", "properties.publicIPAddresses[].id", "addresses it covers by themselves"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
        text("resourceGuid", "properties.resourceGuid", "Azure's own id of it"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("ASSIGNED", "azure_vnet", "properties.virtualNetworks[].id", "networks it covers"),
        outgoing("ASSIGNED", "azure_public_ip", "properties.publicIPAddresses[].id", "addresses it covers"),
    ),
)

SERVICE = Service(name="DDoS protection", entity_types=(DDOS_PROTECTION_PLAN,))
