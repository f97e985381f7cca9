"""Managed HSM pools: key vaults with hardware of their own."""

from loader.model import Arm, EntityType, Service, flag, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import network_acls, reachable

MANAGED_HSM = EntityType(
    type="azure_managed_hsm",
    resource="Managed HSM",
    classes=("Service",),
    arm_type="Microsoft.KeyVault/managedHSMs",
    inventory="Microsoft.KeyVault/managedHSMs",
    documentation="https://learn.microsoft.com/rest/api/keyvault/managedhsm/managed-hsms/list-by-subscription",
    fetch=Arm(
        client="azure.mgmt.keyvault.aio:KeyVaultManagementClient",
        operation="managed_hsms.list_by_subscription",
        permission="Microsoft.KeyVault/managedHSMs/read",
    ),
    properties=(
        text("sku", "sku.name", "Standard_B1 or Custom_B32"),
        text("hsmUri", "properties.hsmUri", "where it answers"),
        flag("enableSoftDelete", "properties.enableSoftDelete", "what is deleted can be had back"),
        whole("softDeleteRetentionInDays", "properties.softDeleteRetentionInDays", "for how long"),
        flag("enablePurgeProtection", "properties.enablePurgeProtection", "nobody can delete for good before that"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
        *reachable(
            page="https://learn.microsoft.com/rest/api/keyvault/managedhsm/managed-hsms/create-or-update",
            firewall=network_acls("properties.networkAcls", unset="Allow", addresses=("ipRules[].value",)),
        ),
        text("networkAcls.defaultAction", "properties.networkAcls.defaultAction", "Allow or Deny other networks"),
        texts("initialAdminObjectIds", "properties.initialAdminObjectIds", "its first administrators"),
        approved_private_endpoints(),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(in_resource_group(), uses_identities()),
)

SERVICE = Service(name="Managed HSM", entity_types=(MANAGED_HSM,))
