"""Network security perimeters: a wall around platform services, and which resources stand behind it."""

from collections.abc import Iterable

from loader.model import (
    ANY_RESOURCE,
    Arm,
    EntityType,
    Json,
    Link,
    Segment,
    Service,
    flag,
    incoming,
    links,
    outgoing,
    text,
    texts,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS
from loader.services.shared.firewall_ranges import target_of
from loader.services.shared.wire import part, plain

_CLIENT = "azure.mgmt.network.aio:NetworkManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/networkmanager"
_IN_PERIMETER = (Segment("resourceGroups"), Segment("networkSecurityPerimeters"))
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
        args=_IN_PERIMETER,
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
        outgoing("USES", "azure_network_security_perimeter_profile", "properties.profile.id", "the rules that count"),
    ),
)

PROFILE = EntityType(
    type="azure_network_security_perimeter_profile",
    resource="Network Security Perimeter Profile",
    classes=("Ruleset",),
    arm_type="Microsoft.Network/networkSecurityPerimeters/profiles",
    documentation=f"{_DOCS}/network-security-perimeter-profiles/list",
    fetch=Arm(
        client=_CLIENT,
        operation="network_security_perimeter_profiles.list",
        permission="Microsoft.Network/networkSecurityPerimeters/profiles/read",
        args=_IN_PERIMETER,
        parent="azure_network_security_perimeter",
    ),
    properties=(text("accessRulesVersion", "properties.accessRulesVersion", "goes up with each change of its rules"),),
    relationships=(incoming("HAS", "azure_network_security_perimeter", "@parent.id", "the perimeter"),),
)


def _let_in(rule: Json) -> Iterable[Link]:
    """Whom an inbound rule names by address or service tag."""
    said = part(rule, "properties")
    inbound = str(said.get("direction")).lower() == "inbound"
    named = [*plain(said, "addressPrefixes"), *plain(said, "serviceTags")] if inbound else []
    for target in {one.key: one for one in map(target_of, map(str, named))}.values():
        yield Link("ALLOWS", target, incoming=True)


ACCESS_RULE = EntityType(
    type="azure_network_security_perimeter_rule",
    resource="Network Security Perimeter Rule",
    classes=("Rule",),
    arm_type="Microsoft.Network/networkSecurityPerimeters/profiles/accessRules",
    documentation=f"{_DOCS}/network-security-perimeter-access-rules/list",
    fetch=Arm(
        client=_CLIENT,
        operation="network_security_perimeter_access_rules.list",
        permission="Microsoft.Network/networkSecurityPerimeters/profiles/accessRules/read",
        args=(*_IN_PERIMETER, Segment("profiles")),
        parent="azure_network_security_perimeter_profile",
    ),
    properties=(
        text("direction", "properties.direction", "Inbound or Outbound"),
        texts("addressPrefixes", "properties.addressPrefixes", "addresses that get in"),
        texts("serviceTags", "properties.serviceTags", "services of Azure that get in"),
        texts("subscriptions", "properties.subscriptions[].id", "subscriptions whose identities get in"),
        texts("fullyQualifiedDomainNames", "properties.fullyQualifiedDomainNames", "names that may be called"),
        _STATE,
    ),
    relationships=(
        incoming("HAS", "azure_network_security_perimeter_profile", "@parent.id", "the profile it is of"),
        links("ALLOWS", FIREWALL_FAR_ENDS, _let_in, "addresses and service tags that get in", is_incoming=True),
        incoming("ALLOWS", "azure_subscription", "properties.subscriptions[].id", "its managed identities get in"),
    ),
)

SERVICE = Service(name="Network security perimeters", entity_types=(PERIMETER, ASSOCIATION, PROFILE, ACCESS_RULE))
