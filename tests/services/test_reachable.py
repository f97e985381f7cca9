"""From where services without a check of their own are reached: by the page that each declaration names."""

from __future__ import annotations

import pytest

from loader import services
from loader.mapping import build_record
from loader.model import Json, Outcome, Status
from loader.shapes import Missing
from loader.sync.reading import is_due

TYPES = services.entity_types()
OFFICE, LOWER = "203.0.113.0/24", "0.0.0.0/1"


def place(entity_type: str, properties: Json, **more: Json) -> str | None:
    """`reachableFrom` of an answer with these properties."""
    record = build_record(TYPES[entity_type], {"id": "/x", "name": "x", "properties": properties, **more})
    assert record is not None
    assert record.properties["reachableWhy"]
    found = record.properties.get("reachableFrom")
    return None if found is None else str(found)


EVERY = sorted(
    one.type for one in TYPES.values() if any(declared.name == "reachableFrom" for declared in one.properties)
)


@pytest.mark.parametrize("entity_type", EVERY)
def test_every_service_reads_public_network_access_alike(entity_type: str) -> None:
    def told(written: str | None) -> str | None:
        return place(entity_type, {"publicNetworkAccess": written, "network": {"publicNetworkAccess": written}})

    assert told("Disabled") == told("disabled") == "nobody"
    assert told("SecuredByPerimeter") == "perimeter"
    assert told("Enabled") == told("enabled") == told("") == told(None)
    assert told("Enabled") in ("everybody", "rules", None)
    assert told("Sometimes") is None


@pytest.mark.parametrize(
    ("entity_type", "properties", "expected"),
    [
        ("azure_redis_cache", {"subnetId": "/s"}, "nobody"),
        ("azure_container_registry", {"networkRuleSet": {"defaultAction": "Deny", "ipRules": []}}, "selected"),
        (
            "azure_container_registry",
            {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"value": LOWER}]}},
            "everybody",
        ),
        ("azure_event_grid_topic", {"inboundIpRules": [{"ipMask": OFFICE, "action": "Allow"}]}, "selected"),
        ("azure_event_grid_topic", {"inboundIpRules": [{"ipMask": LOWER, "action": "Allow"}]}, "everybody"),
        ("azure_iot_hub", {"networkRuleSets": {"defaultAction": "Deny", "ipRules": [{"ipMask": OFFICE}]}}, "selected"),
        ("azure_iot_hub", {"networkRuleSets": {"ipRules": [{"ipMask": OFFICE}]}}, "selected"),
        ("azure_iot_hub", {"networkRuleSets": {"applyToBuiltInEventHubEndpoint": True}}, "selected"),
        ("azure_iot_hub", {"networkRuleSets": {"applyToBuiltInEventHubEndpoint": False}}, "everybody"),
        ("azure_iot_hub", {"ipFilterRules": [{"action": "Reject", "ipMask": LOWER}]}, None),
        ("azure_api_management_service", {"virtualNetworkType": "Internal"}, "nobody"),
        ("azure_api_management_service", {"virtualNetworkType": "External"}, "everybody"),
        ("azure_kubernetes_cluster", {"apiServerAccessProfile": {"enablePrivateCluster": True}}, "nobody"),
        ("azure_kubernetes_cluster", {"apiServerAccessProfile": {"authorizedIPRanges": [OFFICE]}}, "selected"),
        ("azure_kubernetes_cluster", {"apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/32"]}}, "selected"),
        ("azure_kubernetes_cluster", {"apiServerAccessProfile": {"authorizedIPRanges": [LOWER]}}, "everybody"),
        ("azure_batch_account", {"networkProfile": {"accountAccess": {"defaultAction": "Deny"}}}, "selected"),
        ("azure_managed_hsm", {"networkAcls": {"bypass": "None", "defaultAction": "Deny"}}, "selected"),
        ("azure_service_bus_namespace", {"publicNetworkAccess": "Enabled"}, "everybody"),
        ("azure_synapse_workspace", {"publicNetworkAccess": "Enabled"}, "rules"),
    ],
)
def test_what_narrows_a_service(entity_type: str, properties: Json, expected: str | None) -> None:
    assert place(entity_type, properties) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("shop.azurewebsites.net", "everybody"),
        ("shop.contoso.p.azurewebsites.net", "everybody"),
        ("shop.contoso.appserviceenvironment.net", "nobody"),
        ("Shop.Contoso.AppServiceEnvironment.us", "nobody"),
    ],
)
def test_an_app_of_an_internal_environment_is_reached_by_nobody_outside(host: str, expected: str) -> None:
    assert place("azure_web_app", {"defaultHostName": host}, **{"$web": {"properties": {}}}) == expected


