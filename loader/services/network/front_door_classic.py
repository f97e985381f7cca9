"""Classic Front Door, retired in 2027: its parts are in its own answer. Its successor's parts are in `cdn.py`."""

from __future__ import annotations

from loader.model import (
    Arm,
    Embedded,
    EntityType,
    Property,
    Relationship,
    Service,
    flag,
    incoming,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import explained

_DOCS = "https://learn.microsoft.com/rest/api/frontdoor/frontdoor"
_STATE = text("resourceState", "properties.resourceState", "Enabled, Creating, …")

FRONT_DOOR = EntityType(
    type="azure_frontdoor",
    resource="Front Door (classic)",
    classes=("Service",),
    arm_type="Microsoft.Network/frontDoors",
    inventory="Microsoft.Network/frontDoors",
    documentation=f"{_DOCS}/front-doors/list",
    fetch=Arm(
        client="azure.mgmt.frontdoor.aio:FrontDoorManagementClient",
        operation="front_doors.list",
        permission="Microsoft.Network/frontDoors/read",
    ),
    secrets=(
        "properties.rulesEngines[].properties.rules[].action.requestHeaderActions[].value",
        "properties.rulesEngines[].properties.rules[].action.responseHeaderActions[].value",
    ),
    properties=(
        text("frontdoorId", "properties.frontdoorId", "the id that it shows to backends"),
        text("friendlyName", "properties.friendlyName", "its name for people"),
        text("cname", "properties.cName | properties.cname", "where it answers"),
        flag("enabled", "properties.enabledState", "it answers"),
        flag(
            "enforceCertificateNameCheck",
            "properties.backendPoolsSettings.enforceCertificateNameCheck",
            "certificates of backends must be for their names",
        ),
        whole("sendRecvTimeoutSeconds", "properties.backendPoolsSettings.sendRecvTimeoutSeconds", "for an answer"),
        _STATE,
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(in_resource_group(),),
)


def _part(
    type_: str, resource: str, class_: str, field: str, properties: tuple[Property, ...], *more: Relationship
) -> EntityType:
    return EntityType(
        type=type_,
        resource=resource,
        classes=(class_,),
        arm_type=f"Microsoft.Network/frontDoors/{field}",
        documentation=f"{_DOCS}/front-doors/get",
        fetch=Embedded(parent="azure_frontdoor", at=f"properties.{field}[]"),
        properties=(*properties, _STATE),
        relationships=(incoming("HAS", "azure_frontdoor", "@parent.id", "the Front Door it is part of"), *more),
    )


_ROUTE = "properties.routeConfiguration"

FRONTEND_ENDPOINT = _part(
    "azure_frontdoor_frontend_endpoint",
    "Front Door (classic) Frontend Endpoint",
    "Gateway",
    "frontendEndpoints",
    (
        text("hostName", "properties.hostName", "the name it answers to"),
        flag("public", explained("always true", lambda _answer: True), "it always is"),
        flag("sessionAffinityEnabled", "properties.sessionAffinityEnabledState", "a caller stays with a backend"),
        text("customHttpsState", "properties.customHttpsProvisioningState", "state of its own certificate"),
        text("minimumTlsVersion", "properties.customHttpsConfiguration.minimumTlsVersion", "1.0 or 1.2"),
        text("certificateSource", "properties.customHttpsConfiguration.certificateSource", "FrontDoor, AzureKeyVault"),
    ),
    outgoing(
        "USES", "azure_front_door_waf_policy", "properties.webApplicationFirewallPolicyLink.id", "its firewall's rules"
    ),
)
BACKEND_POOL = _part(
    "azure_frontdoor_backend_pool",
    "Front Door (classic) Backend Pool",
    "Configuration",
    "backendPools",
    (texts("backends", "properties.backends[].address", "where requests go"),),
)
ROUTING_RULE = _part(
    "azure_frontdoor_routing_rule",
    "Front Door (classic) Routing Rule",
    "Rule",
    "routingRules",
    (
        flag("enabled", "properties.enabledState", "it counts"),
        texts("acceptedProtocols", "properties.acceptedProtocols", "Http, Https"),
        texts("patternsToMatch", "properties.patternsToMatch", "paths it is about"),
        text("forwardingProtocol", f"{_ROUTE}.forwardingProtocol", "HttpOnly, HttpsOnly or MatchRequest"),
        text("redirectProtocol", f"{_ROUTE}.redirectProtocol", "the same, where it redirects"),
    ),
    incoming("HAS", "azure_frontdoor_frontend_endpoint", "properties.frontendEndpoints[].id", "names it is about"),
    outgoing("USES", "azure_frontdoor_backend_pool", f"{_ROUTE}.backendPool.id", "where requests go"),
)
RULES_ENGINE = _part(
    "azure_frontdoor_rules_engine",
    "Front Door (classic) Rules Engine",
    "Ruleset",
    "rulesEngines",
    (texts("rules", "properties.rules[].name", "names of its rules"),),
)

SERVICE = Service(
    name="Front Door (classic)",
    entity_types=(FRONT_DOOR, FRONTEND_ENDPOINT, BACKEND_POOL, ROUTING_RULE, RULES_ENGINE),
)
