"""Container registries and their webhooks. A webhook's address and headers may hold secrets and are not asked for."""

from __future__ import annotations

from loader.model import Arm, EntityType, Segment, Service, date, flag, incoming, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.customer_keys import encrypted_with
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import network_acls, reachable

_CLIENT = "azure.mgmt.containerregistry.aio:ContainerRegistryManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/container-registry"
_POLICIES = "properties.policies"
_FIREWALL = network_acls("properties.networkRuleSet", unset="Allow", subnets="", addresses=("ipRules[].value",))

REGISTRY = EntityType(
    type="azure_container_registry",
    resource="Container Registry",
    classes=("DataStore",),
    arm_type="Microsoft.ContainerRegistry/registries",
    inventory="Microsoft.ContainerRegistry/registries",
    documentation=f"{_DOCS}/registries/list",
    fetch=Arm(client=_CLIENT, operation="registries.list", permission="Microsoft.ContainerRegistry/registries/read"),
    properties=(
        text("sku", "sku.name", "Basic, Standard or Premium"),
        text("loginServer", "properties.loginServer", "where it answers"),
        flag("adminUserEnabled", "properties.adminUserEnabled", "one shared user with a password may do everything"),
        flag("anonymousPullEnabled", "properties.anonymousPullEnabled", "anyone may pull images"),
        flag("public", "properties.anonymousPullEnabled", "anyone may pull images"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
        *reachable(
            page=f"{_DOCS}/registries/create",
            firewall=_FIREWALL,
        ),
        text("networkRuleBypass", "properties.networkRuleBypassOptions", "AzureServices pass all the same, or None"),
        text("networkRuleSet.defaultAction", "properties.networkRuleSet.defaultAction", "Allow or Deny others"),
        texts("networkRuleSet.allowedIpRanges", "properties.networkRuleSet.ipRules[].value", "addresses let in"),
        approved_private_endpoints(),
        flag("encrypted", "properties.encryption.status", "with a key of one's own, beside Azure's"),
        text("encryptionKeyIdentifier", "properties.encryption.keyVaultProperties.keyIdentifier", "that key"),
        flag("dataEndpointEnabled", "properties.dataEndpointEnabled", "data comes from an address of its own"),
        flag("zoneRedundant", "properties.zoneRedundancy", "it outlives the loss of a zone"),
        flag("quarantineEnabled", f"{_POLICIES}.quarantinePolicy.status", "images wait until they are scanned"),
        flag("contentTrustEnabled", f"{_POLICIES}.trustPolicy.status", "images can be signed"),
        flag("retentionEnabled", f"{_POLICIES}.retentionPolicy.status", "untagged images are removed"),
        whole("retentionDays", f"{_POLICIES}.retentionPolicy.days", "after so many days"),
        flag("exportAllowed", f"{_POLICIES}.exportPolicy.status", "images may leave it by import and export"),
        flag("armAudienceTokensAllowed", f"{_POLICIES}.azureADAuthenticationAsArmPolicy.status", "ARM tokens count"),
        text("roleAssignmentMode", "properties.roleAssignmentMode", "rights on the registry, or on each repository"),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
        date("createdOn", "properties.creationDate", "when it was made"),
    ),
    relationships=(
        in_resource_group(),
        encrypted_with("properties.encryption.keyVaultProperties.keyIdentifier"),
        uses_identities(),
        lets_in(_FIREWALL),
    ),
)

WEBHOOK = EntityType(
    type="azure_container_registry_webhook",
    resource="Container Registry Webhook",
    classes=("ApplicationEndpoint",),
    arm_type="Microsoft.ContainerRegistry/registries/webhooks",
    inventory="Microsoft.ContainerRegistry/registries/webhooks",
    documentation=f"{_DOCS}/webhooks/list",
    fetch=Arm(
        client=_CLIENT,
        operation="webhooks.list",
        permission="Microsoft.ContainerRegistry/registries/webhooks/read",
        args=(Segment("resourceGroups"), Segment("registries")),
        parent="azure_container_registry",
    ),
    secrets=(
        "properties.serviceUri",
        "properties.customHeaders.*",
    ),
    properties=(
        flag("enabled", "properties.status", "it is on"),
        text("scope", "properties.scope", "the repositories it is about; empty is all"),
        texts("actions", "properties.actions", "what it is called for: push, delete, quarantine, …"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(incoming("HAS", "azure_container_registry", "@parent.id", "the registry that calls it"),),
)

SERVICE = Service(name="Container registries", entity_types=(REGISTRY, WEBHOOK))
