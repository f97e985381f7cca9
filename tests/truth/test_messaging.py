"""From where Event Hubs and Service Bus namespaces, and Synapse workspaces, are reached, by their own rules.

https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering (rules that name nobody let everybody in)
https://learn.microsoft.com/azure/service-bus-messaging/service-bus-ip-filtering (of the premium tier only)
https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-ip-firewall
"""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from loader.model import Json
from tests.truth.chain import load, resource

pytestmark = pytest.mark.graph
ENABLED = {"publicNetworkAccess": "Enabled"}


def rules(action: str | None, *addresses: str, **more: Any) -> Json:
    """https://learn.microsoft.com/rest/api/eventhub/controlplane-stable/namespaces/get-network-rule-set."""
    named = [{"ipMask": one, "action": "Allow"} for one in addresses]
    return {"defaultAction": action, "trustedServiceAccessEnabled": False, "ipRules": named, **more}


SUBNET = {"virtualNetworkRules": [{"subnet": {"id": "/s"}, "ignoreMissingVnetServiceEndpoint": False}]}
# name → tier, the namespace's own properties, its rule set (none where it is refused), from where it is reached
NAMESPACES: dict[str, tuple[str, Json, Json | None, str | None]] = {
    "open": ("Premium", ENABLED, rules("Allow"), "everybody"),
    "office": ("Premium", ENABLED, rules("Deny", "203.0.113.0/24"), "selected"),
    "subnet": ("Premium", ENABLED, rules("Deny", **SUBNET), "selected"),
    "nobody-named": ("Premium", ENABLED, rules("Deny"), "everybody"),
    "halves": ("Premium", ENABLED, rules("Deny", "0.0.0.0/1", "128.0.0.0/1"), "everybody"),
    "action-unset": ("Premium", ENABLED, rules(None, "203.0.113.0/24"), "everybody"),
    "action-odd": ("Premium", ENABLED, rules("Ask", "203.0.113.0/24"), None),
    "key-odd": ("Premium", ENABLED, rules("Deny", "203.0.113.0/24", countryRules=["NL"]), None),
    "shut": ("Premium", {"publicNetworkAccess": "Disabled"}, rules("Allow"), "nobody"),
    "perimeter": ("Premium", {"publicNetworkAccess": "SecuredByPerimeter"}, rules("Allow"), "perimeter"),
    "refused": ("Premium", ENABLED, None, None),
    "refused-shut": ("Premium", {"publicNetworkAccess": "disabled"}, None, "nobody"),
    "basic": ("Basic", {}, None, "everybody"),
}


@pytest.mark.parametrize(
    ("provider", "kind"),
    [("Microsoft.EventHub", "azure_event_hub_namespace"), ("Microsoft.ServiceBus", "azure_service_bus_namespace")],
)
def test_namespaces(database: Database, provider: str, kind: str) -> None:
    path = f"{provider}/namespaces"
    found = [resource(path, name, sku={"name": row[0]}, properties=row[1]) for name, row in NAMESPACES.items()]
    sets = {
        f"{one['id']}/networkRuleSets/default": {"properties": told}
        for one, (_, _, told, _) in zip(found, NAMESPACES.values(), strict=True)
        if told is not None
    }
    chain = load(database, {f"/providers/{path}": found, **sets}, [kind])
    rows = chain.database.read(f"MATCH (n:{kind}) RETURN n.name AS name, n.reachableFrom AS place")
    assert {row["name"]: row["place"] for row in rows} == {name: row[3] for name, row in NAMESPACES.items()}


# name → public access, rules, the part of the Internet that is let in (none where there is no way)
WORKSPACES: dict[str, tuple[Json, list[tuple[str, str]], float | None]] = {
    "all": (ENABLED, [("0.0.0.0", "255.255.255.255")], 1.0),
    "unset": ({}, [("0.0.0.0", "255.255.255.255")], 1.0),
    "azure": (ENABLED, [("0.0.0.0", "0.0.0.0")], None),
    "none": (ENABLED, [], None),
    "shut": ({"publicNetworkAccess": "Disabled"}, [("0.0.0.0", "255.255.255.255")], None),
}


def test_synapse_workspaces(database: Database) -> None:
    """https://learn.microsoft.com/rest/api/synapse/resourcemanager/ip-firewall-rules/list-by-workspace."""
    path = "Microsoft.Synapse/workspaces"
    found = [resource(path, name, properties=row[0]) for name, row in WORKSPACES.items()]
    lists = {
        f"{one['id']}/firewallRules": [
            {"id": f"{one['id']}/firewallRules/r", "name": "r", "properties": {"startIpAddress": a, "endIpAddress": b}}
            for a, b in told
        ]
        for one, (_, told, _) in zip(found, WORKSPACES.values(), strict=True)
    }
    only = ["azure_synapse_workspace", "azure_synapse_firewall_rule"]
    chain = load(database, {f"/providers/{path}": found, **lists}, only)
    rows = chain.database.read(
        "MATCH (n:azure_synapse_workspace) OPTIONAL MATCH (:internet)-[way:REACHES]->(n) "
        "RETURN n.name AS name, way.internetShare AS share"
    )
    assert {row["name"]: row["share"] for row in rows} == {name: row[2] for name, row in WORKSPACES.items()}
