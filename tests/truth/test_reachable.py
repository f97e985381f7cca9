"""From where services are reached, by what their documentation says of each value: a row is a resource and its verdict.

Each table names the page it is written from; one sync loads a table's resources, and its checks judge them.
"""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from loader.model import Json
from tests.truth.chain import GROUP, load, resource

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]
PASS, FAIL, UNKNOWN = "pass", "fail", "not-evaluated"
# A perimeter may open what the resource itself says is shut, so that nothing passes before they were asked for.
PERIMETERS = ("azure_network_security_perimeter", "azure_network_security_perimeter_association")
NO_PERIMETER: dict[str, Any] = {"/providers/Microsoft.Network/networkSecurityPerimeters": []}
LOWER, UPPER = "0.0.0.0/1", "128.0.0.0/1"


def acls(action: str | None, *addresses: str, **more: Any) -> Json:
    """`networkAcls` as storage accounts and vaults answer it."""
    return {
        "defaultAction": action,
        "ipRules": [{"value": one} for one in addresses],
        "virtualNetworkRules": [],
        **more,
    }


# --- storage accounts ----------------------------------------------------------------------------------------------
# https://learn.microsoft.com/rest/api/storagerp/storage-accounts/list (publicNetworkAccess, networkAcls)
# https://learn.microsoft.com/azure/storage/common/storage-network-security
# https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition

# name → properties, then the verdicts of storage-default-network-deny, storage-public-network-access and
# storage-trusted-services-bypass
STORAGE: dict[str, tuple[Json, str, str, str]] = {
    "open": ({"publicNetworkAccess": "Enabled", "networkAcls": acls("Allow", bypass="None")}, FAIL, FAIL, PASS),
    "unset": ({}, FAIL, FAIL, PASS),
    "null": ({"publicNetworkAccess": None, "networkAcls": None}, FAIL, FAIL, PASS),
    "empty": ({"publicNetworkAccess": "", "networkAcls": acls("Allow")}, FAIL, FAIL, PASS),
    "lower-case": ({"publicNetworkAccess": "disabled", "networkAcls": acls("allow")}, PASS, PASS, FAIL),
    "walled": ({"publicNetworkAccess": "Enabled", "networkAcls": acls("Deny", "203.0.113.7")}, PASS, FAIL, FAIL),
    "unset-deny": ({"networkAcls": acls("Deny", bypass="AzureServices")}, PASS, FAIL, PASS),
    "three": ({"networkAcls": acls("Deny", bypass="Logging, Metrics, AzureServices")}, PASS, FAIL, PASS),
    "halves": ({"networkAcls": acls("Deny", LOWER, UPPER)}, FAIL, FAIL, PASS),
    "six": ({"networkAcls": acls("Deny", ipv6Rules=[{"value": "2000::/3"}])}, FAIL, FAIL, PASS),
    "private": ({"networkAcls": acls("Deny", "10.0.0.0/8")}, PASS, FAIL, FAIL),
    "perimeter": ({"publicNetworkAccess": "SecuredByPerimeter", "networkAcls": acls("Allow")}, *[UNKNOWN] * 3),
    "walled-perimeter": ({"publicNetworkAccess": "SecuredByPerimeter", "networkAcls": acls("Deny")}, *[UNKNOWN] * 3),
    "odd": ({"publicNetworkAccess": "Sometimes", "networkAcls": acls("Deny")}, *[UNKNOWN] * 3),
    "odd-action": ({"networkAcls": acls("Ask")}, *[UNKNOWN] * 3),
    "odd-firewall": ({"networkAcls": acls("Deny", countryRules=["NL"])}, *[UNKNOWN] * 3),
    "odd-bypass": ({"networkAcls": acls("Deny", bypass="Logging, Partners")}, PASS, FAIL, UNKNOWN),
}


