"""Application gateways: where they answer, how old a TLS they take, which firewall stands in them."""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Service, flag, incoming, outgoing, text, texts, whole
from loader.services.network.gateway_backends import backends, public_backends, public_ports
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.wire import is_on, part, parts, plain
from loader.shapes import read

_FRONTENDS = "properties.frontendIPConfigurations[].properties"
_LISTENERS = "properties.httpListeners[].properties"
_PATHS = "properties.urlPathMaps[].properties.pathRules[].properties"
# Azure's predefined TLS policies, and what stands where none is set (policies of 2015 before today's default).
# Source: https://learn.microsoft.com/azure/application-gateway/application-gateway-ssl-policy-overview
_OLDEST = {
    "appgwsslpolicy20150501": "TLSv1_0",
    "appgwsslpolicy20170401": "TLSv1_1",
    "appgwsslpolicy20170401s": "TLSv1_2",
    "appgwsslpolicy20220101": "TLSv1_2",
    "appgwsslpolicy20220101s": "TLSv1_2",
}


# From the oldest to the newest; a version that is not here is not known.
_AGES = ("TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3")


def min_protocol(gateway: Json) -> str | None:
    """The oldest TLS version that some listener takes: by its own SSL profile, else by the gateway's policy.

    Policies say it themselves, or by the name of a predefined one; where there is none, the default holds that Azure
    tells for the gateway. None where it tells none (the default has changed over the years), or a listener has a policy
    that is not known here, unless another listener takes an old version.
    """
    properties = part(gateway, "properties")
    default = part(properties, "sslPolicy") or {"policyName": properties.get("defaultPredefinedSslPolicy")}
    profiles = {
        str(profile.get("id")).lower(): part(profile, "properties", "sslPolicy")
        for profile in parts(properties, "sslProfiles")
    }
    encrypted = [one for one in _listeners(gateway) if str(one.get("protocol")).lower() in ("https", "tls")]
    own = [profiles.get(str(part(one, "sslProfile").get("id")).lower(), {}) for one in encrypted]
    found = [_oldest(policy or default) for policy in own or [{}]]
    known = sorted((one for one in found if one in _AGES), key=_AGES.index)
    refused = known and known[0] in _AGES[:2]
    return known[0] if refused or (known and len(known) == len(found)) else None


def _oldest(policy: Json) -> str | None:
    """The oldest version that a TLS policy takes: as it says, as the predefined policy of its name does, or what is
    left of the versions that the oldest kind of policy switches off."""
    said = str(policy.get("minProtocolVersion") or "").lower()
    if said:
        return next((age for age in _AGES if age.lower() == said), said)
    if policy.get("policyName"):
        return _OLDEST.get(str(policy["policyName"]).lower())
    off = {str(one).lower() for one in plain(policy, "disabledSslProtocols")}
    return next((age for age in _AGES if age.lower() not in off), None) if off else None


def _listeners(gateway: Json, *kinds: str) -> list[Json]:
    """The properties of all listeners: HTTP's, and those for TCP and TLS, which stand in a list of their own."""
    kinds = kinds or ("httpListeners", "listeners")
    return [part(one, "properties") for kind in kinds for one in parts(gateway, "properties", kind)]


def host_names(gateway: Json) -> list[str]:
    """`hostNames` of `properties.httpListeners[]` and `properties.listeners[]`, and `hostName` of the former"""
    single = [one.get("hostName") for one in _listeners(gateway, "httpListeners")]
    several = [name for one in _listeners(gateway) for name in plain(one, "hostNames")]
    return [str(name) for name in (*single, *several) if name]


def _protocols(gateway: Json) -> list[str]:
    """`protocol` of `properties.httpListeners[]` and `properties.listeners[]`"""
    return [str(one["protocol"]) for one in _listeners(gateway) if one.get("protocol")]


def has_firewall(gateway: Json) -> bool:
    """A WAF tier with a policy of the gateway or of each listener, or with the older configuration switched on."""
    properties = part(gateway, "properties")
    if not str(part(properties, "sku").get("tier") or "").lower().startswith("waf"):
        return False
    own = is_on(part(properties, "webApplicationFirewallConfiguration"), "enabled")
    listeners = [part(one, "firewallPolicy").get("id") for one in _listeners(gateway, "httpListeners")]
    return bool(part(properties, "firewallPolicy").get("id") or own or (listeners and all(listeners)))


