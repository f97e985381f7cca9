"""Resources of every type: one list a subscription, which is the inventory that tells which other lists to ask.

Azure's list has what is tracked (has a location), of whatever provider; child and extension resources that are not are
not in it. https://learn.microsoft.com/rest/api/resources/resources/list
"""

from loader.model import ANY_RESOURCE, Arm, EntityType, Json, Service, date, incoming, quiet, text, whole
from loader.services import type_of
from loader.services.shared.arm_ids import in_resource_group, parent_of
from loader.services.shared.identities import identity_properties, uses_identities


def is_undeclared(answer: Json) -> bool:
    """Whether no other entity type is declared for the resource: those have lists of their own, that tell more."""
    return type_of(str(answer.get("id") or "").lower()) is None


def _owner(answer: Json) -> str | None:
    """the id without its last type and name, where that is a resource"""
    return parent_of(str(answer.get("id") or ""))


def _manager(answer: Json) -> str | None:
    """`managedBy`, where it is a resource's id"""
    manager = answer.get("managedBy")
    return manager if isinstance(manager, str) and manager.startswith("/") else None


RESOURCE = EntityType(
    type="azure_resource",
    resource="Resource",
    classes=("Resource",),
    documentation="https://learn.microsoft.com/rest/api/resources/resources/list",
    fetch=Arm(
        client="azure.mgmt.resource.resources.aio:ResourceManagementClient",
        operation="resources.list",
        permission="*/read",
        kwargs={"expand": "createdTime,changedTime,provisioningState"},
    ),
    keep=is_undeclared,
    properties=(
        text("resourceType", "type", "its type in Azure: Microsoft.Logic/workflows"),
        text("kind", "kind", "what its provider tells of its sort"),
        text("skuName", "sku.name", "what is paid for"),
        text("skuTier", "sku.tier", "the tier of that"),
        whole("skuCapacity", "sku.capacity", "how much of it"),
        text("planName", "plan.name", "the offer of the Marketplace that it was bought as"),
        text("planPublisher", "plan.publisher", "who sells that"),
        text("planProduct", "plan.product", "the product that it is of"),
        text("managedBy", "managedBy", "the resource that made it for itself"),
        text("provisioningState", "provisioningState", "state of the last change"),
        date("createdOn", "createdTime", "when it was made"),
        quiet(date("changedOn", "changedTime", "when it was last changed")),
        *identity_properties(),
    ),
    relationships=(
        in_resource_group(),
        incoming("HAS", ANY_RESOURCE, _owner, "the resource that it is a part of"),
        incoming("MANAGES", ANY_RESOURCE, _manager, "the resource that made it for itself"),
        uses_identities(),
    ),
)

SERVICE = Service(name="Resources", entity_types=(RESOURCE,))
