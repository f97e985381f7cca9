"""Storage accounts and what is in them: blob containers, file shares, queues and tables (names, never contents).

Service properties of queues and tables (analytics logging) are on the data plane only and are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from loader.model import (
    Arm,
    Derivation,
    DerivedLink,
    Detail,
    EntityType,
    Json,
    Property,
    Relationship,
    Segment,
    Service,
    date,
    flag,
    incoming,
    quiet,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import network_acls, reachable
from loader.services.shared.wire import explained, part

_CLIENT = "azure.mgmt.storage.aio:StorageManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/storagerp"
_ACCOUNT = (Segment("resourceGroups"), Segment("storageAccounts"))


def _offers(*, never: frozenset[str], premium: bool = False) -> Callable[[Json], bool]:
    """Whether an account can have a service: by its kind, and by performance tier where the kind has both.

    A kind that is not known yet is asked: Azure's refusal tells more than a guess.
    """

    def check(account: Json) -> bool:
        kind = str(account.get("kind") or "").lower()
        is_premium = str(part(account, "sku").get("name") or "").lower().startswith("premium")
        return kind not in never and (premium or kind not in ("storage", "storagev2") or not is_premium)

    return check


has_blobs = _offers(never=frozenset({"filestorage"}), premium=True)
has_files = _offers(never=frozenset({"blobstorage", "blockblobstorage"}))
has_queues_and_tables = _offers(never=frozenset({"blobstorage", "blockblobstorage", "filestorage"}))


def _service_properties(name: str, operation: str, resource: str, when: Callable[[Json], bool]) -> Detail:
    permission = f"Microsoft.Storage/storageAccounts/{resource}/read"
    return Detail(
        name=name,
        call=Arm(client=_CLIENT, operation=operation, permission=permission, args=_ACCOUNT, when=when),
    )


# Accounts that were made earlier are open to anonymous readers, and to copies in other tenants, where they say nothing
# of it: https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent
MADE_CLOSED_SINCE = "2023-12-15T00:00:00Z"


def smb_setting(field: str) -> Callable[[Json], list[str] | None]:
    """A list that Azure writes as one text: "SMB3.0;SMB3.1.1;". An unset one means that all are allowed: None."""

    def values(answer: Json) -> list[str] | None:
        smb = part(answer, "$fileServices", "properties", "protocolSettings", "smb")
        words = [word.strip() for word in str(smb.get(field) or "").split(";")]
        return [word for word in words if word] or None

    return explained(f"`$fileServices.properties.protocolSettings.smb.{field}`, split at its semicolons", values)


def _endpoints(account: Json) -> list[str]:
    """the values of `properties.primaryEndpoints`"""
    return [address for address in part(account, "properties", "primaryEndpoints").values() if isinstance(address, str)]


_FIREWALL = network_acls(
    "properties.networkAcls",
    unset="Allow",
    addresses=("ipRules[].value", "ipv6Rules[].value"),
    read_keys=("defaultAction", "bypass", "ipRules", "ipv6Rules", "virtualNetworkRules", "resourceAccessRules"),
)
_REACHABLE = reachable(
    page="https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create", firewall=_FIREWALL
)
_BLOBS, _FILES, _SMB = "$blobServices.properties", "$fileServices.properties", ("fileServices",)

STORAGE_ACCOUNT = EntityType(
    type="azure_storage_account",
    resource="Storage Account",
    classes=("Service",),
    arm_type="Microsoft.Storage/storageAccounts",
    inventory="Microsoft.Storage/storageAccounts",
    documentation=f"{_DOCS}/storage-accounts/list",
    fetch=Arm(client=_CLIENT, operation="storage_accounts.list", permission="Microsoft.Storage/storageAccounts/read"),
    details=(
        _service_properties("blobServices", "blob_services.get_service_properties", "blobServices", has_blobs),
        _service_properties("fileServices", "file_services.get_service_properties", "fileServices", has_files),
    ),
    properties=(
        text(
            "kind",
            "kind",
            "what it can store",
            values=("Storage", "StorageV2", "BlobStorage", "BlockBlobStorage", "FileStorage"),
        ),
        text(
            "sku",
            "sku.name",
            "performance and redundancy: Standard_GRS",
            values=(
                *("Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS"),
                *("StandardV2_LRS", "StandardV2_GRS", "StandardV2_ZRS", "StandardV2_GZRS"),
                *("Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS"),
            ),
        ),
        text("region", "location", "where it is"),
        text("accessTier", "properties.accessTier", "Hot, Cool, Cold or Premium"),
        date("createdOn", "properties.creationTime", "when it was made"),
        texts("endpoints", _endpoints, "where its services answer"),
        flag("enableHttpsTrafficOnly", "properties.supportsHttpsTrafficOnly", "secure transfer is required"),
        text(
            "minimumTlsVersion",
            "properties.minimumTlsVersion",
            "oldest TLS it takes",
            values=("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"),
        ),
        flag("allowBlobPublicAccess", "properties.allowBlobPublicAccess", "containers may be opened to anyone"),
        flag("allowSharedKeyAccess", "properties.allowSharedKeyAccess", "access keys are accepted"),
        flag("allowCrossTenantReplication", "properties.allowCrossTenantReplication", "copies to other tenants"),
        flag("defaultToOAuthAuthentication", "properties.defaultToOAuthAuthentication", "the portal signs in by Entra"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
        *_REACHABLE,
        text("networkRuleSet.defaultAction", "properties.networkAcls.defaultAction", "Allow or Deny other networks"),
        text("networkRuleSet.bypass", "properties.networkAcls.bypass", "who passes all the same: AzureServices, …"),
        texts(
            "networkRuleSet.allowedIpAddresses", "properties.networkAcls.ipRules[].value", "addresses that are let in"
        ),
        texts(
            "networkRuleSet.allowedSubnets",
            "properties.networkAcls.virtualNetworkRules[].id",
            "subnets that are let in",
        ),
        approved_private_endpoints(),
        text(
            "encryption.keySource",
            "properties.encryption.keySource",
            "who keeps its key",
            values=("Microsoft.Storage", "Microsoft.Keyvault"),
        ),
        text("encryption.keyName", "properties.encryption.keyvaultproperties.keyname", "the customer's key"),
        text("encryption.keyVaultUri", "properties.encryption.keyvaultproperties.keyvaulturi", "the vault it is in"),
        text(
            "encryption.keyVersion", "properties.encryption.keyvaultproperties.keyversion", "empty: always the newest"
        ),
        flag(
            "requireInfrastructureEncryption",
            "properties.encryption.requireInfrastructureEncryption",
            "data is encrypted twice",
        ),
        flag("encryptedBlob", "properties.encryption.services.blob.enabled", "blobs are encrypted"),
        flag("encryptedFileShare", "properties.encryption.services.file.enabled", "files are encrypted"),
        flag("encryptedQueue", "properties.encryption.services.queue.enabled", "queues are encrypted"),
        flag("encryptedTable", "properties.encryption.services.table.enabled", "tables are encrypted"),
        whole(
            "keyExpirationPeriodInDays",
            "properties.keyPolicy.keyExpirationPeriodInDays",
            "when keys are due to be renewed",
        ),
        date("key1CreatedOn", "properties.keyCreationTime.key1", "when the first access key was made"),
        date("key2CreatedOn", "properties.keyCreationTime.key2", "when the second access key was made"),
        text("sasExpirationPeriod", "properties.sasPolicy.sasExpirationPeriod", "longest life of a SAS token"),
        flag("isHnsEnabled", "properties.isHnsEnabled", "it is a data lake"),
        flag("isSftpEnabled", "properties.isSftpEnabled", "SFTP is on"),
        flag("isLocalUserEnabled", "properties.isLocalUserEnabled", "local users may sign in over SFTP"),
        flag("isNfsV3Enabled", "properties.isNfsV3Enabled", "NFS 3 is on"),
        text("statusOfPrimary", "properties.statusOfPrimary", "available or unavailable"),
        text("secondaryLocation", "properties.secondaryLocation", "where its copy is"),
        text("provisioningState", "properties.provisioningState", "Succeeded, …"),
        *identity_properties(),
        flag("blobSoftDeleteEnabled", f"{_BLOBS}.deleteRetentionPolicy.enabled", "deleted blobs can be had back"),
        whole("blobSoftDeleteRetentionDays", f"{_BLOBS}.deleteRetentionPolicy.days", "for how long"),
        flag(
            "containerSoftDeleteEnabled",
            f"{_BLOBS}.containerDeleteRetentionPolicy.enabled",
            "deleted containers can be had back",
        ),
        whole("containerSoftDeleteRetentionDays", f"{_BLOBS}.containerDeleteRetentionPolicy.days", "for how long"),
        flag("blobVersioningEnabled", f"{_BLOBS}.isVersioningEnabled", "older versions of blobs are kept"),
        flag("blobChangeFeedEnabled", f"{_BLOBS}.changeFeed.enabled", "changes to blobs are recorded"),
        flag("blobRestorePolicyEnabled", f"{_BLOBS}.restorePolicy.enabled", "containers can be set back in time"),
        flag(
            "shareSoftDeleteEnabled", f"{_FILES}.shareDeleteRetentionPolicy.enabled", "deleted shares can be had back"
        ),
        whole("shareSoftDeleteRetentionDays", f"{_FILES}.shareDeleteRetentionPolicy.days", "for how long"),
        texts(
            "smbVersions",
            smb_setting("versions"),
            "SMB versions that are allowed; unset: all",
            needs=_SMB,
            values=("SMB2.1", "SMB3.0", "SMB3.1.1"),
        ),
        texts(
            "smbChannelEncryption",
            smb_setting("channelEncryption"),
            "ciphers that are allowed",
            needs=_SMB,
            values=("AES-128-CCM", "AES-128-GCM", "AES-256-GCM"),
        ),
        texts("smbAuthenticationMethods", smb_setting("authenticationMethods"), "NTLMv2, Kerberos", needs=_SMB),
    ),
    relationships=(in_resource_group(), uses_identities(), lets_in(_FIREWALL)),
)


def _in_account() -> Relationship:
    return incoming("HAS", "azure_storage_account", "@parent.id", "the account it is in")


def _encrypted(service: str) -> Property:
    return flag("encrypted", f"@parent.properties.encryption.services.{service}.enabled", "the account encrypts it")


def _children(operation: str, path: str, when: Callable[[Json], bool]) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.Storage/storageAccounts/{path}/read",
        args=_ACCOUNT,
        parent="azure_storage_account",
        when=when,
    )


def _is_public(container: Json) -> bool:
    """`properties.publicAccess` is there, and not None"""
    return str(part(container, "properties").get("publicAccess") or "None").lower() != "none"


STORAGE_CONTAINER = EntityType(
    type="azure_storage_container",
    resource="Storage Container",
    classes=("DataStore",),
    arm_type="Microsoft.Storage/storageAccounts/blobServices/containers",
    documentation=f"{_DOCS}/blob-containers/list",
    fetch=_children("blob_containers.list", "blobServices/containers", has_blobs),
    properties=(
        text("publicAccess", "properties.publicAccess", "what anyone may read: None, Blob or Container"),
        flag("public", _is_public, "anyone may read from it, if the account allows it"),
        quiet(date("lastModifiedOn", "properties.lastModifiedTime", "when its settings were last changed")),
        flag("hasImmutabilityPolicy", "properties.hasImmutabilityPolicy", "blobs cannot be changed for some time"),
        flag("hasLegalHold", "properties.hasLegalHold", "blobs cannot be changed until the hold is lifted"),
        flag("denyEncryptionScopeOverride", "properties.denyEncryptionScopeOverride", "one encryption scope for all"),
        quiet(text("leaseState", "properties.leaseState", "available, leased, …")),
        _encrypted("blob"),
    ),
    relationships=(_in_account(),),
)


STORAGE_FILE_SHARE = EntityType(
    type="azure_storage_file_share",
    resource="Storage File Share",
    classes=("DataStore",),
    arm_type="Microsoft.Storage/storageAccounts/fileServices/shares",
    documentation=f"{_DOCS}/file-shares/list",
    fetch=_children("file_shares.list", "fileServices/shares", has_files),
    properties=(
        text("enabledProtocols", "properties.enabledProtocols", "SMB or NFS"),
        text("rootSquash", "properties.rootSquash", "what an NFS client's root may do"),
        whole("shareQuota", "properties.shareQuota", "its size in GiB"),
        text("accessTier", "properties.accessTier", "TransactionOptimized, Hot, Cool or Premium"),
        quiet(date("lastModifiedOn", "properties.lastModifiedTime", "when its settings were last changed")),
        quiet(text("leaseState", "properties.leaseState", "available, leased, …")),
        _encrypted("file"),
    ),
    relationships=(_in_account(),),
)

STORAGE_QUEUE = EntityType(
    type="azure_storage_queue",
    resource="Storage Queue",
    classes=("Queue",),
    arm_type="Microsoft.Storage/storageAccounts/queueServices/queues",
    documentation=f"{_DOCS}/queue/list",
    fetch=_children("queue.list", "queueServices/queues", has_queues_and_tables),
    properties=(_encrypted("queue"),),
    relationships=(_in_account(),),
)

STORAGE_TABLE = EntityType(
    type="azure_storage_table",
    resource="Storage Table",
    classes=("DataStore", "Database"),
    arm_type="Microsoft.Storage/storageAccounts/tableServices/tables",
    documentation=f"{_DOCS}/table/list",
    fetch=_children("table.list", "tableServices/tables", has_queues_and_tables),
    properties=(text("tableName", "properties.tableName", "its name"), _encrypted("table")),
    relationships=(_in_account(),),
)


def _vault_links(rows: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
    for row in rows:
        properties = {name: row[name] for name in ("keyName", "keyVersion") if row[name]}
        yield DerivedLink(row["account"], "USES", row["vault"], properties=properties)


# The account's answer names its vault by the address that the vault answers at, not by the vault's id.
ENCRYPTION_VAULTS = Derivation(
    name="storage-encryption-vaults",
    inputs=("azure_storage_account", "azure_keyvault_service"),
    relationships=(("azure_storage_account", "USES", "azure_keyvault_service"),),
    query="""
        MATCH (account:azure_storage_account) WHERE account.`encryption.keyVaultUri` IS NOT NULL
        MATCH (vault:azure_keyvault_service)
        WHERE rtrim(toLower(vault.vaultUrl), '/') = rtrim(toLower(account.`encryption.keyVaultUri`), '/')
        RETURN account._key AS account, vault._key AS vault,
               account.`encryption.keyName` AS keyName, account.`encryption.keyVersion` AS keyVersion
    """,
    rows=_vault_links,
)

SERVICE = Service(
    name="Storage",
    entity_types=(STORAGE_ACCOUNT, STORAGE_CONTAINER, STORAGE_FILE_SHARE, STORAGE_QUEUE, STORAGE_TABLE),
    derivations=(ENCRYPTION_VAULTS,),
)
