"""Virtual Network Manager: groups of networks, and the admin rules that are looked at before any security group.

A rule counts for the networks of the groups that its collection names, once its configuration is deployed to their
region. Azure tells deployments by a POST that Reader may not make; where it is not told, `deployments` is not known,
and whoever works out what is reached lets a Deny not count. Networks that a policy adds to a group are not among its
static members and so not known here.
Source: https://learn.microsoft.com/azure/virtual-network-manager/concept-security-admins
"""

from __future__ import annotations

from collections.abc import Callable

from loader.mapping import normal_location
from loader.model import (
    Arm,
    Body,
    Detail,
    EntityType,
    Json,
    Property,
    Segment,
    Service,
    incoming,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group, parent_of
from loader.services.shared.ports import port_interval
from loader.services.shared.wire import explained, parts, plain
from loader.shapes import read

_CLIENT = "azure.mgmt.network.aio:NetworkManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/networkmanager"
_RESOURCE = "Microsoft.Network/networkManagers"
_STATE: Property = text("provisioningState", "properties.provisioningState", "state of the last change")
_IN_MANAGER = (Segment("resourceGroups"), Segment("networkManagers"))
_IN_CONFIGURATION = (*_IN_MANAGER, Segment("securityAdminConfigurations"))


def _deployments(manager: Json) -> list[str] | None:
    """`$deployments.value[]` that are Deployed: each of its `configurationIds`, `@` and its region; in lower case"""
    if "$deployments" not in manager:
        return None
    return [
        f"{str(configuration).lower()}@{normal_location(str(one.get('region') or ''))}"
        for one in parts(manager, "$deployments", "value")
        if str(one.get("deploymentStatus")).lower() == "deployed"
        for configuration in plain(one, "configurationIds")
    ]


NETWORK_MANAGER = EntityType(
    type="azure_network_manager",
    resource="Network Manager",
    classes=("Service",),
    arm_type=_RESOURCE,
    inventory=_RESOURCE,
    documentation=f"{_DOCS}/network-managers/list-by-subscription",
    fetch=Arm(client=_CLIENT, operation="network_managers.list_by_subscription", permission=f"{_RESOURCE}/read"),
    details=(
        Detail(
            name="deployments",
            many=True,
            call=Arm(
                client=_CLIENT,
                operation="network_manager_deployment_status.list",
                permission=f"{_RESOURCE}/listDeploymentStatus/action",
                args=(*_IN_MANAGER, Body({"deploymentTypes": ["SecurityAdmin"]})),
            ),
        ),
    ),
    properties=(
        texts("features", "properties.networkManagerScopeAccesses", "SecurityAdmin, Connectivity, Routing, …"),
        texts("subscriptions", "properties.networkManagerScopes.subscriptions", "subscriptions that it is about"),
        texts("managementGroups", "properties.networkManagerScopes.managementGroups", "management groups likewise"),
        texts(
            "deployments",
            _deployments,
            "configurations that count, as id@region; absent where not known",
            needs=("deployments",),
        ),
        _STATE,
    ),
    relationships=(in_resource_group(),),
)


def _children(operation: str, resource: str, parent: str, args: tuple[Segment, ...]) -> Arm:
    return Arm(client=_CLIENT, operation=operation, permission=f"{_RESOURCE}/{resource}/read", args=args, parent=parent)


NETWORK_GROUP = EntityType(
    type="azure_network_group",
    resource="Network Group",
    classes=("Group",),
    arm_type=f"{_RESOURCE}/networkGroups",
    documentation=f"{_DOCS}/network-groups/list",
    fetch=_children("network_groups.list", "networkGroups", "azure_network_manager", _IN_MANAGER),
    details=(
        Detail(
            name="members",
            many=True,
            call=Arm(
                client=_CLIENT,
                operation="static_members.list",
                permission=f"{_RESOURCE}/networkGroups/staticMembers/read",
                args=(*_IN_MANAGER, Segment("networkGroups")),
            ),
        ),
    ),
    properties=(
        text("description", "properties.description", "what it is for"),
        text("memberType", "properties.memberType", "VirtualNetwork or Subnet"),
        _STATE,
    ),
    relationships=(
        incoming("HAS", "azure_network_manager", "@parent.id", "the manager it is in"),
        outgoing(
            "CONTAINS",
            ("azure_vnet", "azure_subnet"),
            "$members.value[].properties.resourceId",
            "networks that were added to it by hand",
            needs=("members",),
        ),
    ),
)

CONFIGURATION = EntityType(
    type="azure_security_admin_configuration",
    resource="Security Admin Configuration",
    classes=("Configuration",),
    arm_type=f"{_RESOURCE}/securityAdminConfigurations",
    documentation=f"{_DOCS}/security-admin-configurations/list",
    fetch=_children(
        "security_admin_configurations.list", "securityAdminConfigurations", "azure_network_manager", _IN_MANAGER
    ),
    properties=(
        text("description", "properties.description", "what it is for"),
        texts(
            "notAppliedFor",
            "properties.applyOnNetworkIntentPolicyBasedServices",
            "how it treats networks of services with rules of their own: None, All or AllowRulesOnly",
        ),
        _STATE,
    ),
    relationships=(incoming("HAS", "azure_network_manager", "@parent.id", "the manager it is in"),),
)


def _configuration_id(collection: Json) -> str | None:
    """the id without its last part, in lower case"""
    return (parent_of(str(collection.get("id") or "")) or "").lower() or None


COLLECTION = EntityType(
    type="azure_security_admin_collection",
    resource="Security Admin Rule Collection",
    classes=("Ruleset",),
    arm_type=f"{_RESOURCE}/securityAdminConfigurations/ruleCollections",
    documentation=f"{_DOCS}/admin-rule-collections/list",
    fetch=_children(
        "admin_rule_collections.list",
        "securityAdminConfigurations/ruleCollections",
        "azure_security_admin_configuration",
        _IN_CONFIGURATION,
    ),
    properties=(
        text("description", "properties.description", "what it is for"),
        text("configurationId", _configuration_id, "the configuration it is in"),
        _STATE,
    ),
    relationships=(
        incoming("HAS", "azure_security_admin_configuration", "@parent.id", "the configuration it is in"),
        outgoing(
            "PROTECTS", "azure_network_group", "properties.appliesToGroups[].networkGroupId", "networks it is about"
        ),
    ),
)


def _ranges(field: str) -> Callable[[Json], list[str]]:
    def ranges(rule: Json) -> list[str]:
        said = [str(one) for one in read(rule, f"properties.{field}[]")] or ["*"]
        return ["-".join(map(str, port_interval(one))) for one in said]

    return explained(f"`properties.{field}[]`, each as first-last; none is every port", ranges)


def _protocol(rule: Json) -> str:
    """`properties.protocol` in lower case; Any is *"""
    said = next((str(one).lower() for one in read(rule, "properties.protocol")), "any")
    return "*" if said == "any" else said


RULE = EntityType(
    type="azure_security_admin_rule",
    resource="Security Admin Rule",
    classes=("Rule",),
    arm_type=f"{_RESOURCE}/securityAdminConfigurations/ruleCollections/rules",
    documentation=f"{_DOCS}/admin-rules/list",
    fetch=_children(
        "admin_rules.list",
        "securityAdminConfigurations/ruleCollections/rules",
        "azure_security_admin_collection",
        (*_IN_CONFIGURATION, Segment("ruleCollections")),
    ),
    properties=(
        text("description", "properties.description", "what it is for"),
        text("access", "properties.access", "Allow leaves it to security groups, Deny and AlwaysAllow do not"),
        text("direction", "properties.direction", "Inbound or Outbound"),
        whole("priority", "properties.priority", "the lower number is looked at first"),
        text("protocol", _protocol, "tcp, udp, icmp, esp, ah or *"),
        texts("sources", "properties.sources[].addressPrefix", "from where"),
        texts("destinations", "properties.destinations[].addressPrefix", "to where"),
        texts("sourcePortRanges", "properties.sourcePortRanges", "from which ports"),
        texts("portRanges", _ranges("destinationPortRanges"), "to which ports, each as first-last"),
        _STATE,
    ),
    relationships=(incoming("HAS", "azure_security_admin_collection", "@parent.id", "the collection it is in"),),
)

SERVICE = Service(
    name="Virtual Network Manager", entity_types=(NETWORK_MANAGER, NETWORK_GROUP, CONFIGURATION, COLLECTION, RULE)
)
