"""CDN and Front Door Standard/Premium: one kind of profile in Azure, with endpoints of two kinds in it."""

from __future__ import annotations

from loader.model import (
    Arm,
    EntityType,
    Json,
    Property,
    Relationship,
    Segment,
    Service,
    flag,
    incoming,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.wire import explained, part

_CLIENT = "azure.mgmt.cdn.aio:CdnManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api"
_STATE: tuple[Property, ...] = (
    text("resourceState", "properties.resourceState", "Active, Running, Stopped, Disabled, …"),
    text("provisioningState", "properties.provisioningState", "state of the last change"),
)


def is_front_door(profile: Json) -> bool:
    """Whether a profile is a Front Door; by its SKU, since `kind` came later."""
    return str(part(profile, "sku").get("name") or "").lower().endswith("_azurefrontdoor")


def is_classic_cdn(profile: Json) -> bool:
    """Whether a profile has CDN endpoints: every one that is no Front Door."""
    return not is_front_door(profile)


CDN_PROFILE = EntityType(
    type="azure_cdn_profile",
    resource="CDN Profile",
    classes=("Service",),
    arm_type="Microsoft.Cdn/profiles",
    inventory="Microsoft.Cdn/profiles",
    documentation=f"{_DOCS}/cdn/profiles/list",
    fetch=Arm(client=_CLIENT, operation="profiles.list", permission="Microsoft.Cdn/profiles/read"),
    properties=(
        text("sku", "sku.name", "Standard_Microsoft, Premium_AzureFrontDoor, …"),
        flag("isFrontDoor", is_front_door, "it is a Front Door Standard or Premium"),
        text("frontDoorId", "properties.frontDoorId", "the id that it shows to origins"),
        whole("originResponseTimeoutSeconds", "properties.originResponseTimeoutSeconds", "how long an origin may take"),
        *identity_properties(),
        *_STATE,
    ),
    relationships=(in_resource_group(), uses_identities()),
)


def _children(operation: str, resource: str, *, front_door: bool = True) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.Cdn/profiles/{resource}/read",
        args=(Segment("resourceGroups"), Segment("profiles")),
        parent="azure_cdn_profile",
        when=is_front_door if front_door else is_classic_cdn,
    )


def _in_profile() -> Relationship:
    return incoming("HAS", "azure_cdn_profile", "@parent.id", "the profile it is in")


CDN_ENDPOINT = EntityType(
    type="azure_cdn_endpoint",
    resource="CDN Endpoint",
    classes=("Gateway",),
    arm_type="Microsoft.Cdn/profiles/endpoints",
    inventory="Microsoft.Cdn/profiles/endpoints",
    documentation=f"{_DOCS}/cdn/endpoints/list-by-profile",
    fetch=_children("endpoints.list_by_profile", "endpoints", front_door=False),
    secrets=("properties.deliveryPolicy.rules[].actions[].parameters.value",),
    properties=(
        text("hostName", "properties.hostName", "where it answers"),
        flag("public", explained("always true", lambda _answer: True), "it always is"),
        flag("isHttpAllowed", "properties.isHttpAllowed", "it answers without encryption too"),
        flag("isHttpsAllowed", "properties.isHttpsAllowed", "it answers with encryption"),
        flag("isCompressionEnabled", "properties.isCompressionEnabled", "it compresses"),
        text("originHostHeader", "properties.originHostHeader", "the name it asks its origins for"),
        text("originPath", "properties.originPath", "where it starts there"),
        texts("origins", "properties.origins[].properties.hostName", "where content comes from"),
        texts("customDomains", "properties.customDomains[].properties.hostName", "other names it answers to"),
        text("queryStringCachingBehavior", "properties.queryStringCachingBehavior", "how queries are cached"),
        text("optimizationType", "properties.optimizationType", "what it is tuned for"),
        text("wafPolicyId", "properties.webApplicationFirewallPolicyLink.id", "its web application firewall"),
        *_STATE,
    ),
    relationships=(_in_profile(),),
)

AFD_ENDPOINT = EntityType(
    type="azure_afd_endpoint",
    resource="Front Door Endpoint",
    classes=("Gateway",),
    arm_type="Microsoft.Cdn/profiles/afdEndpoints",
    inventory="Microsoft.Cdn/profiles/afdEndpoints",
    documentation=f"{_DOCS}/frontdoor/azurefrontdoorstandardpremium/afd-endpoints/list-by-profile",
    fetch=_children("afd_endpoints.list_by_profile", "afdEndpoints"),
    properties=(
        text("hostName", "properties.hostName", "where it answers"),
        flag("enabled", "properties.enabledState", "it answers"),
        flag("public", explained("always true", lambda _answer: True), "it always is"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(_in_profile(),),
)

AFD_CUSTOM_DOMAIN = EntityType(
    type="azure_afd_custom_domain",
    resource="Front Door Custom Domain",
    classes=("DomainRecord",),
    arm_type="Microsoft.Cdn/profiles/customDomains",
    documentation=f"{_DOCS}/frontdoor/azurefrontdoorstandardpremium/afd-custom-domains/list-by-profile",
    fetch=_children("afd_custom_domains.list_by_profile", "customDomains"),
    properties=(
        text("hostName", "properties.hostName", "the name"),
        text("minimumTlsVersion", "properties.tlsSettings.minimumTlsVersion", "TLS10, TLS12 or TLS13"),
        text("certificateType", "properties.tlsSettings.certificateType", "CustomerCertificate, ManagedCertificate"),
        text("domainValidationState", "properties.domainValidationState", "Approved, Pending, Rejected, …"),
    ),
    relationships=(
        _in_profile(),
        outgoing("USES", "azure_dns_zone", "properties.azureDnsZone.id", "the zone its name is in"),
    ),
)

AFD_SECURITY_POLICY = EntityType(
    type="azure_afd_security_policy",
    resource="Front Door Security Policy",
    classes=("ControlPolicy",),
    arm_type="Microsoft.Cdn/profiles/securityPolicies",
    documentation=f"{_DOCS}/frontdoor/azurefrontdoorstandardpremium/security-policies/list-by-profile",
    fetch=_children("security_policies.list_by_profile", "securityPolicies"),
    properties=(
        text("kind", "properties.parameters.type", "WebApplicationFirewall"),
        texts("patterns", "properties.parameters.associations[].patternsToMatch", "paths it protects"),
        text("deploymentStatus", "properties.deploymentStatus", "state of its roll-out"),
    ),
    relationships=(
        _in_profile(),
        outgoing("USES", "azure_front_door_waf_policy", "properties.parameters.wafPolicy.id", "the firewall's rules"),
        outgoing(
            "PROTECTS",
            ("azure_afd_endpoint", "azure_afd_custom_domain"),
            "properties.parameters.associations[].domains[].id",
            "the names before which it stands",
        ),
    ),
)

SERVICE = Service(
    name="CDN and Front Door",
    entity_types=(CDN_PROFILE, CDN_ENDPOINT, AFD_ENDPOINT, AFD_CUSTOM_DOMAIN, AFD_SECURITY_POLICY),
)
