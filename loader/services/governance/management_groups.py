"""Management groups: the tree that subscriptions hang in.

One call for the root, which goes by the tenant's id, answers the whole tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loader.model import Arm, At, EntityType, Json, Service, date, incoming, outgoing, text
from loader.services.shared.wire import part, parts

_GROUP, _SUBSCRIPTION = "microsoft.management/managementgroups", "/subscriptions"


def tree(group: Json) -> Iterator[Json]:
    """A group and all groups below it, each in the shape that Azure gives the root.

    Azure writes a nested group's display name and children beside its id, the root's under `properties`.
    """
    yield group
    properties = part(group, "properties")
    for child in parts(group, "properties", "children"):
        if str(child.get("type")).lower() == _GROUP:
            inherited = {"tenantId": properties.get("tenantId"), "details": {"parent": {"id": group.get("id")}}}
            own = {name: child[name] for name in ("displayName", "children") if child.get(name)}
            identity = {name: child.get(name) for name in ("id", "name", "type")}
            yield from tree({**identity, "properties": {**inherited, **own}})


def _children(kind: str) -> Callable[[Json], list[str]]:
    def ids(group: Json) -> list[str]:
        children = parts(group, "properties", "children")
        return [str(child["id"]) for child in children if str(child.get("type")).lower() == kind and child.get("id")]

    return ids


def account_of_root(group: Json) -> str | None:
    """The tenant, where this is its root group: the one that has the tenant's id for a name."""
    tenant = part(group, "properties").get("tenantId") or group.get("@tenant")
    return str(tenant) if tenant and str(group.get("name")).lower() == str(tenant).lower() else None


MANAGEMENT_GROUP = EntityType(
    type="azure_management_group",
    resource="Management Group",
    classes=("Group",),
    arm_type="Microsoft.Management/managementGroups",
    documentation="https://learn.microsoft.com/rest/api/managementgroups/management-groups/get",
    fetch=Arm(
        client="azure.mgmt.managementgroups.aio:ManagementGroupsMgmtClient",
        operation="management_groups.get",
        permission="Microsoft.Management/managementGroups/read",
        args=(At("@tenant"),),
        kwargs={"expand": "children", "recurse": "true"},
        tenant=True,
        one=True,
    ),
    spread=tree,
    name="properties.displayName | name",
    properties=(
        text("tenantId", "properties.tenantId", "the tenant it is in"),
        text("parentId", "properties.details.parent.id", "the group it is in"),
        date("updatedOn", "properties.details.updatedTime", "when it was last changed; told of the root only"),
        text("updatedBy", "properties.details.updatedBy", "who did that"),
    ),
    relationships=(
        incoming("HAS", "azure_account", account_of_root, "the root group's tenant"),
        outgoing("CONTAINS", "azure_management_group", _children(_GROUP), "groups right below it"),
        outgoing("CONTAINS", "azure_subscription", _children(_SUBSCRIPTION), "subscriptions right below it"),
    ),
)

SERVICE = Service(name="Management groups", entity_types=(MANAGEMENT_GROUP,))
