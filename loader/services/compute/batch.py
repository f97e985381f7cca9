"""Azure Batch: accounts, with their pools of machines, applications and (retired) certificates."""

from __future__ import annotations

from loader.model import Arm, EntityType, Segment, Service, date, flag, incoming, outgoing, quiet, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.customer_keys import encrypted_with
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import (
    identity_properties,
    user_assigned_only,
    uses_identities,
    uses_user_assigned,
)
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import network_acls, reachable

_CLIENT = "azure.mgmt.batch.aio:BatchManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/batchmanagement"

_FIREWALL = network_acls(
    "properties.networkProfile.accountAccess", unset="Allow", subnets="", addresses=("ipRules[].value",)
)

ACCOUNT = EntityType(
    type="azure_batch_account",
    resource="Batch Account",
    classes=("Service",),
    arm_type="Microsoft.Batch/batchAccounts",
    inventory="Microsoft.Batch/batchAccounts",
    documentation=f"{_DOCS}/batch-account/list",
    fetch=Arm(client=_CLIENT, operation="batch_account.list", permission="Microsoft.Batch/batchAccounts/read"),
    properties=(
        text("accountEndpoint", "properties.accountEndpoint", "where it answers"),
        text("nodeManagementEndpoint", "properties.nodeManagementEndpoint", "where its machines call"),
        text("poolAllocationMode", "properties.poolAllocationMode", "BatchService, or in the UserSubscription"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
        *reachable(
            page=f"{_DOCS}/batch-account/create",
            firewall=_FIREWALL,
        ),
        text("networkDefaultAction", "properties.networkProfile.accountAccess.defaultAction", "Allow or Deny others"),
        texts("allowedIpRanges", "properties.networkProfile.accountAccess.ipRules[].value", "addresses let in"),
        approved_private_endpoints(),
        texts("allowedAuthenticationModes", "properties.allowedAuthenticationModes", "SharedKey, AAD, TaskAuth…"),
        text("encryptionKeySource", "properties.encryption.keySource", "Microsoft.Batch or Microsoft.KeyVault"),
        text("encryptionKeyIdentifier", "properties.encryption.keyVaultProperties.keyIdentifier", "the own key"),
        text("autoStorageAuthentication", "properties.autoStorage.authenticationMode", "StorageKeys or an identity"),
        whole("dedicatedCoreQuota", "properties.dedicatedCoreQuota", "cores it may use"),
        whole("poolQuota", "properties.poolQuota", "pools it may have"),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_storage_account", "properties.autoStorage.storageAccountId", "keeps its files"),
        outgoing("USES", "azure_keyvault_service", "properties.keyVaultReference.id", "keeps its secrets"),
        encrypted_with("properties.encryption.keyVaultProperties.keyIdentifier"),
        uses_identities(),
        lets_in(_FIREWALL),
    ),
)


def _children(operation: str, resource: str) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.Batch/batchAccounts/{resource}/read",
        args=(Segment("resourceGroups"), Segment("batchAccounts")),
        parent="azure_batch_account",
    )


_IN_ACCOUNT = incoming("HAS", "azure_batch_account", "@parent.id", "the account it is in")
_STATE = text("provisioningState", "properties.provisioningState", "state of the last change")

POOL = EntityType(
    type="azure_batch_pool",
    resource="Batch Pool",
    classes=("Cluster",),
    arm_type="Microsoft.Batch/batchAccounts/pools",
    documentation=f"{_DOCS}/pool/list-by-batch-account",
    fetch=_children("pool.list_by_batch_account", "pools"),
    name="properties.displayName | name",
    secrets=(
        "properties.startTask.commandLine",
        "properties.startTask.environmentSettings[].value",
        "properties.startTask.containerSettings.registry.password",
        "properties.startTask.containerSettings.containerRunOptions",
        "properties.deploymentConfiguration.virtualMachineConfiguration.containerConfiguration.containerRegistries[].password",
        "properties.deploymentConfiguration.virtualMachineConfiguration.extensions[].settings",
        "properties.deploymentConfiguration.virtualMachineConfiguration.extensions[].protectedSettings",
        "properties.mountConfiguration[].azureBlobFileSystemConfiguration.accountKey",
        "properties.mountConfiguration[].azureBlobFileSystemConfiguration.sasKey",
        "properties.mountConfiguration[].azureFileShareConfiguration.accountKey",
        "properties.mountConfiguration[].cifsMountConfiguration.password",
        "properties.userAccounts[].password",
        "properties.userAccounts[].linuxUserConfiguration.sshPrivateKey",
    ),
    properties=(
        text("vmSize", "properties.vmSize", "the size of its machines"),
        quiet(text("allocationState", "properties.allocationState", "Steady, Resizing or Stopping")),
        quiet(whole("currentDedicatedNodes", "properties.currentDedicatedNodes", "how many machines there are")),
        quiet(whole("currentLowPriorityNodes", "properties.currentLowPriorityNodes", "and how many cheap ones")),
        flag("interNodeCommunication", "properties.interNodeCommunication", "they may talk to each other"),
        text(
            "imageSku",
            "properties.deploymentConfiguration.virtualMachineConfiguration.imageReference.sku",
            "the system on them",
        ),
        text(
            "publicIpProvision",
            "properties.networkConfiguration.publicIPAddressConfiguration.provision",
            "BatchManaged, UserManaged or NoPublicIPAddresses",
        ),
        text(
            "targetNodeCommunicationMode",
            "properties.targetNodeCommunicationMode",
            "Classic lets Batch call in",
            values=("Default", "Classic", "Simplified"),
        ),
        *user_assigned_only(),
        _STATE,
        date("createdOn", "properties.creationTime", "when it was made"),
        quiet(date("lastModifiedOn", "properties.lastModified", "when it was last changed")),
    ),
    relationships=(
        _IN_ACCOUNT,
        outgoing("USES", "azure_subnet", "properties.networkConfiguration.subnetId", "where its machines are"),
        uses_user_assigned(),
    ),
)

APPLICATION = EntityType(
    type="azure_batch_application",
    resource="Batch Application",
    classes=("Process",),
    arm_type="Microsoft.Batch/batchAccounts/applications",
    documentation=f"{_DOCS}/application/list",
    fetch=_children("application.list", "applications"),
    name="properties.displayName | name",
    properties=(
        flag("allowUpdates", "properties.allowUpdates", "a version can be overwritten"),
        text("defaultVersion", "properties.defaultVersion", "the version that is taken"),
    ),
    relationships=(_IN_ACCOUNT,),
)

# Retired in 2024, and gone from the SDK after its version 18.
CERTIFICATE = EntityType(
    type="azure_batch_certificate",
    resource="Batch Certificate",
    classes=("Certificate",),
    arm_type="Microsoft.Batch/batchAccounts/certificates",
    documentation=f"{_DOCS}/certificate/list-by-batch-account",
    fetch=_children("certificate.list_by_batch_account", "certificates"),
    secrets=(
        "properties.data",
        "properties.password",
    ),
    properties=(
        text("thumbprint", "properties.thumbprint", "the hash it is known by"),
        text("thumbprintAlgorithm", "properties.thumbprintAlgorithm", "sha1"),
        text("format", "properties.format", "Pfx with its private key, or Cer"),
        _STATE,
    ),
    relationships=(_IN_ACCOUNT,),
)

SERVICE = Service(name="Batch", entity_types=(ACCOUNT, POOL, APPLICATION, CERTIFICATE))
