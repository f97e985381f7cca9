"""What roles of Azure let their holders do, with the actions that give it and the page that says so.

An action stands here as Azure checks it, or with `*` in the place of a name that Azure puts there itself.
"""

from __future__ import annotations

from loader.access.capability import Capability, below
from loader.access.code_capabilities import CODE

_OPERATIONS = "https://learn.microsoft.com/azure/role-based-access-control/permissions"
_BUILT_IN = "https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"
_AUTHORIZATION = "Microsoft.Authorization"
_MACHINE = "Microsoft.Compute/virtualMachines"
_SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
_ARC = "Microsoft.HybridCompute/machines"
_SITE = "Microsoft.Web/sites"
_CLUSTER = "Microsoft.ContainerService/managedClusters"
_STORAGE = "Microsoft.Storage/storageAccounts"
_VAULT = "Microsoft.KeyVault/vaults"
_HSM = "Microsoft.KeyVault/managedHSMs"
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_AUTOMATION = "Microsoft.Automation/automationAccounts"
_NETWORK = "Microsoft.Network"
_COSMOS = "Microsoft.DocumentDB/databaseAccounts"


ACCESS = (
    Capability(
        "manage-everything",
        "Manage resources of every kind, as Owner and Contributor may",
        # No action of Azure's: what allows it allows writing whatever there is, now and in time to come.
        actions=("*/write",),
        page=f"{_BUILT_IN}/privileged",
    ),
    Capability(
        "give-roles",
        "Give roles of Azure, to oneself too",
        actions=below(_AUTHORIZATION, "roleAssignments/write"),
        page=f"{_OPERATIONS}/management-and-governance#microsoftauthorization",
    ),
    Capability(
        "change-roles",
        "Change what a custom role allows",
        actions=below(_AUTHORIZATION, "roleDefinitions/write"),
        page="https://learn.microsoft.com/azure/role-based-access-control/custom-roles",
    ),
    Capability(
        "change-role-policies",
        "Change how roles of Azure are taken up: approval, MFA, duration",
        actions=below(_AUTHORIZATION, "roleManagementPolicies/write"),
        page="https://learn.microsoft.com/azure/role-based-access-control/pim-integration",
    ),
    Capability(
        "remove-locks",
        "Remove locks of resources",
        actions=below(_AUTHORIZATION, "locks/delete"),
        page="https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources",
    ),
    Capability(
        "change-policies",
        "Assign policies or exempt from them; those that deploy do it as their own identity",
        actions=below(_AUTHORIZATION, "policyAssignments/write", "policyExemptions/write"),
        page="https://learn.microsoft.com/azure/governance/policy/overview#azure-rbac-permissions-in-azure-policy",
    ),
    Capability(
        "assign-policies",
        "Assign policies, and so decide what those that deploy do as their own identity",
        actions=below(_AUTHORIZATION, "policyAssignments/write"),
        page="https://learn.microsoft.com/azure/governance/policy/how-to/remediate-resources",
    ),
    Capability(
        "deploy",
        "Deploy templates; each resource in one takes its own right besides",
        actions=("Microsoft.Resources/deployments/write",),
        page="https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-portal",
    ),
)

IDENTITIES = (
    Capability(
        "use-identity",
        "Let somebody outside sign in as a user-assigned identity",
        actions=below(_IDENTITY, "federatedIdentityCredentials/write"),
        page="https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity",
    ),
    Capability(
        "attach-identity",
        "Attach a user-assigned identity to a resource",
        # Managed Identity Operator has it with a name between.
        actions=below(_IDENTITY, "assign/action", "*/assign/action"),
        page=f"{_BUILT_IN}/identity#managed-identity-operator",
    ),
)

VAULTS = (
    Capability(
        "read-secrets",
        "Read the secrets of a key vault",
        data_actions=below(_VAULT, "secrets/getSecret/action"),
        page="https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
    ),
    Capability(
        "write-secrets",
        "Write the secrets of a key vault",
        actions=below(_VAULT, "secrets/write"),
        data_actions=below(_VAULT, "secrets/setSecret/action"),
        page="https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
    ),
    Capability(
        "read-keys",
        "Use the keys of a key vault: decrypt, sign, unwrap",
        data_actions=(
            *below(_VAULT, "keys/decrypt/action", "keys/sign/action", "keys/unwrap/action", "keys/release/action"),
            *below(_HSM, "keys/decrypt/action", "keys/sign/action", "keys/unwrap/action"),
        ),
        page="https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
    ),
    Capability(
        "read-certificates",
        "Take the certificates of a key vault with their private keys, which are secrets of it",
        data_actions=below(_VAULT, "secrets/getSecret/action"),
        page="https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate",
    ),
    Capability(
        "change-vault-access",
        "Change a key vault's access policies, or whether it has any",
        actions=below(_VAULT, "accessPolicies/write", "write"),
        page="https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
    ),
    Capability(
        "purge-vaults",
        "Destroy deleted key vaults or their contents for good",
        actions=("Microsoft.KeyVault/locations/deletedVaults/purge/action",),
        data_actions=below(_VAULT, "keys/purge/action", "secrets/purge/action", "certificates/purge/action"),
        page="https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
    ),
)


