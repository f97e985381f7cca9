"""Who reaches services by name, through perimeters, Front Door and deployment sites: one graph, a row each."""

from __future__ import annotations

from typing import Any

import pytest

from loader.conclusions.internet_through_front_door import ports_of
from loader.graph import Database
from loader.model import Json
from tests.services.loading import NETWORK, SUBSCRIPTION, load

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers"
PARTNERS = "/subscriptions/00000000-0000-4000-8000-0000000000ff"
PERIMETER = f"{NETWORK}/networkSecurityPerimeters/wall"
DOOR = f"{GROUP}/Microsoft.Cdn/profiles/door"
OFFICE = "203.0.113.0/24"


def vault(name: str, *addresses: str, access: str = "Enabled") -> Json:
    acls = {"defaultAction": "Deny", "ipRules": [{"value": one} for one in addresses]}
    properties = {"publicNetworkAccess": access, "networkAcls": acls, "enableRbacAuthorization": True}
    return {"id": f"{GROUP}/Microsoft.KeyVault/vaults/{name}", "name": name, "properties": properties}


def site(name: str, access: str = "Enabled", **web: Any) -> Json:
    properties = {"defaultHostName": f"{name}.azurewebsites.net", "publicNetworkAccess": access}
    identity = f"{GROUP}/Microsoft.Web/sites/{name}"
    return {"id": identity, "name": name, "kind": "app", "properties": properties, "$web": {"properties": web}}


def allowed(address: str) -> list[Json]:
    return [{"ipAddress": address, "action": "Allow", "priority": 1}]


def associated(name: str, mode: str) -> Json:
    return {
        "@parent": {"id": PERIMETER},
        "id": f"{PERIMETER}/resourceAssociations/{name}",
        "name": name,
        "properties": {
            "accessMode": mode,
            "privateLinkResource": {"id": f"{GROUP}/Microsoft.KeyVault/vaults/{name}"},
            "profile": {"id": f"{PERIMETER}/profiles/p"},
        },
    }


def rule(name: str, direction: str, *prefixes: str) -> Json:
    return {
        "@parent": {"id": f"{PERIMETER}/profiles/p"},
        "id": f"{PERIMETER}/profiles/p/accessRules/{name}",
        "name": name,
        "properties": {
            "direction": direction,
            "addressPrefixes": list(prefixes),
            "subscriptions": [{"id": PARTNERS}] if direction == "Inbound" else [],
        },
    }


def origin(name: str, *, privately: str = "", state: str = "Enabled") -> Json:
    target = {"id": f"{GROUP}/Microsoft.Web/sites/{name}"}
    link = {"sharedPrivateLinkResource": {"privateLink": target, "status": privately}} if privately else {}
    return {
        "@parent": {"id": f"{DOOR}/originGroups/o"},
        "id": f"{DOOR}/originGroups/o/origins/{name}",
        "name": name,
        "properties": {"hostName": f"{name}.azurewebsites.net", "enabledState": state, "httpsPort": 8443, **link},
    }


