"""Wrong or lost data that loaders are known for, where no other test shows that azgraph has none of it."""

from __future__ import annotations

from copy import deepcopy

import pytest

from loader.mapping import build_record
from loader.model import Json, Record
from loader.services import entity_types

GROUP = "/subscriptions/c0ffee00-0000-4000-8000-000000000001/resourceGroups/shop"


def record(entity_type: str, answer: Json) -> Record:
    built = build_record(entity_types()[entity_type], answer)
    assert built is not None
    return built


def ends(built: Record, verb: str) -> set[str]:
    return {link.target.key.rsplit("/", 1)[-1] for link in built.links if link.verb == verb}


def nic(name: str, *groups: str) -> Json:
    listed = [{"id": f"{GROUP}/providers/Microsoft.Network/applicationSecurityGroups/{one}"} for one in groups]
    return {
        "id": f"{GROUP}/providers/Microsoft.Network/networkInterfaces/{name}",
        "name": name,
        "properties": {"ipConfigurations": [{"properties": {"applicationSecurityGroups": listed}}]},
    }


def test_records_share_nothing() -> None:
    """Application security groups of one interface do not gather on those that are read after it."""
    loaded = [record("azure_nic", one) for one in (nic("one", "web"), nic("two", "api", "jobs"), nic("three"))]
    found = [
        {link.target.key.rsplit("/", 1)[-1] for link in one.links if "applicationsec" in link.target.key}
        for one in loaded
    ]
    assert found == [{"web"}, {"api", "jobs"}, set()]


def test_a_far_end_that_is_missing_does_not_cost_the_others() -> None:
    def connection(target: str | None) -> Json:
        return {"properties": {"privateLinkServiceId": target, "privateLinkServiceConnectionState": {}}}

    sql, vault = f"{GROUP}/providers/Microsoft.Sql/servers/sql", f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv"
    endpoint = {
        "id": f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe",
        "name": "pe",
        "properties": {"privateLinkServiceConnections": [connection(sql), connection(None), {}, connection(vault)]},
    }
    assert ends(record("azure_private_endpoint", endpoint), "CONNECTS") == {"sql", "kv"}

    scopes = [GROUP, "", f"{GROUP}/providers/Microsoft.Sql/servers/sql"]
    alert = {
        "id": f"{GROUP}/providers/Microsoft.Insights/activityLogAlerts/a",
        "name": "a",
        "properties": {"scopes": scopes, "condition": {"allOf": []}},
    }
    assert ends(record("azure_monitor_activity_log_alert", alert), "MONITORS") == {"shop", "sql"}


@pytest.mark.parametrize("entity_type", ["azure_web_app", "azure_function_app"])
def test_a_key_does_not_depend_on_permissions(entity_type: str) -> None:
    """What a detail tells (a configuration that may be refused) is no part of an entity's identity."""
    bare = {"id": f"{GROUP}/providers/Microsoft.Web/sites/shop", "name": "shop", "kind": "app", "properties": {}}
    told = deepcopy(bare)
    told["$web"] = {"id": f"{bare['id']}/config/web", "properties": {"minTlsVersion": "1.2"}}
    told["$auth"] = {"id": f"{bare['id']}/config/authsettingsV2", "properties": {}}
    assert record(entity_type, bare).key == record(entity_type, told).key == str(bare["id"]).lower()


def test_the_tenant_is_its_own_id() -> None:
    tenant = "c0ffee00-0000-4000-8000-00000000000A"
    assert record("azure_account", {"id": tenant, "displayName": "Contoso", "@tenant": tenant}).key == tenant.lower()


@pytest.mark.parametrize("written", ["East US 2", "eastus2", "EastUS2", "EAST US 2"])
def test_a_region_has_one_name_however_it_is_written(written: str) -> None:
    assert record("azure_nic", nic("one") | {"location": written}).properties["location"] == "eastus2"


def test_a_resource_keeps_its_identities_whatever_the_list_tells_of_them() -> None:
    """Of a user-assigned identity some lists tell the ARM id alone, and no principal."""
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deploy"
    told = {"type": "SystemAssigned, UserAssigned", "principalId": "p1", "userAssignedIdentities": {identity: {}}}
    for entity_type, path in (
        ("azure_vm", "Microsoft.Compute/virtualMachines/one"),
        ("azure_sql_server", "Microsoft.Sql/servers/one"),
        ("azure_storage_account", "Microsoft.Storage/storageAccounts/one"),
        ("azure_network_firewall_policy", "Microsoft.Network/firewallPolicies/one"),
    ):
        answer = {"id": f"{GROUP}/providers/{path}", "name": "one", "identity": told, "properties": {}}
        assert {"p1", "deploy"} <= ends(record(entity_type, answer), "USES"), entity_type


def test_access_policies_of_a_vault_that_goes_by_roles_count_for_nothing() -> None:
    policies = [{"objectId": "p1", "permissions": {"secrets": ["get"]}}]
    vault = {"id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv", "name": "kv"}
    by_policy = vault | {"properties": {"accessPolicies": policies}}
    by_role = vault | {"properties": {"accessPolicies": policies, "enableRbacAuthorization": True}}
    assert ends(record("azure_keyvault_service", by_policy), "ALLOWS") == {"p1"}
    assert ends(record("azure_keyvault_service", by_role), "ALLOWS") == set()


def test_what_a_domain_is_used_for_is_not_whether_it_is_verified() -> None:
    domain = {"id": "contoso.example", "isVerified": True, "supportedServices": ["Email"]}
    properties = record("azure_domain", domain).properties
    assert (properties["supportedServices"], properties["isVerified"]) == (["Email"], True)
