"""Cosmos DB accounts, and the databases of those that speak SQL (NoSQL)."""

from __future__ import annotations

from ipaddress import IPv4Address

from loader.model import Arm, EntityType, Json, Segment, Service, date, flag, incoming, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.customer_keys import encrypted_with
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import AZURE, EVERYBODY, OPEN, Reach, named, reachable
from loader.services.shared.wire import explained, is_on, part
from loader.shapes import read

_CLIENT = "azure.mgmt.cosmosdb.aio:CosmosDBManagementClient"
_ALL_OF_AZURE = str(IPv4Address(0))
_DOCS = "https://learn.microsoft.com/rest/api/cosmos-db-resource-provider"


def allowed_addresses(account: Json) -> list[str] | None:
    """Addresses that its firewall lets in: a list today, one text ("1.2.3.4,5.6.7.0/24") in older answers."""
    properties = part(account, "properties")
    if properties.get("ipRules") is None and properties.get("ipRangeFilter") is None:
        return None
    listed = [str(one) for one in read(account, "properties.ipRules[].ipAddressOrRange")]
    written = str(properties.get("ipRangeFilter") or "").split(",")
    return listed or [address.strip() for address in written if address.strip()]


def _firewall(account: Json) -> Reach:
    """Nothing narrows who may call until an address or a subnet is named. The address 0.0.0.0 means all of Azure."""
    properties = part(account, "properties")
    addresses, subnets = allowed_addresses(account) or [], read(account, "properties.virtualNetworkRules[]")
    if not addresses and not is_on(properties, "isVirtualNetworkFilterEnabled"):
        return OPEN
    narrowed = named([one for one in addresses if one != _ALL_OF_AZURE], len(subnets))
    if _ALL_OF_AZURE in addresses and narrowed.where != EVERYBODY:
        why = "the firewall lets in whatever runs in Azure"
        return Reach(AZURE, why, narrowed.share, (*narrowed.named, "AzureCloud"))
    return narrowed


def ip_range_filter(account: Json) -> str | None:
    """The same as one text, as the older API wrote it."""
    addresses = allowed_addresses(account)
    return None if addresses is None else ",".join(sorted(addresses))


def speaks_sql(account: Json) -> bool:
    """Whether it has SQL databases: the other kinds (MongoDB, Cassandra, Gremlin, Table) answer that list with 400."""
    capabilities = {str(name).lower() for name in read(account, "properties.capabilities[].name")}
    others = {"enablecassandra", "enablegremlin", "enabletable"}
    return str(account.get("kind") or "GlobalDocumentDB").lower() == "globaldocumentdb" and not capabilities & others


ACCOUNT = EntityType(
    type="azure_cosmosdb_account",
    resource="Cosmos DB Account",
    classes=("Account", "Service"),
    arm_type="Microsoft.DocumentDB/databaseAccounts",
    inventory="Microsoft.DocumentDB/databaseAccounts",
    documentation=f"{_DOCS}/database-accounts/list",
    fetch=Arm(
        client=_CLIENT, operation="database_accounts.list", permission="Microsoft.DocumentDB/databaseAccounts/read"
    ),
    properties=(
        text("kind", "kind", "GlobalDocumentDB, MongoDB or Parse"),
        texts("capabilities", "properties.capabilities[].name", "EnableCassandra, EnableServerless, …"),
        text("region", "location", "where it is managed"),
        text("documentEndpoint", "properties.documentEndpoint", "where it answers"),
        texts("endpoints", "properties.readLocations[].documentEndpoint", "where it answers in each region"),
        texts("locations", "properties.locations[].locationName", "regions that have a copy"),
        flag("enableAutomaticFailover", "properties.enableAutomaticFailover", "another region takes over by itself"),
        flag("enableMultipleWriteLocations", "properties.enableMultipleWriteLocations", "every region takes writes"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
        *reachable(
            page="https://learn.microsoft.com/azure/cosmos-db/how-to-configure-firewall",
            firewall=_firewall,
        ),
        flag("isVirtualNetworkFilterEnabled", "properties.isVirtualNetworkFilterEnabled", "only subnets are let in"),
        texts("allowedSubnets", "properties.virtualNetworkRules[].id", "subnets that are let in"),
        texts("ipRules", allowed_addresses, "addresses that are let in"),
        text("ipRangeFilter", ip_range_filter, "the same as one text"),
        text("networkAclBypass", "properties.networkAclBypass", "who passes all the same: None or AzureServices"),
        approved_private_endpoints(),
        flag("disableLocalAuth", "properties.disableLocalAuth", "its keys are refused, only Entra accounts sign in"),
        flag(
            "disableKeyBasedMetadataWriteAccess",
            "properties.disableKeyBasedMetadataWriteAccess",
            "its keys cannot change how it is set up",
        ),
        text("minimalTlsVersion", "properties.minimalTlsVersion", "Tls, Tls11 or Tls12"),
        text("keyVaultKeyUri", "properties.keyVaultKeyUri", "the customer's key that encrypts its data"),
        text("defaultConsistencyLevel", "properties.consistencyPolicy.defaultConsistencyLevel", "Session, Strong, …"),
        text("backupType", "properties.backupPolicy.type", "Periodic or Continuous"),
        whole(
            "backupRetentionHours",
            "properties.backupPolicy.periodicModeProperties.backupRetentionIntervalInHours",
            "how long periodic backups are kept",
        ),
        text(
            "backupStorageRedundancy",
            "properties.backupPolicy.periodicModeProperties.backupStorageRedundancy",
            "Geo, Zone or Local",
            values=("Geo", "Zone", "Local"),
        ),
        flag("enableFreeTier", "properties.enableFreeTier", "it is the subscription's free one"),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "Succeeded, Updating, …"),
        date("createdOn", "systemData.createdAt", "when it was made"),
    ),
    relationships=(
        in_resource_group(),
        encrypted_with("properties.keyVaultKeyUri"),
        uses_identities(),
        lets_in(_firewall),
    ),
)

SQL_DATABASE = EntityType(
    type="azure_cosmosdb_sql_database",
    resource="Cosmos DB Database",
    classes=("Database", "DataStore"),
    arm_type="Microsoft.DocumentDB/databaseAccounts/sqlDatabases",
    documentation=f"{_DOCS}/sql-resources/list-sql-databases",
    fetch=Arm(
        client=_CLIENT,
        operation="sql_resources.list_sql_databases",
        permission="Microsoft.DocumentDB/databaseAccounts/sqlDatabases/read",
        args=(Segment("resourceGroups"), Segment("databaseAccounts")),
        parent="azure_cosmosdb_account",
        when=speaks_sql,
    ),
    properties=(
        text("databaseName", "properties.resource.id", "its name in the account"),
        text("dbAccountId", "@parent.id", "the account it is in"),
        text("region", "@parent.location", "where its account is managed"),
        flag("encrypted", explained("always true", lambda _answer: True), "Cosmos DB always encrypts what it stores"),
    ),
    relationships=(incoming("HAS", "azure_cosmosdb_account", "@parent.id", "the account it is in"),),
)

SERVICE = Service(name="Cosmos DB", entity_types=(ACCOUNT, SQL_DATABASE))
