"""IoT hubs, and the Defender for IoT solutions that watch them. Keys and connection strings are never asked for."""

from loader.model import Arm, EntityType, Json, Service, flag, outgoing, text, texts
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import EVERYBODY, SELECTED, Reach, network_acls, reachable
from loader.services.shared.wire import is_on, part, parts

_RULE_SETS = network_acls(
    "properties.networkRuleSets",
    unset="Deny",
    subnets="",
    addresses=("ipRules[].ipMask",),
    read_keys=("defaultAction", "applyToBuiltInEventHubEndpoint", "ipRules"),
)


def _firewall(hub: Json) -> Reach:
    """`properties.networkRuleSets`; the older `ipFilterRules`, which count in their order, are not read.

    The hub's built-in endpoint, where its messages are read, has these rules only where they are set to count there too
    (https://learn.microsoft.com/rest/api/iothub/iot-hub-resource/create-or-update#networkrulesetproperties).
    """
    if parts(hub, "properties", "ipFilterRules"):
        return Reach(None, "the hub has rules of the older kind (ipFilterRules), which azgraph does not read")
    found = _RULE_SETS(hub)
    left_out = not is_on(part(hub, "properties", "networkRuleSets"), "applyToBuiltInEventHubEndpoint", default=True)
    if left_out and found.where == SELECTED:
        return Reach(EVERYBODY, "its rules leave out its built-in Event Hubs endpoint", 1.0, found.named)
    return found


IOT_HUB = EntityType(
    type="azure_iot_hub",
    resource="IoT Hub",
    classes=("Gateway",),
    arm_type="Microsoft.Devices/IotHubs",
    inventory="Microsoft.Devices/IotHubs",
    documentation="https://learn.microsoft.com/rest/api/iothub/iot-hub-resource/list-by-subscription",
    fetch=Arm(
        client="azure.mgmt.iothub.aio:IotHubClient",
        operation="iot_hub_resource.list_by_subscription",
        permission="Microsoft.Devices/IotHubs/Read",
    ),
    secrets=(
        "properties.authorizationPolicies[].primaryKey",
        "properties.authorizationPolicies[].secondaryKey",
        "properties.routing.endpoints.*.connectionString",
        "properties.routing.endpoints.*.primaryKey",
        "properties.routing.endpoints.*.secondaryKey",
        "properties.storageEndpoints.*.connectionString",
    ),
    properties=(
        text("sku", "sku.name", "F1, B1, S1, …"),
        text("hostName", "properties.hostName", "where it answers"),
        text("state", "properties.state", "Active, …"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
        *reachable(
            page="https://learn.microsoft.com/rest/api/iothub/iot-hub-resource/create-or-update", firewall=_firewall
        ),
        text("minTlsVersion", "properties.minTlsVersion", "1.0 or 1.2"),
        flag("localAuthDisabled", "properties.disableLocalAuth", "shared keys of the service do not count"),
        flag("deviceSasDisabled", "properties.disableDeviceSAS", "shared keys of devices do not count"),
        text("networkDefaultAction", "properties.networkRuleSets.defaultAction", "Allow or Deny others"),
        texts("allowedIpRanges", "properties.networkRuleSets.ipRules[].ipMask", "addresses let in"),
        approved_private_endpoints(),
        *identity_properties(),
    ),
    relationships=(in_resource_group(), uses_identities(), lets_in(_firewall)),
)

IOT_SECURITY_SOLUTION = EntityType(
    type="azure_iot_security_solution",
    resource="IoT Security Solution",
    classes=("Service",),
    arm_type="Microsoft.Security/iotSecuritySolutions",
    inventory="Microsoft.Security/iotSecuritySolutions",
    documentation="https://learn.microsoft.com/rest/api/defenderforcloud/iot-security-solution/list-by-subscription",
    fetch=Arm(
        client="azure.mgmt.security.aio:SecurityCenter",
        operation="iot_security_solution.list_by_subscription",
        permission="Microsoft.Security/iotSecuritySolutions/read",
    ),
    properties=(
        flag("enabled", "properties.status", "it watches"),
        text("workspaceId", "properties.workspace", "where it keeps what it finds"),
        texts("disabledDataSources", "properties.disabledDataSources", "what it does not look at"),
        flag("unmaskedIpLogging", "properties.unmaskedIpLoggingStatus", "addresses are kept whole"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("MONITORS", "azure_iot_hub", "properties.iotHubs[]", "the hubs it watches"),
    ),
)

SERVICE = Service(name="IoT", entity_types=(IOT_HUB, IOT_SECURITY_SOLUTION))
