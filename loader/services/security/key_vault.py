"""Key vaults, and the keys and secrets in them: names and dates, never a value.

Keys and secrets are listed on the vault's own address, which takes a right there besides Reader in Azure.
"""

from __future__ import annotations

from collections.abc import Iterable

from loader.model import (
    ANY_PRINCIPAL,
    Arm,
    At,
    EntityType,
    Json,
    Link,
    Property,
    Service,
    Target,
    Value,
    Vault,
    date,
    flag,
    incoming,
    links,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import network_acls, reachable
from loader.services.shared.wire import explained, is_on, part, parts, plain


def uses_rbac(vault: Json) -> bool:
    """Whether role assignments decide who may use the vault; its access policies then count for nothing."""
    return is_on(part(vault, "properties"), "enableRbacAuthorization")


def access_policies(vault: Json) -> Iterable[Link]:
    """Whom the vault's own access policies let in, and to what. Several policies of one principal add up."""
    if uses_rbac(vault):
        return
    for policy in parts(vault, "properties", "accessPolicies"):
        principal = policy.get("objectId")
        if not principal:
            continue
        application = str(policy.get("applicationId") or "")
        granted: dict[str, Value] = {
            f"permissions.{kind}": sorted({str(permission).lower() for permission in permissions})
            for kind in part(policy, "permissions")
            if (permissions := plain(policy, "permissions", kind))
        }
        if application:
            granted["applicationId"] = application
        target = Target(str(principal).lower(), properties={"id": str(principal)})
        yield Link("ALLOWS", target, key=application.lower(), properties=granted)


_FIREWALL = network_acls("properties.networkAcls", unset="Allow", addresses=("ipRules[].value",))
_REACHABLE = reachable(
    page="https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/create-or-update", firewall=_FIREWALL
)

KEY_VAULT = EntityType(
    type="azure_keyvault_service",
    resource="Key Vault",
    classes=("Service",),
    arm_type="Microsoft.KeyVault/vaults",
    inventory="Microsoft.KeyVault/vaults",
    documentation="https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-by-subscription",
    fetch=Arm(
        client="azure.mgmt.keyvault.aio:KeyVaultManagementClient",
        operation="vaults.list_by_subscription",
        permission="Microsoft.KeyVault/vaults/read",
    ),
    properties=(
        text("vaultUrl", "properties.vaultUri", "where it answers"),
        text("region", "location", "where it is"),
        text("tenantId", "properties.tenantId", "the tenant whose principals it knows"),
        text("sku", "properties.sku.name", "standard, or premium with hardware keys"),
        flag("enableRbacAuthorization", uses_rbac, "role assignments decide who may use it, not access policies"),
        flag("enableSoftDelete", "properties.enableSoftDelete", "what is deleted can be had back"),
        whole("softDeleteRetentionInDays", "properties.softDeleteRetentionInDays", "for how long"),
        flag("enablePurgeProtection", "properties.enablePurgeProtection", "nobody can delete for good before that"),
        flag("enabledForDeployment", "properties.enabledForDeployment", "machines may fetch certificates"),
        flag("enabledForDiskEncryption", "properties.enabledForDiskEncryption", "disk encryption may fetch secrets"),
        flag(
            "enabledForTemplateDeployment", "properties.enabledForTemplateDeployment", "deployments may fetch secrets"
        ),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
        *_REACHABLE,
        text("networkAcls.defaultAction", "properties.networkAcls.defaultAction", "Allow or Deny other networks"),
        text("networkAcls.bypass", "properties.networkAcls.bypass", "who passes all the same: AzureServices or None"),
        texts("networkAcls.allowedIpAddresses", "properties.networkAcls.ipRules[].value", "addresses that are let in"),
        texts("networkAcls.allowedSubnets", "properties.networkAcls.virtualNetworkRules[].id", "subnets let in"),
        approved_private_endpoints(),
        text("provisioningState", "properties.provisioningState", "Succeeded, RegisteringDns"),
        date("createdOn", "systemData.createdAt", "when it was made"),
    ),
    relationships=(
        in_resource_group(),
        incoming("HAS", "azure_account", "properties.tenantId | @tenant", "the tenant whose principals it knows"),
        links("ALLOWS", ANY_PRINCIPAL, access_policies, "an access policy"),
        lets_in(_FIREWALL),
    ),
)


def _item_id(answer: Json) -> str:
    """Where a secret ("id") or a key ("kid") stands, without a version: https://{vault}/keys/{name}."""
    identity = str(answer.get("id") or answer.get("kid") or "")
    return "/".join(identity.rstrip("/").split("/")[:5])


def _item_name(answer: Json) -> str:
    """`id` or `kid`, the part after the kind"""
    return _item_id(answer).rpartition("/")[2]


_LIFE: tuple[Property, ...] = (
    text("name", _item_name, "its name in the vault"),
    text("vaultUrl", "@parent.properties.vaultUri", "the vault it is in"),
    flag("enabled", "attributes.enabled", "it can be used"),
    date("createdOn", "attributes.created", "when it was made"),
    date("updatedOn", "attributes.updated", "when it was last changed"),
    date("notBefore", "attributes.nbf", "when it can first be used"),
    date("expiresOn", "attributes.exp", "when it expires"),
    text("recoveryLevel", "attributes.recoveryLevel", "whether it can be had back once deleted"),
    whole("recoverableDays", "attributes.recoverableDays", "for how long"),
    flag("managed", "managed", "it belongs to a certificate or a storage account"),
    flag(
        "vaultUsesRbac",
        explained("`@parent.properties.enableRbacAuthorization`", lambda answer: uses_rbac(part(answer, "@parent"))),
        "role assignments decide on its vault",
    ),
)

KEY = EntityType(
    type="azure_keyvault_key",
    resource="Key Vault Key",
    classes=("Key",),
    documentation="https://learn.microsoft.com/rest/api/keyvault/keys/get-keys/get-keys",
    fetch=Vault(
        client="azure.keyvault.keys.aio:KeyClient",
        operation="list_properties_of_keys",
        endpoint=At("properties.vaultUri"),
        permission="Microsoft.KeyVault/vaults/keys/read",
        parent="azure_keyvault_service",
    ),
    key=_item_id,
    name=_item_name,
    secrets=("value",),
    properties=(*_LIFE, flag("exportable", "attributes.exportable", "it can leave the vault")),
    relationships=(incoming("CONTAINS", "azure_keyvault_service", "@parent.id", "the vault it is in"),),
)

SECRET = EntityType(
    type="azure_keyvault_secret",
    resource="Key Vault Secret",
    classes=("Secret",),
    documentation="https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets",
    fetch=Vault(
        client="azure.keyvault.secrets.aio:SecretClient",
        operation="list_properties_of_secrets",
        endpoint=At("properties.vaultUri"),
        permission="Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        parent="azure_keyvault_service",
    ),
    key=_item_id,
    name=_item_name,
    secrets=("value",),
    properties=(
        *_LIFE,
        text("contentType", "contentType", "what its owner says it is"),
    ),
    relationships=(incoming("CONTAINS", "azure_keyvault_service", "@parent.id", "the vault it is in"),),
)

SERVICE = Service(name="Key vault", entity_types=(KEY_VAULT, KEY, SECRET))
