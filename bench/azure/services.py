"""Storage accounts, key vaults, databases and sites of a made-up subscription."""

from __future__ import annotations

from bench.azure.machines import list_of, resource
from bench.azure.made import TENANT, Made, Size, guid

# Of the service: more than one page of a vault's list.
_SECRETS, _KEYS = 30, 4
VAULTS = ".vault.azure.net"


def storage(size: Size, number: int, groups: list[str], made: Made, *, accounts: int) -> None:
    """Accounts with containers, shares, queues and tables."""
    kind = "Microsoft.Storage/storageAccounts"
    for index in range(accounts):
        group, name = groups[index % len(groups)], f"st{guid(size, 'account', number, index)[:8]}{index:04}"
        answer = resource(
            group, kind, name,
            {
                "supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": False,
                "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"},
                "primaryEndpoints": {
                    one: f"https://{name}.{one}.core.windows.net/" for one in ("blob", "file", "queue", "table")
                },
            },
            kind="StorageV2", sku={"name": "Standard_GRS", "tier": "Standard"},
        )  # fmt: skip
        account = str(answer["id"])
        made.add("azure_storage_account", list_of(group, kind), answer, (group, "HAS", account))
        for service in ("blob", "file"):
            kept = {"deleteRetentionPolicy": {"enabled": True, "days": 7}}
            made.objects[f"{account}/{service}services/default".lower()] = {"properties": kept}
        for service, part, entity, count in (
            ("blobServices", "containers", "azure_storage_container", 3),
            ("fileServices", "shares", "azure_storage_file_share", 1),
            ("queueServices", "queues", "azure_storage_queue", 1),
            ("tableServices", "tables", "azure_storage_table", 0),
        ):
            for place in range(count):
                path = f"{account}/{service}/default/{part}"
                part_of = {"id": f"{path}/{part}-{place}", "name": f"{part}-{place}", "properties": {"metadata": {}}}
                made.add(entity, path, part_of, (account, "HAS", str(part_of["id"])))


def vaults(size: Size, number: int, groups: list[str], made: Made, *, vaults: int) -> None:
    """Vaults with keys and secrets, in pages of 25."""
    kind = "Microsoft.KeyVault/vaults"
    for index in range(vaults):
        group, name = groups[index % len(groups)], f"kv{guid(size, 'vault', number, index)[:8]}{index:04}"
        url = f"https://{name}{VAULTS}"
        answer = resource(
            group, kind, name,
            {"tenantId": TENANT, "vaultUri": f"{url}/", "enableRbacAuthorization": True, "enableSoftDelete": True,
             "enablePurgeProtection": True, "sku": {"family": "A", "name": "standard"}, "accessPolicies": []},
        )  # fmt: skip
        vault = str(answer["id"])
        made.add("azure_keyvault_service", list_of(group, kind), answer, (group, "HAS", vault), (TENANT, "HAS", vault))
        setting = f"{vault}/providers/microsoft.insights/diagnosticSettings/audit"
        made.add(
            "azure_diagnostic_setting",
            f"{vault}/providers/microsoft.insights/diagnosticsettings",
            {"id": setting, "name": "audit", "properties": {"logs": [{"categoryGroup": "audit", "enabled": True}]}},
            (vault, "HAS", setting),
        )
        for what, entity, count in (
            ("secrets", "azure_keyvault_secret", size.number(_SECRETS)),
            ("keys", "azure_keyvault_key", size.number(_KEYS)),
        ):
            for place in range(count):
                item = {"attributes": {"enabled": True, "created": 1_700_000_000, "updated": 1_700_000_000}}
                named = "id" if what == "secrets" else "kid"
                identifier = f"{url}/{what}/{what}-{place}"
                made.lists.setdefault(f"{name}{VAULTS}/{what}", []).append({named: identifier, **item})
                made.entity(entity, identifier, [(vault, "CONTAINS", identifier)])
        for place in range(size.number(_KEYS)):
            path, key = f"{vault}/keys", {"name": f"keys-{place}", "id": f"{vault}/keys/keys-{place}"}
            keys = {"attributes": {"enabled": True}, "kty": "RSA", "keyUri": f"{url}/keys/keys-{place}"}
            key |= {"type": f"{kind}/keys"}
            rotation = {**key, "properties": keys}
            made.add(
                "azure_keyvault_key_rotation_policy",
                path,
                rotation,
                (f"{url}/keys/keys-{place}", "HAS", str(key["id"])),
            )
            made.objects[f"{path}/keys-{place}".lower()] = {**key, "properties": keys}


def databases(size: Size, number: int, groups: list[str], made: Made, *, servers: int) -> None:
    """SQL servers with databases and a rule of their firewall; Azure answers 404 to settings that nobody made."""
    kind = "Microsoft.Sql/servers"
    for index in range(servers):
        group, name = groups[index % len(groups)], f"sql{guid(size, 'server', number, index)[:8]}{index:03}"
        answer = resource(group, kind, name, {"version": "12.0", "state": "Ready", "publicNetworkAccess": "Disabled"})
        server = str(answer["id"])
        made.add("azure_sql_server", list_of(group, kind), answer, (group, "HAS", server))
        for place in range(3):
            database = {
                "id": f"{server}/databases/db-{place}",
                "name": f"db-{place}",
                "properties": {"status": "Online"},
            }
            made.add("azure_sql_database", f"{server}/databases", database, (server, "HAS", str(database["id"])))


def sites(size: Size, number: int, groups: list[str], made: Made, *, sites: int) -> None:
    """Web apps on one plan, with the settings that are one call each."""
    plans, kind = "Microsoft.Web/serverfarms", "Microsoft.Web/sites"
    answer = resource(groups[0], plans, f"plan-{number}", {"status": "Ready"}, sku={"name": "P1v3", "tier": "Premium"})
    plan = str(answer["id"])
    made.add("azure_app_service_plan", list_of(groups[0], plans), answer, (groups[0], "HAS", plan))
    for index in range(sites):
        group, name = groups[index % len(groups)], f"app-{guid(size, 'site', number, index)[:8]}"
        host = f"{name}.azurewebsites.net"
        answer = resource(
            group, kind, name,
            {"state": "Running", "enabled": True, "httpsOnly": True, "serverFarmId": plan, "defaultHostName": host,
             "hostNames": [host], "enabledHostNames": [host], "publicNetworkAccess": "Disabled"},
            kind="app,linux",
        )  # fmt: skip
        site = str(answer["id"])
        made.add("azure_web_app", list_of(group, kind), answer, (group, "HAS", site), (site, "USES", plan))
        made.objects[f"{site}/config/web".lower()] = {"properties": {"minTlsVersion": "1.2", "ftpsState": "Disabled"}}
        made.objects[f"{site}/config/authsettingsv2".lower()] = {"properties": {"platform": {"enabled": False}}}
