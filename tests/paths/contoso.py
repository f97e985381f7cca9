"""A small graph with the relationships that paths are made of, and the hops that it must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loader.graph import Database

SUB = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUB}/resourcegroups/shop"
VM = f"{GROUP}/providers/microsoft.compute/virtualmachines/web"
SITE = f"{GROUP}/providers/microsoft.web/sites/site"
VAULT = f"{GROUP}/providers/microsoft.keyvault/vaults/kv"
STORE = f"{GROUP}/providers/microsoft.storage/storageaccounts/data"
IDENTITY = f"{GROUP}/providers/microsoft.managedidentity/userassignedidentities/deploy"
_NODES = "UNWIND $rows AS row CREATE (n:Entity:$(row.type)) SET n = row.told, n._key = row.key, n._type = row.type"
_EDGES = """
UNWIND $rows AS row MATCH (a:Entity {_key: row.a}), (b:Entity {_key: row.b})
CREATE (a)-[r:$(row.verb)]->(b) SET r = row.told
"""

_ARC, _BOX = "Microsoft.HybridCompute/machines", "Microsoft.App/containerApps"
_ARC_MACHINE, _CONTAINER_APP = f"{GROUP}/providers/{_ARC.lower()}/arc", f"{GROUP}/providers/{_BOX.lower()}/box"
# What runs code with an identity: its type of entity and of Azure, its name, and who may change what it runs.
_RUNNING = (
    ("azure_container_group", "Microsoft.ContainerInstance/containerGroups", "aci", "sam"),
    ("azure_resource", "Microsoft.App/jobs", "job", "tom"),
    ("azure_resource", "Microsoft.Automation/automationAccounts", "auto", "uma"),
    ("azure_resource", "Microsoft.Logic/workflows", "flow", "vic"),
)


class Small:
    """Nodes and relationships to be written together."""

    def __init__(self) -> None:
        self._nodes: list[dict[str, Any]] = []
        self._edges: list[dict[str, Any]] = []

    def node(self, entity_type: str, key: str, name: str = "", **told: Any) -> str:
        self._nodes.append({"type": entity_type, "key": key, "told": {"displayName": name or key, **told}})
        return key

    def edge(self, start: str, verb: str, end: str, **told: Any) -> None:
        self._edges.append({"a": start, "verb": verb, "b": end, "told": told})

    def can(self, who: str, where: str, *capabilities: str, name: str, kind: str = "azure", **told: Any) -> None:
        self.edge(who, "CAN", where, capabilities=list(capabilities), roleName=name, kind=kind,
                  assignment=f"{name} {who}", **told)  # fmt: skip

    def write(self, database: Database) -> None:
        database.write(lambda run: run.run(_NODES, rows=self._nodes))
        database.write(lambda run: run.run(_EDGES, rows=self._edges))


def scopes(small: Small) -> None:
    """A tenant with a management group, a subscription, a resource group and what is in it."""
    small.node("azure_account", "tenant", "Contoso")
    small.node("azure_management_group", "/mg/root", "Root group")
    small.node("azure_subscription", SUB, "Production")
    small.node("azure_resource_group", GROUP, "shop")
    small.edge("tenant", "HAS", "/mg/root")
    small.edge("/mg/root", "CONTAINS", SUB)
    small.edge(SUB, "HAS", GROUP)
    for entity_type, key, name, more in (
        ("azure_vm", VM, "web", {}),
        ("azure_web_app", SITE, "site", {}),
        ("azure_keyvault_service", VAULT, "kv", {"tag.data": "secret"}),
        ("azure_storage_account", STORE, "data", {"tag.data": "secret"}),
        ("azure_user_assigned_identity", IDENTITY, "deploy", {}),
        ("azure_storage_account", f"{STORE}2", "keyless", {"allowSharedKeyAccess": False}),
        ("azure_web_app_slot", f"{SITE}/slots/next", "next", {}),
        ("azure_resource", _ARC_MACHINE, "arc", {"resourceType": _ARC}),
        ("azure_resource", _CONTAINER_APP, "box", {"resourceType": _BOX}),
    ):
        small.node(entity_type, key, name, **more)
        small.edge(GROUP, "HAS", key)
    small.edge(SITE, "HAS", f"{SITE}/slots/next")


def people(small: Small) -> None:
    """Who has what; each is the beginning of one row of the table in `test_paths.py`."""
    for name in (
        "ada",
        "bea",
        "cy",
        "dan",
        "elle",
        "fay",
        "gus",
        "hal",
        "ida",
        "jo",
        "kim",
        "lou",
        "mia",
        "ned",
        "oli",
        "pia",
        "quin",
        "ray",
        "sam",
        "tom",
        "uma",
        "vic",
    ):
        small.node("azure_user", name, name.capitalize(), accountEnabled=True)
    small.node("internet", "internet", "Internet")
    small.node("azure_user_group", "admins", "Admins")
    small.node("azure_user_group", "inner", "Inner")
    small.node("azure_service_principal", "vm-sp", "web", servicePrincipalType="ManagedIdentity")
    small.node("azure_service_principal", "id-sp", "deploy", servicePrincipalType="ManagedIdentity")
    small.node("azure_service_principal", "app-sp", "Shop", servicePrincipalType="Application")
    small.node("azure_application", "app", "Shop")
    small.node("azure_nic", "nic", "nic")
    small.node("azure_application_federated_identity_credential", "pull", "pull requests")
    small.edge("ada", "MEMBER_OF", "inner")
    small.edge("inner", "MEMBER_OF", "admins")
    small.can("admins", SUB, "give-roles", "run-code", name="Owner")
    small.node("azure_role_definition", "vmc", actions=["Microsoft.Compute/virtualMachines/*"])
    small.can("bea", GROUP, "run-code", name="Virtual Machine Contributor", role="vmc")
    for acting in (VM, _ARC_MACHINE, _CONTAINER_APP):
        small.edge(acting, "ACTS_AS", "vm-sp")
    small.can("vm-sp", VAULT, "read-secrets", name="Key Vault Secrets User")
    small.edge("internet", "REACHES", "nic")
    small.edge(VM, "USES", "nic")
    small.can("cy", "app", "add-credentials", name="Owner of the application", kind="owner")
    small.edge("app", "ACTS_AS", "app-sp")
    small.edge("app", "HAS", "pull")
    small.can("app-sp", "tenant", name="RoleManagement.ReadWrite.Directory", kind="application")
    small.can("dan", "tenant", "reset-password", name="Helpdesk Administrator", kind="directory")
    small.can("elle", "tenant", "give-roles", name="Owner", eligible=True, needsApproval=True)
    small.can("fay", "tenant", name="Global Administrator", kind="directory", eligible=True)
    small.can("gus", STORE, "list-keys-storage", name="Storage Account Contributor", condition="@Resource[x]")
    small.can("hal", "admins", "add-members", name="Owner of the group", kind="owner")
    small.can("ida", IDENTITY, "attach-identity", name="Managed Identity Operator")
    small.edge(IDENTITY, "ACTS_AS", "id-sp")
    small.can("id-sp", "/mg/root", "give-roles", name="User Access Administrator")
    # On the data of a vault with policies of its own these decide, not roles.
    small.node("azure_keyvault_service", f"{VAULT}2", "kv2", enableRbacAuthorization=False)
    small.edge(GROUP, "HAS", f"{VAULT}2")
    small.can("kim", GROUP, "read-secrets", name="Key Vault Secrets User")
    small.can("lou", f"{VAULT}2", "read-secrets", name="Access policy", kind="policy")
    small.edge("jo", "MAY_BECOME", "admins")
    # Keys that an account does not accept lead to its data only for who can have it accept them again.
    storage = "Microsoft.Storage/storageAccounts"
    small.node("azure_role_definition", "reader", actions=[f"{storage}/listKeys/action"])
    small.node("azure_role_definition", "keeper", actions=[f"{storage}/listKeys/action", f"{storage}/write"])
    small.can("mia", GROUP, "list-keys-storage", name="Reader and Data Access", role="reader")
    small.can("ned", GROUP, "list-keys-storage", "change-service-firewall", name="Keeper", role="keeper")
    # What runs code in one sort of resource does not in another.
    small.node("azure_role_definition", "wc", actions=["Microsoft.Web/sites/*"])
    small.can("oli", GROUP, "run-code", name="Website Contributor", role="wc")
    # On the app alone, and so on its slots; the other role is about the app's own code only.
    small.can("quin", SITE, "run-code", name="Website Contributor", role="wc")
    small.can("ray", SITE, "give-roles", name="User Access Administrator")
    small.node("azure_service_principal", "runner", "runner", servicePrincipalType="ManagedIdentity")
    small.can("runner", f"{STORE}2", "read-blobs", name="Storage Blob Data Reader")
    for entity_type, arm_type, name, who in _RUNNING:
        # The second of each acts as nobody.
        for one in (name, f"idle {name}"):
            key = small.node(entity_type, f"{GROUP}/providers/{arm_type.lower()}/{one}", one, resourceType=arm_type)
            small.edge(GROUP, "HAS", key)
            if one == name:
                small.edge(key, "ACTS_AS", "runner")
        small.node("azure_role_definition", f"{name}-role", actions=[f"{arm_type}/*"])
        small.can(who, GROUP, "run-code", name=f"{name} role", role=f"{name}-role")
    small.node("azure_role_definition", "arc-admin", actions=["Microsoft.HybridCompute/machines/*"])
    small.can("pia", GROUP, "run-code", name="Azure Connected Machine Resource Administrator", role="arc-admin")


def names(hops: Mapping[str, Any]) -> list[str]:
    """A path of the JSON report as `kind>end` for each hop."""
    return [f"{hop['hop']}>{hop['to']}" for hop in hops["hops"]]