ANSWERS: dict[str, list[Json]] = {
    "azure_keyvault_service": [
        vault("plain", OFFICE, "10.0.0.0/8"),
        vault("closed", OFFICE, access="Disabled"),
        vault("enforced", OFFICE),
        vault("learning", OFFICE),
    ],
    "azure_sql_server": [
        {"id": f"{GROUP}/Microsoft.Sql/servers/sql", "name": "sql", "properties": {"publicNetworkAccess": "Enabled"}}
    ],
    "azure_sql_server_firewall_rule": [
        {
            "@parent": {"id": f"{GROUP}/Microsoft.Sql/servers/sql"},
            "id": f"{GROUP}/Microsoft.Sql/servers/sql/firewallRules/{name}",
            "name": name,
            "properties": {"startIpAddress": first, "endIpAddress": last},
        }
        for name, first, last in (("odd", "198.51.100.1", "198.51.100.6"), ("azure", "0.0.0.0", "0.0.0.0"))
    ],
    "azure_network_security_perimeter": [{"id": PERIMETER, "name": "wall", "properties": {}}],
    "azure_network_security_perimeter_profile": [
        {"@parent": {"id": PERIMETER}, "id": f"{PERIMETER}/profiles/p", "name": "p", "properties": {}}
    ],
    "azure_network_security_perimeter_association": [
        associated("enforced", "Enforced"),
        associated("learning", "Learning"),
    ],
    "azure_network_security_perimeter_rule": [
        rule("in", "Inbound", "192.0.2.0/24", "10.1.0.0/16"),
        rule("out", "Outbound"),
    ],
    "azure_web_app": [
        site("main-only", ipSecurityRestrictions=allowed(OFFICE), scmIpSecurityRestrictionsUseMain=True),
        site("scm-open", ipSecurityRestrictions=allowed(OFFICE)),
        site("shut", access="Disabled"),
        site("waiting", access="Disabled"),
        site("unused", access="Disabled"),
    ],
    "azure_cdn_profile": [{"id": DOOR, "name": "door", "sku": {"name": "Premium_AzureFrontDoor"}, "properties": {}}],
    "azure_afd_endpoint": [
        {
            "@parent": {"id": DOOR},
            "id": f"{DOOR}/afdEndpoints/e",
            "name": "e",
            "properties": {"enabledState": "Enabled", "hostName": "e.azurefd.net"},
        }
    ],
    "azure_afd_route": [
        {
            "@parent": {"id": f"{DOOR}/afdEndpoints/e"},
            "id": f"{DOOR}/afdEndpoints/e/routes/{name}",
            "name": name,
            "properties": {
                "originGroup": {"id": f"{DOOR}/originGroups/o"},
                "enabledState": state,
                "forwardingProtocol": protocol,
                "linkToDefaultDomain": "Enabled",
            },
        }
        for name, state, protocol in (("all", "Enabled", "HttpsOnly"), ("off", "Disabled", "HttpOnly"))
    ],
    "azure_afd_origin_group": [
        {"@parent": {"id": DOOR}, "id": f"{DOOR}/originGroups/o", "name": "o", "properties": {}}
    ],
    "azure_afd_origin": [
        origin("main-only"),
        origin("shut", privately="Approved"),
        origin("waiting", privately="Pending"),
        origin("unused", privately="Approved", state="Disabled"),
    ],
}
OWN, SIZE = "range:203.0.113.0/24", 256.0
EXPECTED = {
    ("internet", "plain", "public endpoint", "443", None),
    (OWN, "plain", "service firewall", "443", SIZE),
    ("internet", "learning", "public endpoint", "443", None),
    (OWN, "learning", "service firewall", "443", SIZE),
    ("range:192.0.2.0/24", "learning", "perimeter", "443", SIZE),
    ("internet", "learning", "perimeter", "443", None),
    ("range:192.0.2.0/24", "enforced", "perimeter", "443", SIZE),
    ("internet", "enforced", "perimeter", "443", None),
    (PARTNERS, "learning", "perimeter", "443", None),
    (PARTNERS, "enforced", "perimeter", "443", None),
    ("range:198.51.100.1-198.51.100.6", "sql", "service firewall", "1433", 6.0),
    ("servicetag:azurecloud", "sql", "service firewall", "1433", None),
    ("internet", "sql", None, None, None),
    ("internet", "main-only", "public endpoint", "443", None),
    (OWN, "main-only", "service firewall", "443", SIZE),
    ("internet", "main-only", "deployment site", "443", None),
    ("internet", "main-only", "Front Door", "8443", None),
    ("internet", "scm-open", "public endpoint", "443", None),
    (OWN, "scm-open", "service firewall", "443", SIZE),
    ("internet", "scm-open", "deployment site", "443", None),
    ("internet", "shut", "Front Door", "8443", None),
    ("internet", "e", "public endpoint", "80 443", None),
}


@pytest.mark.graph
def test_every_way_is_found_and_no_other(database: Database) -> None:
    load(database, **ANSWERS)
    rows = database.read("""
        MATCH (source)-[way:REACHES]->(target)
        RETURN source._key AS source, target.name AS target, way.kind AS kind, way.ports AS ports,
               way.addresses AS addresses, way.internetShare AS share, way.privately AS privately
    """)
    found = {
        (one["source"], one["target"], one["kind"], " ".join(one["ports"]) if one["ports"] else None, one["addresses"])
        for one in rows
    }
    assert found == EXPECTED
    shares = {(one["target"], one["kind"]): one["share"] for one in rows if one["source"] == "internet"}
    assert shares["scm-open", "deployment site"] == 1.0
    assert 0 < shares["main-only", "deployment site"] < 0.001
    assert {one["target"] for one in rows if one["privately"]} == {"shut"}


@pytest.mark.graph
@pytest.mark.parametrize(("enabled", "counts"), [("Enabled", True), (None, True), ("Disabled", False)])
def test_rules_of_ipv6_count_unless_the_server_has_it_off(
    database: Database, enabled: str | None, counts: bool
) -> None:
    server = f"{GROUP}/Microsoft.Sql/servers/sql"
    said = {"publicNetworkAccess": "Enabled", "isIPv6Enabled": enabled}
    everybody = {"startIPv6Address": "::", "endIPv6Address": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}
    office = {"startIPv6Address": "2001:db8::1", "endIPv6Address": "2001:db8::9"}
    load(
        database,
        azure_sql_server=[{"id": server, "name": "sql", "properties": said}],
        azure_sql_server_ipv6_firewall_rule=[
            {"@parent": {"id": server}, "id": f"{server}/ipv6FirewallRules/{name}", "name": name, "properties": span}
            for name, span in (("all", everybody), ("office", office))
        ],
    )
    found = database.read("MATCH (source)-[:REACHES]->(:azure_sql_server) RETURN source._key AS source")
    assert {"internet" in str(row["source"]) for row in found} == ({True, False} if counts else set())


@pytest.mark.parametrize(
    ("forwarding", "supported", "expected"),
    [
        ("HttpOnly", ["Http", "Https"], ["tcp:8080"]),
        ("HttpsOnly", ["Http"], ["tcp:443"]),
        ("MatchRequest", ["Https"], ["tcp:443"]),
        ("MatchRequest", ["Http", "Https"], ["tcp:8080", "tcp:443"]),
        (None, [], ["tcp:8080", "tcp:443"]),
    ],
)
def test_an_origin_is_asked_by_the_route_s_protocol(
    forwarding: object, supported: list[str], expected: list[str]
) -> None:
    assert ports_of(forwarding, supported, 8080, None) == expected
