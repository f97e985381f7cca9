"""Front Door Standard and Premium: the routes of its endpoints, and the origins that these lead to."""

from __future__ import annotations

from loader.model import (
    ANY_RESOURCE,
    Arm,
    EntityType,
    Property,
    Segment,
    Service,
    flag,
    incoming,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.network.cdn import is_front_door

_CLIENT = "azure.mgmt.cdn.aio:CdnManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/frontdoor/azurefrontdoorstandardpremium"
_IN_PROFILE = (Segment("resourceGroups"), Segment("profiles"))
_STATE: Property = text("provisioningState", "properties.provisioningState", "state of the last change")

ORIGIN_GROUP = EntityType(
    type="azure_afd_origin_group",
    resource="Front Door Origin Group",
    classes=("Configuration",),
    arm_type="Microsoft.Cdn/profiles/originGroups",
    documentation=f"{_DOCS}/afd-origin-groups/list-by-profile",
    fetch=Arm(
        client=_CLIENT,
        operation="afd_origin_groups.list_by_profile",
        permission="Microsoft.Cdn/profiles/originGroups/read",
        args=_IN_PROFILE,
        parent="azure_cdn_profile",
        when=is_front_door,
    ),
    properties=(
        text("probePath", "properties.healthProbeSettings.probePath", "what is asked to see whether an origin is well"),
        flag("sessionAffinityEnabled", "properties.sessionAffinityState", "a caller stays with an origin"),
        _STATE,
    ),
    relationships=(incoming("HAS", "azure_cdn_profile", "@parent.id", "the profile it is in"),),
)

ORIGIN = EntityType(
    type="azure_afd_origin",
    resource="Front Door Origin",
    classes=("Configuration",),
    arm_type="Microsoft.Cdn/profiles/originGroups/origins",
    documentation=f"{_DOCS}/afd-origins/list-by-origin-group",
    fetch=Arm(
        client=_CLIENT,
        operation="afd_origins.list_by_origin_group",
        permission="Microsoft.Cdn/profiles/originGroups/origins/read",
        args=(*_IN_PROFILE, Segment("originGroups")),
        parent="azure_afd_origin_group",
    ),
    properties=(
        text("hostName", "properties.hostName", "where requests go: a name or an address"),
        text("originHostHeader", "properties.originHostHeader", "the name it is asked for"),
        flag("enabled", "properties.enabledState", "requests go there"),
        flag("checksCertificate", "properties.enforceCertificateNameCheck", "its certificate must be for its name"),
        whole("httpPort", "properties.httpPort", "the port without encryption"),
        whole("httpsPort", "properties.httpsPort", "the port with encryption"),
        whole("priority", "properties.priority", "lower ones are asked first"),
        text("privateLinkStatus", "properties.sharedPrivateLinkResource.status", "Approved, Pending, Rejected, …"),
        _STATE,
    ),
    relationships=(
        incoming("HAS", "azure_afd_origin_group", "@parent.id", "the group it is in"),
        outgoing(
            "CONNECTS",
            ANY_RESOURCE,
            "properties.sharedPrivateLinkResource.privateLink.id",
            "what it reaches by a private endpoint",
        ),
        outgoing("USES", ANY_RESOURCE, "properties.azureOrigin.id", "the resource that it names as its origin"),
    ),
)

ROUTE = EntityType(
    type="azure_afd_route",
    resource="Front Door Route",
    classes=("Rule",),
    arm_type="Microsoft.Cdn/profiles/afdEndpoints/routes",
    documentation=f"{_DOCS}/routes/list-by-endpoint",
    fetch=Arm(
        client=_CLIENT,
        operation="routes.list_by_endpoint",
        permission="Microsoft.Cdn/profiles/afdEndpoints/routes/read",
        args=(*_IN_PROFILE, Segment("afdEndpoints")),
        parent="azure_afd_endpoint",
    ),
    properties=(
        flag("enabled", "properties.enabledState", "it counts"),
        texts("patternsToMatch", "properties.patternsToMatch", "paths it is about"),
        texts("supportedProtocols", "properties.supportedProtocols", "Http, Https"),
        text(
            "forwardingProtocol",
            "properties.forwardingProtocol",
            "how the origin is asked",
            values=("HttpOnly", "HttpsOnly", "MatchRequest"),
        ),
        flag("httpsRedirect", "properties.httpsRedirect", "HTTP is sent on to HTTPS"),
        flag("linkToDefaultDomain", "properties.linkToDefaultDomain", "it counts for the endpoint's own name too"),
        _STATE,
    ),
    relationships=(
        incoming("HAS", "azure_afd_endpoint", "@parent.id", "the endpoint it is of"),
        outgoing("USES", "azure_afd_origin_group", "properties.originGroup.id", "where requests go"),
        outgoing("USES", "azure_afd_custom_domain", "properties.customDomains[].id", "other names that it counts for"),
    ),
)

SERVICE = Service(name="Front Door origins", entity_types=(ORIGIN_GROUP, ORIGIN, ROUTE))