def test_storage_accounts(database: Database) -> None:
    accounts = [
        resource("Microsoft.Storage/storageAccounts", name, kind="StorageV2", properties=row[0])
        for name, row in STORAGE.items()
    ]
    answers = {"/providers/Microsoft.Storage/storageAccounts": accounts, **NO_PERIMETER}
    chain = load(database, answers, ["azure_storage_account", *PERIMETERS])
    for at, check in enumerate(
        ("storage-default-network-deny", "storage-public-network-access", "storage-trusted-services-bypass"), 1
    ):
        assert chain.verdicts(check) == {name: row[at] for name, row in STORAGE.items()}, check
    why = chain.reasons("storage-default-network-deny")
    assert "Sometimes" in why["odd"]
    assert "Ask" in why["odd-action"]
    assert "countryRules" in why["odd-firewall"]
    assert "perimeter" in why["perimeter"]


# --- key vaults ----------------------------------------------------------------------------------------------------
# https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-by-subscription

VAULTS: dict[str, tuple[Json, str]] = {
    "shut": ({"publicNetworkAccess": "Disabled", "networkAcls": acls("Allow")}, PASS),
    "walled": ({"publicNetworkAccess": "Enabled", "networkAcls": acls("Deny", bypass="AzureServices")}, FAIL),
    "open": ({"publicNetworkAccess": "enabled"}, FAIL),
    "unset": ({}, FAIL),
    "empty": ({"publicNetworkAccess": ""}, FAIL),
    "perimeter": ({"publicNetworkAccess": "SecuredByPerimeter"}, UNKNOWN),
    "odd": ({"publicNetworkAccess": "Sometimes"}, UNKNOWN),
}


def test_key_vaults(database: Database) -> None:
    vaults = [resource("Microsoft.KeyVault/vaults", name, properties=row[0]) for name, row in VAULTS.items()]
    answers = {"/providers/Microsoft.KeyVault/vaults": vaults, **NO_PERIMETER}
    chain = load(database, answers, ["azure_keyvault_service", *PERIMETERS])
    assert chain.verdicts("keyvault-public-network-access") == {name: row[1] for name, row in VAULTS.items()}


# --- database servers ----------------------------------------------------------------------------------------------
# https://learn.microsoft.com/azure/azure-sql/database/firewall-configure (0.0.0.0 is all of Azure)
# https://learn.microsoft.com/azure/azure-sql/database/connectivity-settings
# https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-firewall-rules

