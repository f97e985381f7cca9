"""Network security perimeters: a wall around platform services, and which resources stand behind it."""

from loader.model import ANY_RESOURCE, Arm, EntityType, Segment, Service, flag, incoming, outgoing, text
from loader.services.shared.arm_ids import in_resource_group

_CLIENT = "azure.mgmt.network.aio:NetworkManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/networkmanager"
_STATE = text("provisioningState", "properties.provisioningState", "state of the last change")

PERIMETER = EntityType(
    type="azure_network_security_perimeter",
    resource="Network Security Perimeter",
    classes=("Firewall",),
    arm_type="Microsoft.Network/networkSecurityPerimeters",
    inventory="Microsoft.Network/networkSecurityPerimeters",
    documentation=f"{_DOCS}/network-security-perimeters/list-by-subscription",
    fetch=Arm(
        client=_CLIENT,
        operation="network_security_perimeters.list_by_subscription",
        permission="Microsoft.Network/networkSecurityPerimeters/read",
    ),
    properties=(text("perimeterGuid", "properties.perimeterGuid", "Azure's own id of it"), _STATE),
    relationships=(in_resource_group(),),
)

ASSOCIATION = EntityType(
    type="azure_network_security_perimeter_association",
    resource="Network Security Perimeter Association",
    classes=("Rule",),
    arm_type="Microsoft.Network/networkSecurityPerimeters/resourceAssociations",
    documentation=f"{_DOCS}/network-security-perimeter-associations/list",
    fetch=Arm(
        client=_CLIENT,
        operation="network_security_perimeter_associations.list",
        permission="Microsoft.Network/networkSecurityPerimeters/resourceAssociations/read",
        args=(Segment("resourceGroups"), Segment("networkSecurityPerimeters")),
        parent="azure_network_security_perimeter",
    ),
    properties=(
        text("accessMode", "properties.accessMode", "Enforced refuses; Learning and Audit only watch"),
        flag("hasProvisioningIssues", "properties.hasProvisioningIssues", "it does not work yet"),
        text("profileId", "properties.profile.id", "the rules that count"),
        _STATE,
    ),
    relationships=(
        incoming("HAS", "azure_network_security_perimeter", "@parent.id", "the perimeter"),
        outgoing("PROTECTS", ANY_RESOURCE, "properties.privateLinkResource.id", "what stands behind it"),
    ),
)

SERVICE = Service(name="Network security perimeters", entity_types=(PERIMETER, ASSOCIATION))
