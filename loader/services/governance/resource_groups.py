"""Resource groups."""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Service, flag, text
from loader.services.shared.arm_ids import in_subscription
from loader.services.shared.provider_groups import provider_managed
from loader.services.shared.wire import part


def _state(answer: Json) -> object:
    """`properties.provisioningState`; a group has no provider, and nothing else stands in its properties: without them
    nothing of it is unknown that anybody judges
    """
    return part(answer, "properties").get("provisioningState") if answer.get("properties") is not None else None


RESOURCE_GROUP = EntityType(
    type="azure_resource_group",
    resource="Resource Group",
    classes=("Group",),
    arm_type="Microsoft.Resources/resourceGroups",
    documentation="https://learn.microsoft.com/rest/api/resources/resource-groups/list",
    fetch=Arm(
        client="azure.mgmt.resource.resources.aio:ResourceManagementClient",
        operation="resource_groups.list",
        permission="Microsoft.Resources/subscriptions/resourceGroups/read",
    ),
    properties=(
        text("managedBy", "managedBy", "the resource that made the group for itself"),
        flag("providerManaged", provider_managed, "whether a service of Azure made the group for itself"),
        text("provisioningState", _state, "Succeeded, Deleting, …"),
    ),
    relationships=(in_subscription(),),
)

SERVICE = Service(name="Resource groups", entity_types=(RESOURCE_GROUP,))
