"""Synapse: workspaces, their firewall rules, their dedicated SQL pools with data masking, and their keys."""

from __future__ import annotations

from loader.model import (
    Arm,
    Detail,
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
from loader.services.shared.customer_keys import encrypted_with
from loader.services.shared.firewall_rules import LETS_IN, RULE, guarded_by_rules
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.wire import part

_CLIENT = "azure.mgmt.synapse.aio:SynapseManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/synapse/resourcemanager"
_WORKSPACE = (Segment("resourceGroups"), Segment("workspaces"))
_POOL = (*_WORKSPACE, Segment("sqlPools"))
_REACHABLE, _ON_THE_INTERNET = guarded_by_rules(page=f"{_DOCS}/workspaces/create-or-update")

WORKSPACE = EntityType(
    type="azure_synapse_workspace",
    resource="Synapse Workspace",
    classes=("Configuration",),
    arm_type="Microsoft.Synapse/workspaces",
    inventory="Microsoft.Synapse/workspaces",
    documentation=f"{_DOCS}/workspaces/list",
    fetch=Arm(client=_CLIENT, operation="workspaces.list", permission="Microsoft.Synapse/workspaces/read"),
    secrets=("properties.sqlAdministratorLoginPassword",),
    properties=(
        text("workspaceUID", "properties.workspaceUID", "its own id"),
        text("sqlAdministratorLogin", "properties.sqlAdministratorLogin", "its SQL administrator's name"),
        flag("entraOnlyAuthentication", "properties.azureADOnlyAuthentication", "SQL logins are refused"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
        *_REACHABLE,
        flag("trustedServiceBypassEnabled", "properties.trustedServiceBypassEnabled", "Azure's own services pass"),
        approved_private_endpoints(),
        text("managedVirtualNetwork", "properties.managedVirtualNetwork", "default: it has a network of its own"),
        flag(
            "preventDataExfiltration",
            "properties.managedVirtualNetworkSettings.preventDataExfiltration",
            "it may only call out to tenants that are allowed",
        ),
        flag("doubleEncryptionEnabled", "properties.encryption.doubleEncryptionEnabled", "data is encrypted twice"),
        text("encryption.keyName", "properties.encryption.cmk.key.name", "the customer's key that encrypts its data"),
        text("managedResourceGroupName", "properties.managedResourceGroupName", "the group Azure made for it"),
        text("dataLakeUrl", "properties.defaultDataLakeStorage.accountUrl", "the storage it works on"),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "Succeeded, Provisioning, …"),
    ),
    relationships=(
        in_resource_group(),
        outgoing(
            "USES",
            "azure_storage_account",
            "properties.defaultDataLakeStorage.resourceId",
            "the storage it works on",
        ),
        _ON_THE_INTERNET,
        uses_identities(),
    ),
)


def _of_workspace(operation: str, resource: str) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.Synapse/workspaces/{resource}/read",
        args=_WORKSPACE,
        parent="azure_synapse_workspace",
    )


_IN_WORKSPACE = incoming("HAS", "azure_synapse_workspace", "@parent.id", "the workspace it is in")


FIREWALL_RULE = EntityType(
    type="azure_synapse_firewall_rule",
    resource="Synapse Firewall Rule",
    classes=("Firewall",),
    arm_type="Microsoft.Synapse/workspaces/firewallRules",
    documentation=f"{_DOCS}/ip-firewall-rules/list-by-workspace",
    fetch=_of_workspace("ip_firewall_rules.list_by_workspace", "firewallRules"),
    properties=RULE,
    relationships=(_IN_WORKSPACE, LETS_IN),
)


KEY = EntityType(
    type="azure_synapse_key",
    resource="Synapse Key",
    classes=("Key",),
    arm_type="Microsoft.Synapse/workspaces/keys",
    documentation=f"{_DOCS}/keys/list-by-workspace",
    fetch=_of_workspace("keys.list_by_workspace", "keys"),
    properties=(
        flag("isActiveCMK", "properties.isActiveCMK", "the workspace is encrypted with it"),
        text("keyVaultUrl", "properties.keyVaultUrl", "the key in its vault"),
    ),
    relationships=(_IN_WORKSPACE, encrypted_with("properties.keyVaultUrl")),
)