Rules = tuple[tuple[str, str], ...]
EVERYONE: Rules = (("0.0.0.0", "255.255.255.255"),)
AZURE: Rules = (("0.0.0.0", "0.0.0.0"),)
OFFICE: Rules = (("203.0.113.1", "203.0.113.9"),)
# These stand in a list of their own.
EVERYONE_IPV6: Rules = (("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),)
OFFICE_IPV6: Rules = (("2001:db8::1", "2001:db8::9"),)
# Sixteen rules, each for less than a tenth of the Internet.
SIXTEENTHS: Rules = tuple((f"{at * 16}.0.0.0", f"{at * 16 + 15}.255.255.255") for at in range(16))

# name → publicNetworkAccess, rules, then the verdicts of sql-no-any-ip-ingress and sql-public-network-access
SQL: dict[str, tuple[str | None, Rules, str, str]] = {
    "everyone": ("Enabled", EVERYONE, FAIL, FAIL),
    "nearly-everyone": ("Enabled", (("0.0.0.1", "255.255.255.254"),), FAIL, FAIL),
    "halves": ("Enabled", (("0.0.0.0", "127.255.255.255"), ("128.0.0.0", "255.255.255.255")), FAIL, FAIL),
    "pieces": ("Enabled", SIXTEENTHS, FAIL, FAIL),
    "one-piece": ("Enabled", SIXTEENTHS[4:5], PASS, FAIL),
    "same-piece": ("Enabled", SIXTEENTHS[4:5] * 3, PASS, FAIL),
    "azure": ("Enabled", AZURE, FAIL, FAIL),
    "office": ("Enabled", OFFICE, PASS, FAIL),
    "inside": ("Enabled", (("10.0.0.0", "10.255.255.255"), ("172.16.0.0", "172.31.255.255")), PASS, FAIL),
    "ipv6": ("Enabled", EVERYONE_IPV6, FAIL, FAIL),
    "ipv6-beside-an-office": ("Enabled", OFFICE + EVERYONE_IPV6, FAIL, FAIL),
    "ipv6-halves": ("Enabled", (("2000::", "2fff:ffff::"), ("3000::", "3fff:ffff::")), FAIL, FAIL),
    "ipv6-office": ("Enabled", OFFICE_IPV6, PASS, FAIL),
    "ipv6-shut": ("Disabled", EVERYONE_IPV6, PASS, PASS),
    "none": ("Enabled", (), PASS, FAIL),
    "unset": (None, EVERYONE, FAIL, FAIL),
    "empty": ("", EVERYONE, FAIL, FAIL),
    "shut": ("Disabled", EVERYONE, PASS, PASS),
    "perimeter": ("SecuredByPerimeter", EVERYONE, UNKNOWN, UNKNOWN),
    "odd": ("Sometimes", (), UNKNOWN, UNKNOWN),
}


def _firewall_rules(servers: list[Json], rules: dict[str, Rules]) -> dict[str, Any]:
    return {
        f"{server['id']}/firewallRules": [
            {
                "id": f"{server['id']}/firewallRules/rule-{at}",
                "name": f"rule-{at}",
                "properties": {"startIpAddress": first, "endIpAddress": last},
            }
            for at, (first, last) in enumerate(rules[server["name"]])
            if ":" not in first
        ]
        for server in servers
    }


def _ipv6_firewall_rules(servers: list[Json], rules: dict[str, Rules]) -> dict[str, Any]:
    return {
        f"{server['id']}/ipv6FirewallRules": [
            {
                "id": f"{server['id']}/ipv6FirewallRules/rule-{at}",
                "name": f"rule-{at}",
                "properties": {"startIPv6Address": first, "endIPv6Address": last},
            }
            for at, (first, last) in enumerate(rules[server["name"]])
            if ":" in first
        ]
        for server in servers
    }


def test_sql_servers(database: Database) -> None:
    servers = [
        resource("Microsoft.Sql/servers", name, properties={"publicNetworkAccess": row[0]}) for name, row in SQL.items()
    ]
    told = {name: row[1] for name, row in SQL.items()}
    rules = _firewall_rules(servers, told) | _ipv6_firewall_rules(servers, told)
    only = ["azure_sql_server", "azure_sql_server_firewall_rule", "azure_sql_server_ipv6_firewall_rule", *PERIMETERS]
    chain = load(database, {"/providers/Microsoft.Sql/servers": servers, **rules, **NO_PERIMETER}, only)
    assert chain.verdicts("sql-no-any-ip-ingress") == {name: row[2] for name, row in SQL.items()}
    assert chain.verdicts("sql-public-network-access") == {name: row[3] for name, row in SQL.items()}
    assert chain.verdicts("sql-no-any-ip-ingress", internet_percent=5)["one-piece"] == FAIL


# name → network, rules, verdict of postgres-allow-azure-services
POSTGRESQL: dict[str, tuple[Json, Rules, str]] = {
    "azure": ({"publicNetworkAccess": "Enabled"}, AZURE, FAIL),
    "everyone": ({"publicNetworkAccess": "Enabled"}, EVERYONE, FAIL),
    "pieces": ({}, SIXTEENTHS, FAIL),
    "office": ({"publicNetworkAccess": "Enabled"}, OFFICE, PASS),
    "left-over": ({"publicNetworkAccess": "Disabled"}, AZURE, PASS),
    "subnet": (
        {"delegatedSubnetResourceId": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"},
        AZURE,
        PASS,
    ),
    "odd": ({"publicNetworkAccess": "Sometimes"}, OFFICE, UNKNOWN),
}


def test_postgresql_servers(database: Database) -> None:
    provider = "Microsoft.DBforPostgreSQL/flexibleServers"
    servers = [resource(provider, name, properties={"network": row[0]}) for name, row in POSTGRESQL.items()]
    rules = _firewall_rules(servers, {name: row[1] for name, row in POSTGRESQL.items()})
    singles = {"/providers/Microsoft.DBforPostgreSQL/servers": []}
    kinds = ("azure_postgresql_flexible_server", "azure_postgresql_server")
    only = [*kinds, *(f"{kind}_firewall_rule" for kind in kinds)]
    chain = load(database, {f"/providers/{provider}": servers, **singles, **rules}, only)
    assert chain.verdicts("postgres-allow-azure-services") == {name: row[2] for name, row in POSTGRESQL.items()}


# --- Cosmos DB -----------------------------------------------------------------------------------------------------
# https://learn.microsoft.com/azure/cosmos-db/how-to-configure-firewall


def _addresses(*several: str) -> Json:
    return {"ipRules": [{"ipAddressOrRange": one} for one in several], "isVirtualNetworkFilterEnabled": False}


COSMOS: dict[str, tuple[Json, str]] = {
    "open": ({"publicNetworkAccess": "Enabled", "ipRules": [], "isVirtualNetworkFilterEnabled": False}, FAIL),
    "unset": ({}, FAIL),
    "empty": ({"publicNetworkAccess": "", **_addresses("203.0.113.7")}, PASS),
    "shut": ({"publicNetworkAccess": "Disabled", "ipRules": []}, PASS),
    "perimeter": ({"publicNetworkAccess": "SecuredByPerimeter", **_addresses("203.0.113.7")}, UNKNOWN),
    "office": (_addresses("203.0.113.0/24"), PASS),
    "azure": (_addresses("0.0.0.0"), PASS),
    "halves": (_addresses(LOWER, UPPER), FAIL),
    "everybody": (_addresses("0.0.0.0/0"), FAIL),
    "older": ({"ipRangeFilter": "203.0.113.7,198.51.100.0/24"}, PASS),
    "older-open": ({"ipRangeFilter": f"{LOWER},{UPPER}"}, FAIL),
    "subnets": ({"isVirtualNetworkFilterEnabled": True, "virtualNetworkRules": [{"id": "/s"}], "ipRules": []}, PASS),
    "odd": ({"publicNetworkAccess": "Sometimes"}, UNKNOWN),
}


def test_cosmos_db_accounts(database: Database) -> None:
    provider = "Microsoft.DocumentDB/databaseAccounts"
    accounts = [resource(provider, name, properties=row[0]) for name, row in COSMOS.items()]
    answers = {f"/providers/{provider}": accounts, **NO_PERIMETER}
    chain = load(database, answers, ["azure_cosmosdb_account", *PERIMETERS])
    assert chain.verdicts("cosmosdb-selected-networks") == {name: row[1] for name, row in COSMOS.items()}


# --- Databricks, disks ---------------------------------------------------------------------------------------------
# https://learn.microsoft.com/rest/api/databricks/workspaces/list-by-subscription
# https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview

WORKSPACES: dict[str, tuple[Json, str]] = {
    "shut": ({"publicNetworkAccess": "Disabled"}, PASS),
    "open": ({"publicNetworkAccess": "Enabled"}, FAIL),
    "unset": ({}, FAIL),
    "empty": ({"publicNetworkAccess": ""}, FAIL),
    "odd": ({"publicNetworkAccess": "Sometimes"}, UNKNOWN),
}
DISKS: dict[str, tuple[Json, str]] = {
    "denied": ({"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Enabled"}, PASS),
    "private": ({"networkAccessPolicy": "AllowPrivate"}, PASS),
    "inside": ({"networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Disabled"}, PASS),
    "open": ({"networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Enabled"}, FAIL),
    "unset": ({}, FAIL),
    "empty": ({"networkAccessPolicy": "AllowAll", "publicNetworkAccess": ""}, FAIL),
    "odd": ({"networkAccessPolicy": "AllowSome"}, UNKNOWN),
}


def test_databricks_workspaces_and_disks(database: Database) -> None:
    made = {
        f"/providers/{provider}": [resource(provider, name, properties=row[0]) for name, row in table.items()]
        for provider, table in (("Microsoft.Databricks/workspaces", WORKSPACES), ("Microsoft.Compute/disks", DISKS))
    }
    chain = load(database, made, ["azure_databricks_workspace", "azure_managed_disk"])
    for check, table in (("databricks-public-network-access", WORKSPACES), ("disk-network-access", DISKS)):
        assert chain.verdicts(check) == {name: row[1] for name, row in table.items()}
