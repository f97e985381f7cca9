"""Azure Kubernetes Service: clusters with what guards them, node pools, maintenance windows, trusted access."""

from __future__ import annotations

from loader.model import (
    Arm,
    Embedded,
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
from loader.services.compute.kubernetes_trusted_access import role_key
from loader.services.shared.arm_ids import below_parent, in_resource_group
from loader.services.shared.customer_keys import encrypted_with
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import connections_list, listed_private_endpoints
from loader.services.shared.reachable import OPEN, Reach, named, reachable
from loader.services.shared.wire import explained, is_on, part, plain
from loader.shapes import read

_CLIENT = "azure.mgmt.containerservice.aio:ContainerServiceClient"
_DOCS = "https://learn.microsoft.com/rest/api/aks"
_PROFILE = ("properties", "apiServerAccessProfile")
_CLUSTER = (Segment("resourceGroups"), Segment("managedClusters"))
_POOLS = "properties.agentPoolProfiles[]"
_SECURITY = "properties.securityProfile"


def _addon(answer: Json, *names: str) -> Json:
    """An add-on, whose name Azure has spelled in several casings."""
    addons = part(answer, "properties", "addonProfiles")
    return next((part(addons, key) for key in addons if key.lower() in names), {})


def _is_private(answer: Json) -> bool:
    """Only an API server within a network has private endpoints: https://learn.microsoft.com/azure/aks/private-clusters"""
    return is_on(part(answer, "properties", "apiServerAccessProfile"), "enablePrivateCluster")


def _azure_policy(answer: Json) -> bool:
    """`properties.addonProfiles.azurepolicy.enabled`"""
    return is_on(_addon(answer, "azurepolicy"), "enabled")


def _monitoring(answer: Json) -> bool:
    """`properties.addonProfiles.omsagent.enabled`"""
    return is_on(_addon(answer, "omsagent"), "enabled")


def _vault_secrets_rotation(answer: Json) -> object:
    """`properties.addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation`"""
    return part(_addon(answer, "azurekeyvaultsecretsprovider"), "config").get("enableSecretRotation")


def _private(answer: Json) -> str:
    """A private cluster answers within its network only."""
    return "the cluster is private" if is_on(part(answer, *_PROFILE), "enablePrivateCluster") else ""


def _authorized(answer: Json) -> Reach:
    """Without authorised ranges everybody may call. 0.0.0.0/32 lets in the cluster's own address alone."""
    ranges = [str(one) for one in plain(answer, *_PROFILE, "authorizedIPRanges")]
    return named(ranges) if ranges else OPEN


_API_SERVER: tuple[Property, ...] = (
    text("fqdn", "properties.fqdn", "where its API server answers"),
    text("privateFqdn", "properties.privateFQDN", "where it answers within the network"),
    flag("privateCluster", "properties.apiServerAccessProfile.enablePrivateCluster", "only within the network"),
    flag(
        "privateClusterPublicFqdn",
        "properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN",
        "a public name leads to the private address",
    ),
    texts(
        "authorizedIpRanges",
        "properties.apiServerAccessProfile.authorizedIPRanges",
        "from where a public API server may be called; none is from everywhere",
    ),
    flag("runCommandDisabled", "properties.apiServerAccessProfile.disableRunCommand", "no commands through Azure"),
    text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
    *reachable(
        page="https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges",
        inside=_private,
        firewall=_authorized,
    ),
)
_ACCESS: tuple[Property, ...] = (
    flag("enableRBAC", "properties.enableRBAC", "Kubernetes' own roles are on"),
    flag("entraIntegration", "properties.aadProfile.managed", "users sign in with Entra"),
    flag("azureRbac", "properties.aadProfile.enableAzureRBAC", "Azure's role assignments count within the cluster"),
    texts("adminGroupObjectIds", "properties.aadProfile.adminGroupObjectIDs", "groups of cluster administrators"),
    flag("disableLocalAccounts", "properties.disableLocalAccounts", "the shared administrator certificate is off"),
    text("servicePrincipalClientId", "properties.servicePrincipalProfile.clientId", "its application, or msi"),
    flag("oidcIssuerEnabled", "properties.oidcIssuerProfile.enabled", "its tokens can be trusted by others"),
    text("oidcIssuerUrl", "properties.oidcIssuerProfile.issuerURL", "who signs them"),
    flag("workloadIdentityEnabled", f"{_SECURITY}.workloadIdentity.enabled", "pods can be managed identities"),
    flag("podIdentityEnabled", "properties.podIdentityProfile.enabled", "retired forerunner of workload identity"),
)
_NETWORK: tuple[Property, ...] = (
    text("networkPlugin", "properties.networkProfile.networkPlugin", "azure, kubenet or none"),
    text(
        "networkPolicy", "properties.networkProfile.networkPolicy", "azure, calico, cilium; none lets pods talk freely"
    ),
    text("networkDataplane", "properties.networkProfile.networkDataplane", "azure or cilium"),
    text("outboundType", "properties.networkProfile.outboundType", "loadBalancer, userDefinedRouting, natGateway, …"),
    text("loadBalancerSku", "properties.networkProfile.loadBalancerSku", "Basic or Standard"),
    text("podCidr", "properties.networkProfile.podCidr", "addresses of pods"),
    text("serviceCidr", "properties.networkProfile.serviceCidr", "addresses of services"),
    flag(
        "httpApplicationRouting",
        explained(
            "`properties.addonProfiles.httpApplicationRouting.enabled`",
            lambda answer: _addon(answer, "httpapplicationrouting").get("enabled"),
        ),
        "retired",
    ),
    listed_private_endpoints(),
)
_PROTECTION: tuple[Property, ...] = (
    flag("azurePolicyEnabled", _azure_policy, "Azure Policy checks what is deployed"),
    flag("defenderEnabled", f"{_SECURITY}.defender.securityMonitoring.enabled", "Defender watches its nodes"),
    flag("imageCleanerEnabled", f"{_SECURITY}.imageCleaner.enabled", "unused images with flaws are removed"),
    flag("kmsEnabled", f"{_SECURITY}.azureKeyVaultKms.enabled", "its secrets are encrypted with a key of a vault"),
    text("kmsKeyId", f"{_SECURITY}.azureKeyVaultKms.keyId", "that key"),
    text("kmsVaultAccess", f"{_SECURITY}.azureKeyVaultKms.keyVaultNetworkAccess", "Public or Private"),
    flag("monitoringEnabled", _monitoring, "Container insights collects its logs"),
    flag("vaultSecretsRotationEnabled", _vault_secrets_rotation, "mounted secrets of vaults are renewed"),
    text("diskEncryptionSetId", "properties.diskEncryptionSetID", "encrypts its disks with an own key"),
    text("upgradeChannel", "properties.autoUpgradeProfile.upgradeChannel", "rapid, stable, patch, node-image or none"),
    text("nodeOsUpgradeChannel", "properties.autoUpgradeProfile.nodeOSUpgradeChannel", "NodeImage, SecurityPatch, …"),
)

CLUSTER = EntityType(
    type="azure_kubernetes_cluster",
    resource="Azure Kubernetes Cluster",
    classes=("Cluster",),
    arm_type="Microsoft.ContainerService/managedClusters",
    inventory="Microsoft.ContainerService/managedClusters",
    documentation=f"{_DOCS}/managed-clusters/list",
    fetch=Arm(
        client=_CLIENT,
        operation="managed_clusters.list",
        permission="Microsoft.ContainerService/managedClusters/read",
    ),
    secrets=(
        "properties.servicePrincipalProfile.secret",
        "properties.windowsProfile.adminPassword",
        "properties.aadProfile.serverAppSecret",
    ),
    details=(
        connections_list(
            Arm(
                client=_CLIENT,
                operation="private_endpoint_connections.list",
                permission="Microsoft.ContainerService/managedClusters/privateEndpointConnections/read",
                args=_CLUSTER,
                when=_is_private,
            )
        ),
    ),
    properties=(
        text("skuName", "sku.name", "Base or Automatic"),
        text("skuTier", "sku.tier", "Free, Standard or Premium", values=("Free", "Standard", "Premium")),
        text(
            "supportPlan",
            "properties.supportPlan",
            "KubernetesOfficial or AKSLongTermSupport",
            values=("KubernetesOfficial", "AKSLongTermSupport"),
        ),
        text("kubernetesVersion", "properties.kubernetesVersion", "the version that was asked for"),
        text("currentKubernetesVersion", "properties.currentKubernetesVersion", "the version that runs"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
        text("powerState", "properties.powerState.code", "Running or Stopped"),
        text("dnsPrefix", "properties.dnsPrefix", "the beginning of its name"),
        text("nodeResourceGroup", "properties.nodeResourceGroup", "the group with its machines"),
        whole("maxAgentPools", "properties.maxAgentPools", "how many node pools it may have"),
        texts("nodeImageVersion", f"{_POOLS}.nodeImageVersion", "images of its nodes"),
        texts("osType", f"{_POOLS}.osType", "Linux, Windows"),
        texts("osSKU", f"{_POOLS}.osSKU", "Ubuntu, AzureLinux, Windows2022, …"),
        text("principalId", "identity.principalId", "its own managed identity"),
        text("tenantId", "identity.tenantId", "the tenant of that identity"),
        *identity_properties(),
        *_API_SERVER,
        *_ACCESS,
        *_NETWORK,
        *_PROTECTION,
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_subnet", f"{_POOLS}.vnetSubnetID", "where its nodes are"),
        encrypted_with("properties.securityProfile.azureKeyVaultKms.keyId"),
        uses_identities(),
        lets_in(_authorized, inside=_private),
    ),
)

NODE_POOL = EntityType(
    type="azure_kubernetes_node_pool",
    resource="Azure Kubernetes Node Pool",
    classes=("Cluster",),
    arm_type="Microsoft.ContainerService/managedClusters/agentPools",
    documentation=f"{_DOCS}/agent-pools/list",
    fetch=Embedded(parent="azure_kubernetes_cluster", at="properties.agentPoolProfiles[]"),
    key=below_parent("agentPools"),
    properties=(
        text("mode", "mode", "System, User or Gateway"),
        text("vmSize", "vmSize", "the size of its machines"),
        whole("count", "count", "how many there are"),
        flag("enableAutoScaling", "enableAutoScaling", "their number follows the load"),
        text("osType", "osType", "Linux or Windows"),
        text("osSKU", "osSKU", "Ubuntu, AzureLinux, Windows2022, …"),
        text("orchestratorVersion", "currentOrchestratorVersion | orchestratorVersion", "its Kubernetes version"),
        text("nodeImageVersion", "nodeImageVersion", "the image of its nodes"),
        flag("enableNodePublicIP", "enableNodePublicIP", "each node has a public address"),
        flag("enableEncryptionAtHost", "enableEncryptionAtHost", "temporary disks and caches are encrypted too"),
        flag("enableFIPS", "enableFIPS", "its cryptography is validated by FIPS"),
        flag("enableSecureBoot", "securityProfile.enableSecureBoot", "only signed systems start"),
        flag("enableVTPM", "securityProfile.enableVTPM", "what started can be proved"),
        text("sshAccess", "securityProfile.sshAccess", "LocalUser, EntraId or Disabled"),
    ),
    relationships=(
        incoming("HAS", "azure_kubernetes_cluster", "@parent.id", "the cluster it is part of"),
        outgoing("USES", "azure_subnet", "vnetSubnetID", "where its nodes are"),
    ),
)


def _children(operation: str, resource: str) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.ContainerService/managedClusters/{resource}/read",
        args=_CLUSTER,
        parent="azure_kubernetes_cluster",
    )


MAINTENANCE_CONFIGURATION = EntityType(
    type="azure_kube_maintenance_configuration",
    resource="Kubernetes Maintenance Configuration",
    classes=("Configuration",),
    arm_type="Microsoft.ContainerService/managedClusters/maintenanceConfigurations",
    documentation=f"{_DOCS}/maintenance-configurations/list-by-managed-cluster",
    fetch=_children("maintenance_configurations.list_by_managed_cluster", "maintenanceConfigurations"),
    properties=(
        texts("days", "properties.timeInWeek[].day", "days on which Azure may work on it"),
        text("startTime", "properties.maintenanceWindow.startTime", "when a window begins"),
        whole("durationHours", "properties.maintenanceWindow.durationHours", "how long it is"),
        text("utcOffset", "properties.maintenanceWindow.utcOffset", "the clock that it goes by"),
    ),
    relationships=(incoming("HAS", "azure_kubernetes_cluster", "@parent.id", "the cluster it is for"),),
)


def _roles(answer: Json) -> list[str]:
    return [role_key(str(role)) for role in read(answer, "properties.roles[]")]


ROLE_BINDING = EntityType(
    type="azure_kube_cluster_role_binding",
    resource="Kubernetes Trusted Access Role Binding",
    classes=("AccessPolicy",),
    arm_type="Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings",
    documentation=f"{_DOCS}/trusted-access-role-bindings/list",
    fetch=_children("trusted_access_role_bindings.list", "trustedAccessRoleBindings"),
    properties=(
        texts("roles", "properties.roles", "what the other resource may do in the cluster"),
        text("sourceResourceId", "properties.sourceResourceId", "the other resource"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
        date("createdOn", "systemData.createdAt", "when it was made"),
        text("createdBy", "systemData.createdBy", "who made it"),
    ),
    relationships=(
        incoming("CONTAINS", "azure_kubernetes_cluster", "@parent.id", "the cluster it opens"),
        outgoing("USES", "azure_kube_trusted_access_role", _roles, "what the other resource may do in the cluster"),
    ),
)

SERVICE = Service(name="Kubernetes", entity_types=(CLUSTER, NODE_POOL, MAINTENANCE_CONFIGURATION, ROLE_BINDING))
