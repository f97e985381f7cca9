"""Defender External Attack Surface Management: that there is a workspace; what it found is not read.

Its SDK never left its first preview, so the list is that of all resources of this type.
"""

from loader.model import Arm, EntityType, Service, date, text
from loader.services.shared.arm_ids import in_resource_group

EASM_WORKSPACE = EntityType(
    type="azure_easm_workspace",
    resource="External Attack Surface Management Workspace",
    classes=("Service",),
    arm_type="Microsoft.Easm/workspaces",
    inventory="Microsoft.Easm/workspaces",
    documentation="https://learn.microsoft.com/rest/api/resources/resources/list",
    fetch=Arm(
        client="azure.mgmt.resource.resources.aio:ResourceManagementClient",
        operation="resources.list",
        permission="Microsoft.Resources/subscriptions/resources/read",
        kwargs={
            "filter": "resourceType eq 'Microsoft.Easm/workspaces'",
            "expand": "createdTime,provisioningState",
        },
    ),
    properties=(
        text("provisioningState", "provisioningState", "state of the last change"),
        date("createdOn", "createdTime", "when it was made"),
    ),
    relationships=(in_resource_group(),),
)

SERVICE = Service(name="External attack surface", entity_types=(EASM_WORKSPACE,))