SQL_POOL = EntityType(
    type="azure_synapse_sql_pool",
    resource="Synapse SQL Pool",
    classes=("Configuration",),
    arm_type="Microsoft.Synapse/workspaces/sqlPools",
    inventory="Microsoft.Synapse/workspaces/sqlPools",
    documentation=f"{_DOCS}/sql-pools/list-by-workspace",
    fetch=_of_workspace("sql_pools.list_by_workspace", "sqlPools"),
    details=(
        Detail(
            name="encryption",
            absent=True,
            call=Arm(
                client=_CLIENT,
                operation="sql_pool_transparent_data_encryptions.get",
                permission="Microsoft.Synapse/workspaces/sqlPools/transparentDataEncryption/read",
                args=(*_POOL, "current"),
            ),
        ),
    ),
    properties=(
        text("sku", "sku.name", "its size: DW200c"),
        text("status", "properties.status", "Online, Paused, …"),
        text("collation", "properties.collation", "its sort order"),
        whole("maxSizeBytes", "properties.maxSizeBytes", "its largest size"),
        text("storageAccountType", "properties.storageAccountType", "where copies are kept: GRS, LRS"),
        flag("encrypted", "$encryption.properties.status", "data is encrypted at rest"),
        text("provisioningState", "properties.provisioningState", "Succeeded, …"),
        date("createdOn", "properties.creationDate", "when it was made"),
    ),
    relationships=(_IN_WORKSPACE,),
)


def _of_pool(operation: str, resource: str, *, one: bool = False) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.Synapse/workspaces/sqlPools/{resource}/read",
        args=_POOL,
        parent="azure_synapse_sql_pool",
        one=one,
    )


def exempt_principals(policy: Json) -> list[str]:
    """Azure writes them as one text: "dba;analyst"."""
    written = str(part(policy, "properties").get("exemptPrincipals") or "")
    return [name.strip() for name in written.split(";") if name.strip()]


MASKING_POLICY = EntityType(
    type="azure_synapse_masking_policy",
    resource="Synapse Data Masking Policy",
    classes=("Policy",),
    arm_type="Microsoft.Synapse/workspaces/sqlPools/dataMaskingPolicies",
    documentation=f"{_DOCS}/data-masking-policies/get",
    fetch=_of_pool("data_masking_policies.get", "dataMaskingPolicies", one=True),
    properties=(
        flag("dataMaskingState", "properties.dataMaskingState", "columns are masked"),
        texts("exemptPrincipals", exempt_principals, "who sees the data all the same"),
        text("maskingLevel", "properties.maskingLevel", "Azure's word for how much is masked"),
        text("managedBy", "managedBy", "the pool it is of"),
    ),
    relationships=(incoming("ASSIGNED", "azure_synapse_sql_pool", "@parent.id", "the pool it is of"),),
)


def _rule_id(answer: Json) -> str | None:
    """Azure's id of a rule ends before its name: the pool's id, and what the rule calls itself."""
    pool, rule = part(answer, "@parent").get("id"), part(answer, "properties").get("id") or answer.get("name")
    return f"{pool}/dataMaskingPolicies/Default/rules/{rule}" if pool and rule else None


_MASK: tuple[Property, ...] = tuple(
    text(name, f"properties.{name}", meaning)
    for name, meaning in (
        ("schemaName", "the schema of the column it masks"),
        ("tableName", "its table"),
        ("columnName", "its name"),
        ("maskingFunction", "Default, CCN, Email, Number, SSN or Text"),
    )
)

MASKING_RULE = EntityType(
    type="azure_synapse_masking_rule",
    resource="Synapse Data Masking Rule",
    classes=("Rule",),
    documentation=f"{_DOCS}/data-masking-rules/list-by-sql-pool",
    fetch=_of_pool("data_masking_rules.list_by_sql_pool", "dataMaskingPolicies/rules"),
    key=_rule_id,
    name="properties.id | name",
    properties=(flag("ruleState", "properties.ruleState", "it is on"), *_MASK),
    relationships=(incoming("HAS", "azure_synapse_sql_pool", "@parent.id", "the pool it is of"),),
)

SERVICE = Service(name="Synapse", entity_types=(WORKSPACE, FIREWALL_RULE, KEY, SQL_POOL, MASKING_POLICY, MASKING_RULE))
