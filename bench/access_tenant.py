"""A tenant in which much is given: users in groups, roles on scopes, machines that act as identities.

It is written as a load leaves it in the graph, with nothing derived yet, and is the same each time for one size. Of all
entities a fifth are users and a tenth assignments of roles; each user is in two groups, and some groups in others.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from loader.access.capabilities import capabilities_of
from loader.access.matching import Block
from loader.graph import Database

TENANT = str(UUID(int=0xC07050))
_BATCH = 20_000
_NODES = "UNWIND $rows AS row CREATE (n:Entity:$($label)) SET n = row"
_EDGES = (
    "UNWIND $rows AS row MATCH (a:Entity {_key: row[0]}) MATCH (b:Entity {_key: row[1]}) "
    "CREATE (a)-[r:$($verb) {_owner: 'from'}]->(b) SET r += row[2]"
)
_ROLES: tuple[tuple[str, Block], ...] = (
    ("Owner", Block(actions=("*",))),
    ("Contributor", Block(actions=("*",), not_actions=("Microsoft.Authorization/*/Write",))),
    ("Reader", Block(actions=("*/read",))),
    ("Virtual Machine Contributor", Block(actions=("Microsoft.Compute/virtualMachines/*",))),
    ("Key Vault Secrets User", Block(data_actions=("Microsoft.KeyVault/vaults/secrets/getSecret/action",))),
    ("Storage Account Contributor", Block(actions=("Microsoft.Storage/storageAccounts/*",))),
    ("Website Contributor", Block(actions=("Microsoft.Web/sites/*",))),
    ("Network Contributor", Block(actions=("Microsoft.Network/*",))),
)
# How many of a thousand assignments are of the first two roles; the others share the rest.
_OWNERS, _CONTRIBUTORS = 20, 150
_KINDS = {
    "azure_vm": "microsoft.compute/virtualmachines",
    "azure_web_app": "microsoft.web/sites",
    "azure_keyvault_service": "microsoft.keyvault/vaults",
    "azure_storage_account": "microsoft.storage/storageaccounts",
    "azure_nic": "microsoft.network/networkinterfaces",
    "azure_managed_disk": "microsoft.compute/disks",
    "azure_sql_server": "microsoft.sql/servers",
    "azure_private_endpoint": "microsoft.network/privateendpoints",
}


class AccessTenant:
    """Its nodes by label and its relationships by verb. assignments, memberships: how many of each there are."""

    def __init__(self, entities: int) -> None:
        self.entities = entities
        self._choose = random.Random(entities)
        self._nodes: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._edges: dict[str, list[list[Any]]] = defaultdict(list)
        self._scopes()
        self._people()
        self._roles()
        self._directory()
        self._resources()

    @property
    def counted(self) -> int:
        """How many entities there are."""
        return sum(map(len, self._nodes.values()))

    @property
    def assignments(self) -> int:
        """Everything by which something is given: roles of Azure and of the directory, permissions, ownership."""
        given = ("azure_role_assignment", "azure_role_eligibility", "azure_ad_role_assignment")
        return sum(len(self._nodes[one]) for one in given) + len(self._edges["OWNS"])

    @property
    def memberships(self) -> int:
        """Direct members of groups, and identities of machines and applications."""
        groups = {one["_key"] for one in self._nodes["azure_user_group"]}
        identities = len(self._edges["USES"]) - self._given + len(self._nodes["azure_application"])
        return sum(start in groups for start, _, _ in self._edges["HAS"]) + identities

    def write(self, database: Database) -> None:
        """Into an empty graph that has azgraph's constraints."""
        for label, nodes in self._nodes.items():
            for rows in _batches(nodes):
                database.write(lambda run, rows=rows, label=label: run.run(_NODES, rows=rows, label=label))  # type: ignore[misc]
        for verb, edges in self._edges.items():
            for rows in _batches(edges):
                database.write(lambda run, rows=rows, verb=verb: run.run(_EDGES, rows=rows, verb=verb))  # type: ignore[misc]

    def _node(self, label: str, key: str, **told: Any) -> str:
        name = key.rsplit("/", 1)[-1]
        scope = f"{label}|tenant:{TENANT}|"
        self._nodes[label].append(
            {"_key": key, "_type": label, "_scope": scope, "id": key, "name": name, "displayName": name, **told}
        )
        return key

    def _edge(self, start: str, verb: str, end: str, **told: Any) -> None:
        self._edges[verb].append([start, end, told])

    def _scopes(self) -> None:
        tenant = self._node("azure_account", TENANT)
        top = self._node("azure_management_group", "/providers/microsoft.management/managementgroups/contoso")
        self._edge(tenant, "HAS", top)
        self._subscriptions = [
            self._node("azure_subscription", f"/subscriptions/{UUID(int=one + 1)}")
            for one in range(max(1, self.entities // 2000))
        ]
        for one in self._subscriptions:
            self._edge(top, "CONTAINS", one)
        self._groups_of_resources = [
            self._node(
                "azure_resource_group", f"{self._subscriptions[one % len(self._subscriptions)]}/resourcegroups/r{one}"
            )
            for one in range(self.entities // 50)
        ]
        for one in self._groups_of_resources:
            self._edge(one.rpartition("/resourcegroups/")[0], "HAS", one)

    def _people(self) -> None:
        self.users = [self._node("azure_user", f"user-{one}", accountEnabled=True) for one in range(self.entities // 5)]
        self.first = self.users[0]
        self._groups = [self._node("azure_user_group", f"group-{one}") for one in range(self.entities // 50)]
        for user in self.users:
            for group in self._choose.sample(self._groups, 2):
                self._edge(group, "HAS", user)
        for number, group in enumerate(self._groups):
            if number % 3 == 0 and number:
                self._edge(self._choose.choice(self._groups[:number]), "HAS", group)
            if number % 10 == 0:
                self._edge(self._choose.choice(self.users), "OWNS", group)

    def _roles(self) -> None:
        self._role_keys = []
        for number, (name, block) in enumerate(_ROLES):
            self._role_keys.append(
                self._node(
                    "azure_role_definition",
                    f"/providers/microsoft.authorization/roledefinitions/{UUID(int=number + 1)}",
                    roleName=name,
                    actions=list(block.actions),
                    notActions=list(block.not_actions),
                    dataActions=list(block.data_actions),
                    notDataActions=[],
                    capabilities=list(capabilities_of([block])),
                )
            )
        for number in range(1, self.entities // 10):
            self._give("azure_role_assignment", number)
        # The one way to tier 0 that is asked for: a member of the first group, which owns a subscription.
        self._edge(self._groups[0], "HAS", self.first)
        self._give("azure_role_assignment", 0, of=0, to=self._groups[0], on=self._subscriptions[0])
        for number in range(self.entities // 200):
            self._give("azure_role_eligibility", number)
        for number in range(self.entities // 2000):
            place = self._choose.choice(self._groups_of_resources)
            key = f"{place}/providers/microsoft.authorization/denyassignments/{UUID(int=number + 1)}"
            denied = {"principals": [self._choose.choice(self._groups)], "excludePrincipals": []}
            self._node("azure_deny_assignment", key, actions=["*/delete"], notActions=[], **denied)
            self._edge(key, "DENIES", place)
        self._given = len(self._edges["USES"])

    def _give(
        self, label: str, number: int, *, of: int | None = None, to: str | None = None, on: str | None = None
    ) -> None:
        """An assignment of a role (`of`) to somebody on a scope; each of them at random where it is not told."""
        which = self._choose.randrange(1000)
        role = (
            0 if which < _OWNERS else 1 if which < _OWNERS + _CONTRIBUTORS else self._choose.randrange(2, len(_ROLES))
        )
        scope = on or self._choose.choice(self._groups_of_resources if number % 50 else self._subscriptions)
        kind = label.removeprefix("azure_").replace("_", "")
        key = self._node(label, f"{scope}/providers/microsoft.authorization/{kind}s/{UUID(int=number + 1)}")
        self._edge(key, "ASSIGNED", to or self._choose.choice(self._groups if number % 2 else self.users))
        self._edge(key, "ALLOWS", scope)
        self._edge(key, "USES", self._role_keys[role if of is None else of])

    def _directory(self) -> None:
        administrator = self._node(
            "azure_ad_role_definition",
            "62e90394-69f5-4237-9190-012177145e10",
            templateId="62e90394-69f5-4237-9190-012177145e10",
            allowedActions=["microsoft.directory/roleAssignments/allProperties/allTasks"],
            capabilities=["give-directory-roles", "reset-password"],
        )
        for number in range(max(2, self.entities // 10_000)):
            key = self._node("azure_ad_role_assignment", f"directory-assignment-{number}", directoryScopeId="/")
            self._edge(key, "ASSIGNED", self._choose.choice(self.users))
            self._edge(key, "ALLOWS", TENANT)
            self._edge(key, "USES", administrator)
            self._given += 1
        for number in range(self.entities // 100):
            application = self._node("azure_application", f"application-{number}", appId=f"app-{number}")
            self._node("azure_service_principal", f"application-principal-{number}", appId=f"app-{number}")
            self._edge(self._choose.choice(self.users), "OWNS", application)

    def _resources(self) -> None:
        self.vaults: list[str] = []
        kinds = list(_KINDS.items())
        for number in range(self.entities - self.counted - self.entities // 100):
            label, provider = kinds[number % len(kinds)]
            group = self._choose.choice(self._groups_of_resources)
            key = self._node(label, f"{group}/providers/{provider}/x{number}")
            self._edge(group, "HAS", key)
            if label == "azure_keyvault_service":
                self.vaults.append(key)
        machines = [one["_key"] for one in self._nodes["azure_vm"]]
        for number in range(self.entities // 100):
            principal = self._node("azure_service_principal", f"identity-{number}", appId=f"identity-{number}")
            self._edge(machines[number], "USES", principal, managedIdentityType="SystemAssigned")


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