def app(access: str | None, *states: str, scm: bool = False) -> str | None:
    """`reachableFrom` of an app with that access, and private endpoints whose connections have these states."""
    connections = [{"properties": {"privateLinkServiceConnectionState": {"status": one}}} for one in states]
    answer = {
        "properties": {"publicNetworkAccess": access},
        "$web": {"properties": {}},
        "$privateEndpointConnections": {"value": connections},
    }
    record = build_record(TYPES["azure_web_app"], {"id": "/x", "name": "x", **answer})
    assert record is not None
    found = record.properties.get("scm.reachableFrom" if scm else "reachableFrom")
    return None if found is None else str(found)


@pytest.mark.parametrize("scm", [False, True])
def test_a_private_endpoint_closes_an_app_whose_app_access_is_not_set(scm: bool) -> None:
    """https://learn.microsoft.com/azure/app-service/overview-access-restrictions#app-access"""
    assert app(None, "Approved", scm=scm) == app("", "Rejected", "Approved", scm=scm) == "nobody"
    assert app(None, scm=scm) == app("Enabled", "Approved", scm=scm) == "everybody"
    assert app(None, "Pending", scm=scm) is None


@pytest.mark.parametrize("entity_type", ["azure_web_app", "azure_function_app", "azure_web_app_slot"])
def test_private_endpoints_are_asked_for_where_they_decide_and_are_known_or_nothing_is(entity_type: str) -> None:
    (detail,) = (one for one in TYPES[entity_type].details if one.name == "privateEndpointConnections")
    assert is_due(detail.call, {"properties": {"publicNetworkAccess": None}})
    assert not is_due(detail.call, {"properties": {"publicNetworkAccess": "Enabled"}})
    unread = {"$web": {"properties": {}}, "$privateEndpointConnections": Missing(Outcome(Status.FORBIDDEN))}
    record = build_record(TYPES[entity_type], {"id": "/x", "name": "x", "properties": {}, **unread})
    assert record is not None
    assert {"reachableFrom", "reachableWhy", "internetShare", "scm.reachableFrom"} <= record.unknown
    assert "ALLOWS" in record.unknown_verbs


def restriction(address: str, action: str, priority: int, **more: object) -> Json:
    return {"ipAddress": address, "action": action, "priority": priority, **more}


@pytest.mark.parametrize(
    ("rules", "default", "expected"),
    [
        ([], None, "everybody"),
        ([], "Deny", "selected"),
        ([restriction("Any", "Allow", 2147483647)], None, "everybody"),
        ([restriction(OFFICE, "Allow", 100)], None, "selected"),
        ([restriction(OFFICE, "Allow", 100)], "Allow", "everybody"),
        ([restriction("Any", "Deny", 2147483647), restriction(OFFICE, "Allow", 100)], None, "selected"),
        ([restriction("Any", "Deny", 100), restriction("Any", "Allow", 200)], None, "selected"),
        ([restriction("0.0.0.0/1,128.0.0.0/1", "Allow", 100)], None, "everybody"),
        ([restriction("128.0.0.0", "Allow", 100, subnetMask="128.0.0.0")], None, "everybody"),
        ([restriction("203.0.113.0", "Allow", 100, subnetMask="255.255.255.0")], None, "selected"),
        ([restriction("AzureCloud", "Allow", 100, tag="ServiceTag")], None, "azure"),
        ([restriction("AzureFrontDoor.Backend", "Allow", 100, tag="ServiceTag")], None, "selected"),
        ([restriction("Any", "Allow", 100, headers={"x-azure-fdid": ["1"]})], None, "selected"),
        ([restriction("Any", "Ask", 100)], None, None),
        ([], "Ask", None),
    ],
)
def test_access_restrictions_of_apps_count_in_their_order(
    rules: list[Json], default: str | None, expected: str | None
) -> None:
    config = {"ipSecurityRestrictions": rules, "ipSecurityRestrictionsDefaultAction": default}
    assert place("azure_web_app", {}, **{"$web": {"properties": config}}) == expected