def _keys(of: str, what: str, page: str, *actions: str) -> Capability:
    return Capability(f"list-keys-{of}", f"List the keys of {what}", actions=actions, page=f"{_OPERATIONS}/{page}")


KEYS = (
    _keys("storage", "storage accounts", "storage#microsoftstorage", *below(_STORAGE, "listKeys/action")),
    Capability(
        "sign-for-storage",
        "Change the keys of storage accounts, or have access signatures made with them",
        actions=below(_STORAGE, "regenerateKey/action", "listAccountSas/action", "listServiceSas/action"),
        page=f"{_OPERATIONS}/storage#microsoftstorage",
    ),
    _keys(
        "cosmos",
        "Cosmos DB",
        "databases#microsoftdocumentdb",
        *below(_COSMOS, "listKeys/action", "listConnectionStrings/action"),
    ),
    _keys(
        "service-bus",
        "Service Bus",
        "integration#microsoftservicebus",
        *below("Microsoft.ServiceBus/namespaces", "authorizationRules/listkeys/action"),
        *below("Microsoft.ServiceBus/namespaces", "queues/authorizationRules/ListKeys/action"),
        *below("Microsoft.ServiceBus/namespaces", "topics/authorizationRules/ListKeys/action"),
    ),
    _keys(
        "event-hubs",
        "Event Hubs",
        "analytics#microsofteventhub",
        *below("Microsoft.EventHub/namespaces", "authorizationRules/listkeys/action"),
        *below("Microsoft.EventHub/namespaces", "eventhubs/authorizationRules/listkeys/action"),
    ),
    _keys("redis", "Azure Cache for Redis", "databases#microsoftcache", "Microsoft.Cache/redis/listKeys/action"),
    _keys(
        "registry",
        "container registries: the administrator's password",
        "containers#microsoftcontainerregistry",
        "Microsoft.ContainerRegistry/registries/listCredentials/action",
    ),
    _keys("ai", "AI services", "ai-machine-learning", "Microsoft.CognitiveServices/accounts/listKeys/action"),
    _keys("search", "AI Search", "ai-machine-learning", "Microsoft.Search/searchServices/listAdminKeys/action"),
    _keys(
        "iot-hub",
        "IoT Hub",
        "internet-of-things",
        "Microsoft.Devices/iotHubs/listkeys/Action",
        "Microsoft.Devices/iotHubs/iotHubKeys/listkeys/Action",
    ),
    _keys("log-analytics", "Log Analytics", "monitor", "Microsoft.OperationalInsights/workspaces/sharedKeys/action"),
    _keys("batch", "Batch", "compute#microsoftbatch", "Microsoft.Batch/batchAccounts/listkeys/action"),
    Capability(
        "list-keys-clusters",
        "List the administrator's credentials of Kubernetes clusters",
        actions=("Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",),
        page="https://learn.microsoft.com/azure/aks/control-kubeconfig-access",
    ),
    _keys(
        "functions", "functions", "web-and-mobile", *below(_SITE, "functions/listkeys/action", "host/listkeys/action")
    ),
    _keys("automation", "Automation", "management-and-governance", *below(_AUTOMATION, "listKeys/action")),
)


def _data(name: str, title: str, *data_actions: str, page: str = "storage") -> Capability:
    return Capability(name, title, data_actions=data_actions, page=f"{_BUILT_IN}/{page}")