def firewall_policies(gateway: Json) -> list[str]:
    """`firewallPolicy.id` of the gateway, of its listeners, and of paths below them, each once."""
    paths = ("properties.firewallPolicy.id", f"{_LISTENERS}.firewallPolicy.id", f"{_PATHS}.firewallPolicy.id")
    found = (str(one) for path in paths for one in read(gateway, path))
    return list({one.lower(): one for one in found}.values())


def _is_public(gateway: Json) -> bool:
    """one of `properties.frontendIPConfigurations[]` has a `publicIPAddress`"""
    return bool(read(gateway, f"{_FRONTENDS}.publicIPAddress.id"))


APPLICATION_GATEWAY = EntityType(
    type="azure_application_gateway",
    resource="Application Gateway",
    classes=("Gateway",),
    arm_type="Microsoft.Network/applicationGateways",
    inventory="Microsoft.Network/applicationGateways",
    documentation="https://learn.microsoft.com/rest/api/application-gateway/application-gateways/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="application_gateways.list_all",
        permission="Microsoft.Network/applicationGateways/read",
    ),
    secrets=(
        "properties.sslCertificates[].properties.data",
        "properties.sslCertificates[].properties.password",
    ),
    properties=(
        text("skuName", "properties.sku.name", "Standard_v2, WAF_v2, …"),
        text(
            "skuTier",
            "properties.sku.tier",
            "Standard_v2, WAF_v2, …",
            values=("Basic", "Standard", "WAF", "Basic_v2", "Standard_v2", "Basic_WAF_v2", "WAF_v2"),
        ),
        flag("public", _is_public, "it has a public address"),
        texts("privateIp", f"{_FRONTENDS}.privateIPAddress", "private addresses it answers on"),
        texts("hostNames", host_names, "names it answers to"),
        texts("protocols", _protocols, "Http, Https, Tcp, Tls: what its listeners speak"),
        texts("backends", backends, "servers behind it: addresses, names, ids of interfaces"),
        texts("publicPorts", public_ports, "protocol and port of each listener on a public frontend"),
        texts("publicBackends", public_backends, "what those lead to: a port, and an address, a name or an id"),
        flag("wafEnabled", has_firewall, "a web application firewall stands in it"),
        text("wafPolicyId", "properties.firewallPolicy.id", "the policy of that firewall"),
        text("wafMode", "properties.webApplicationFirewallConfiguration.firewallMode", "of the older configuration"),
        text("sslPolicyType", "properties.sslPolicy.policyType", "Predefined, Custom or CustomV2"),
        text("sslPolicyName", "properties.sslPolicy.policyName", "the predefined policy"),
        text("minProtocolVersion", min_protocol, "the oldest TLS version it takes"),
        flag("http2Enabled", "properties.enableHttp2", "callers may use HTTP/2"),
        flag("fipsEnabled", "properties.enableFips", "its cryptography is validated by FIPS"),
        whole("minCapacity", "properties.autoscaleConfiguration.minCapacity", "fewest instances"),
        whole("maxCapacity", "properties.autoscaleConfiguration.maxCapacity", "most instances"),
        texts("zones", "zones", "zones it is in"),
        *identity_properties(),
        text("operationalState", "properties.operationalState", "Running, Stopped, …"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
        text("resourceGuid", "properties.resourceGuid", "Azure's own id of it"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_public_ip", f"{_FRONTENDS}.publicIPAddress.id", "addresses it answers on"),
        outgoing("USES", "azure_waf_policy", firewall_policies, "the rules of its firewall"),
        incoming(
            "HAS", "azure_subnet", "properties.gatewayIPConfigurations[].properties.subnet.id", "the subnet it is in"
        ),
        uses_identities(),
    ),
)

SERVICE = Service(name="Application gateways", entity_types=(APPLICATION_GATEWAY,))
