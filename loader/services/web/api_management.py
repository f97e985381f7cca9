"""API Management: gateways in front of APIs, and the APIs they publish."""

from __future__ import annotations

from collections.abc import Callable

from loader.model import (
    Arm,
    EntityType,
    Json,
    Property,
    Segment,
    Service,
    date,
    flag,
    incoming,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import reachable
from loader.services.shared.wire import explained, part, plain

_CLIENT = "azure.mgmt.apimanagement.aio:ApiManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/apimanagement"
_SETTING = "Microsoft.WindowsAzure.ApiManagement.Gateway."
_CIPHERS = f"{_SETTING}Security.Ciphers."


def _setting(name: str) -> Callable[[Json], object]:
    """One of the gateway's own settings, whose names have dots in them."""
    return explained(
        f"`{_SETTING}{name}` in `properties.customProperties`",
        lambda answer: part(answer, "properties", "customProperties").get(f"{_SETTING}{name}"),
    )


def _weak_ciphers(answer: Json) -> list[str]:
    """Ciphers that were switched on by name."""
    settings = part(answer, "properties", "customProperties").items()
    return [
        name.removeprefix(_CIPHERS)
        for name, value in settings
        if name.startswith(_CIPHERS) and str(value).lower() == "true"
    ]


def _has_public_address(answer: Json) -> bool | None:
    """`properties.publicIPAddresses` has any; None where Azure tells none, as for a gateway of the tier Consumption"""
    if part(answer, "properties").get("publicIPAddresses") is None:
        return None
    return bool(plain(answer, "properties", "publicIPAddresses"))


def _in_own_network(answer: Json) -> str:
    """A gateway in a network of the kind Internal has its public address for Azure's own use only."""
    kind = str(part(answer, "properties").get("virtualNetworkType") or "")
    return "it answers within its network only" if kind.lower() == "internal" else ""


_PROTOCOLS: tuple[Property, ...] = (
    flag("tls10Enabled", _setting("Security.Protocols.Tls10"), "callers may use TLS 1.0"),
    flag("tls11Enabled", _setting("Security.Protocols.Tls11"), "callers may use TLS 1.1"),
    flag("ssl30Enabled", _setting("Security.Protocols.Ssl30"), "callers may use SSL 3.0"),
    flag("backendTls10Enabled", _setting("Security.Backend.Protocols.Tls10"), "it calls backends with TLS 1.0"),
    flag("backendTls11Enabled", _setting("Security.Backend.Protocols.Tls11"), "it calls backends with TLS 1.1"),
    flag("backendSsl30Enabled", _setting("Security.Backend.Protocols.Ssl30"), "it calls backends with SSL 3.0"),
    flag("http2Enabled", _setting("Protocols.Server.Http2"), "callers may use HTTP/2"),
    texts("ciphersEnabled", _weak_ciphers, "ciphers that were switched on by name"),
)

API_MANAGEMENT_SERVICE = EntityType(
    type="azure_api_management_service",
    resource="API Management Service",
    classes=("Gateway",),
    arm_type="Microsoft.ApiManagement/service",
    inventory="Microsoft.ApiManagement/service",
    documentation=f"{_DOCS}/api-management-service/list",
    fetch=Arm(
        client=_CLIENT,
        operation="api_management_service.list",
        permission="Microsoft.ApiManagement/service/read",
    ),
    secrets=(
        "properties.certificates[].encodedCertificate",
        "properties.certificates[].certificatePassword",
        "properties.hostnameConfigurations[].encodedCertificate",
        "properties.hostnameConfigurations[].certificatePassword",
    ),
    properties=(
        text("sku", "sku.name", "Developer, Basic, Standard, Premium, Consumption, …"),
        whole("capacity", "sku.capacity", "how many units"),
        text("gatewayUrl", "properties.gatewayUrl", "where it answers"),
        text("portalUrl", "properties.developerPortalUrl | properties.portalUrl", "its portal for developers"),
        text("managementApiUrl", "properties.managementApiUrl", "its own management address"),
        texts("hostNames", "properties.hostnameConfigurations[].hostName", "all names it answers to"),
        texts("publicIpAddresses", "properties.publicIPAddresses", "addresses it answers on"),
        texts("privateIpAddresses", "properties.privateIPAddresses", "addresses within a network"),
        flag("public", _has_public_address, "it has a public one; see `reachableFrom` for who may call"),
        text("virtualNetworkType", "properties.virtualNetworkType", "None, External or Internal"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
        *reachable(page=f"{_DOCS}/api-management-service/create-or-update", inside=_in_own_network),
        flag("disableGateway", "properties.disableGateway", "it answers nothing in its main region"),
        flag("clientCertificateEnabled", "properties.enableClientCertificate", "callers show a certificate"),
        text("minApiVersion", "properties.apiVersionConstraint.minApiVersion", "oldest management API it takes"),
        text("platformVersion", "properties.platformVersion", "stv1, stv2, …"),
        text("publisherEmail", "properties.publisherEmail", "who runs it"),
        date("createdOn", "properties.createdAtUtc", "when it was made"),
        *_PROTOCOLS,
        *identity_properties(),
        approved_private_endpoints(),
    ),
    relationships=(
        in_resource_group(),
        outgoing(
            "USES", "azure_subnet", "properties.virtualNetworkConfiguration.subnetResourceId", "the subnet it is in"
        ),
        uses_identities(),
    ),
)

API_MANAGEMENT_API = EntityType(
    type="azure_api_management_api",
    resource="API Management API",
    classes=("ApplicationEndpoint",),
    arm_type="Microsoft.ApiManagement/service/apis",
    documentation=f"{_DOCS}/apis/list-by-service",
    fetch=Arm(
        client=_CLIENT,
        operation="api.list_by_service",
        permission="Microsoft.ApiManagement/service/apis/read",
        args=(Segment("resourceGroups"), Segment("service")),
        parent="azure_api_management_service",
    ),
    name="properties.displayName | name",
    properties=(
        text("address", "properties.path", "its path on the gateway"),
        text("serviceUrl", "properties.serviceUrl", "the backend behind it"),
        text("description", "properties.description", "what it is for"),
        text("apiType", "properties.type", "http, soap, websocket or graphql"),
        text("apiRevision", "properties.apiRevision", "its revision"),
        text("apiVersion", "properties.apiVersion", "its version"),
        texts("protocols", "properties.protocols", "http, https, ws, wss"),
        flag("subscriptionRequired", "properties.subscriptionRequired", "callers need a subscription key"),
        flag("isCurrent", "properties.isCurrent", "this revision is the one that answers"),
        text(
            "oAuthServerId",
            "properties.authenticationSettings.oAuth2.authorizationServerId",
            "the OAuth 2.0 server whose tokens it takes",
        ),
    ),
    relationships=(incoming("HAS", "azure_api_management_service", "@parent.id", "the gateway that publishes it"),),
)

SERVICE = Service(name="API Management", entity_types=(API_MANAGEMENT_SERVICE, API_MANAGEMENT_API))