_BLOBS = f"{_STORAGE}/blobServices/containers/blobs"
_QUEUES = f"{_STORAGE}/queueServices/queues/messages"
_TABLES = f"{_STORAGE}/tableServices/tables/entities"
_FILES = f"{_STORAGE}/fileServices"
DATA = (
    _data("read-blobs", "Read blobs", *below(_BLOBS, "read")),
    _data("write-blobs", "Write or delete blobs", *below(_BLOBS, "write", "add/action", "delete")),
    _data("read-queues", "Read messages of storage queues", *below(_QUEUES, "read", "process/action")),
    _data("write-queues", "Write messages to storage queues", *below(_QUEUES, "write", "add/action")),
    _data("read-tables", "Read storage tables", *below(_TABLES, "read")),
    _data("write-tables", "Write storage tables", *below(_TABLES, "write", "add/action", "update/action", "delete")),
    _data(
        "read-files",
        "Read file shares",
        *below(_FILES, "fileshares/files/read", "readFileBackupSemantics/action"),
    ),
    _data(
        "write-files",
        "Write file shares",
        *below(_FILES, "fileshares/files/write", "fileshares/files/delete", "writeFileBackupSemantics/action"),
    ),
    Capability(
        "read-database",
        "Read a database, or become its administrator",
        actions=(
            "Microsoft.Sql/servers/administrators/write",
            "Microsoft.Sql/servers/write",
            "Microsoft.DBforPostgreSQL/flexibleServers/administrators/write",
            "Microsoft.DBforPostgreSQL/flexibleServers/write",
            "Microsoft.DBforMySQL/flexibleServers/administrators/write",
            "Microsoft.DBforMySQL/flexibleServers/write",
            *below(_COSMOS, "listKeys/action", "readonlykeys/action", "sqlRoleAssignments/write"),
        ),
        page=f"{_OPERATIONS}/databases",
    ),
    Capability(
        "export-database",
        "Copy a SQL database out",
        actions=("Microsoft.Sql/servers/databases/export/action",),
        page=f"{_OPERATIONS}/databases#microsoftsql",
    ),
    Capability(
        "read-messages",
        "Receive messages of Service Bus and events of Event Hubs",
        data_actions=(
            "Microsoft.ServiceBus/namespaces/messages/receive/action",
            "Microsoft.EventHub/namespaces/messages/receive/action",
        ),
        page=f"{_BUILT_IN}/integration",
    ),
    Capability(
        "read-app-settings",
        "Read settings and connection strings of web applications and functions",
        actions=below(_SITE, "config/list/action", "slots/config/list/action"),
        page=f"{_OPERATIONS}/web-and-mobile#microsoftweb",
    ),
    Capability(
        "read-logs",
        "Read logs of Log Analytics",
        actions=below("Microsoft.OperationalInsights/workspaces", "query/read", "search/action"),
        page="https://learn.microsoft.com/azure/azure-monitor/logs/manage-access",
    ),
)

DEFENCES = (
    Capability(
        "change-network",
        "Change who reaches what: security groups, routes, firewalls, peerings, public addresses",
        actions=(
            *below(_NETWORK, "networkSecurityGroups/write", "networkSecurityGroups/securityRules/write"),
            *below(_NETWORK, "networkSecurityGroups/delete", "networkSecurityGroups/securityRules/delete"),
            *below(_NETWORK, "routeTables/write", "routeTables/routes/write", "virtualNetworks/write"),
            *below(_NETWORK, "virtualNetworks/subnets/write", "virtualNetworks/virtualNetworkPeerings/write"),
            *below(_NETWORK, "networkInterfaces/write", "publicIPAddresses/write"),
            *below(_NETWORK, "azureFirewalls/write", "firewallPolicies/ruleCollectionGroups/write"),
            *below(_NETWORK, "firewallPolicies/write"),
        ),
        page=f"{_OPERATIONS}/networking#microsoftnetwork",
    ),
    Capability(
        "change-service-firewall",
        "Open the firewall of a platform service",
        actions=(
            *below(_STORAGE, "write"),
            *below(_VAULT, "write"),
            *below("Microsoft.Sql/servers", "firewallRules/write", "virtualNetworkRules/write"),
            "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write",
            "Microsoft.DBforMySQL/flexibleServers/firewallRules/write",
            *below(_COSMOS, "write"),
            "Microsoft.ContainerRegistry/registries/write",
        ),
        page=f"{_OPERATIONS}",
    ),
    Capability(
        "remove-diagnostics",
        "Remove diagnostic settings, or send logs elsewhere",
        actions=below("Microsoft.Insights/diagnosticSettings", "delete", "write"),
        page=f"{_OPERATIONS}/monitor#microsoftinsights",
    ),
    Capability(
        "remove-alerts",
        "Remove or change alert rules",
        actions=(
            *below("Microsoft.Insights/activityLogAlerts", "delete", "write"),
            *below("Microsoft.SecurityInsights/alertRules", "delete", "write"),
        ),
        page=f"{_OPERATIONS}/monitor#microsoftinsights",
    ),
    Capability(
        "remove-defender",
        "Turn off Defender for Cloud, or dismiss its alerts",
        actions=below("Microsoft.Security", "pricings/write", "alertsSuppressionRules/write", "pricings/delete"),
        page=f"{_OPERATIONS}/security#microsoftsecurity",
    ),
    Capability(
        "remove-flow-logs",
        "Remove or change the logs of what flows through networks",
        actions=below(_NETWORK, "networkWatchers/flowLogs/delete", "networkWatchers/flowLogs/write"),
        page=f"{_OPERATIONS}/networking#microsoftnetwork",
    ),
    Capability(
        "remove-backups",
        "Delete backups",
        actions=(
            "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/delete",
            "Microsoft.DataProtection/backupVaults/backupInstances/delete",
        ),
        page=f"{_OPERATIONS}/storage",
    ),
)

AZURE = (*ACCESS, *CODE, *IDENTITIES, *VAULTS, *KEYS, *DATA, *DEFENCES)
