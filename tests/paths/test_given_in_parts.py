"""What is given on a part of a resource, under a condition on giving roles, or until yesterday, as answers tell it.

Asked twice of one graph: of a network that is read whole, and of one that grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import count
from typing import Any

import pytest

from loader.effective import who_can
from loader.graph import Database
from loader.model import Json
from loader.paths import Growing, Network, beginning, choke_points, find_paths, opengraph, read_network, target
from tests.access.loaded import loaded
from tests.paths.contoso import names

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]

TENANT = "c0705000-0000-4000-8000-000000000001"
AREA = "c0705000-0000-4000-8000-000000000002"
SUB = f"/subscriptions/{AREA}"
GROUP = f"{SUB}/resourceGroups/shop/providers"
VAULT, STORE = f"{GROUP}/Microsoft.KeyVault/vaults/kv", f"{GROUP}/Microsoft.Storage/storageAccounts/data"
OLD_VAULT = f"{VAULT}-old"
SITE, SET = f"{GROUP}/Microsoft.Web/sites/site", f"{GROUP}/Microsoft.Compute/virtualMachineScaleSets/set"
CLUSTER, MACHINE = (
    f"{GROUP}/Microsoft.ContainerService/managedClusters/aks",
    f"{GROUP}/Microsoft.Compute/virtualMachines/web",
)
FACTORY, BATCH = f"{GROUP}/Microsoft.DataFactory/factories/adf", f"{GROUP}/Microsoft.Batch/batchAccounts/batch"
CONTAINER, QUEUE = (
    f"{STORE}/blobServices/default/containers/logs",
    f"{GROUP}/Microsoft.ServiceBus/namespaces/bus/queues/q",
)
SECRET = "https://kv.vault.azure.net/secrets/pay"
AUTHORIZATION = f"{SUB}/providers/Microsoft.Authorization"
GIVING = "Microsoft.Authorization/roleAssignments/write"
OWNER, ACCESS, DELEGATE = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)
# Whoever may give only certain roles: https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
NO_OTHER = f"(!(ActionMatches{{'{GIVING}'}})) OR "
_ROLE = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
NOT_PRIVILEGED = f"{NO_OTHER}({_ROLE} ForAnyOfAllValues:GuidNotEquals {{{OWNER}, {ACCESS}, {DELEGATE}}})"
ONLY_SECRETS = f"{NO_OTHER}({_ROLE} ForAnyOfAnyValues:GuidEquals {{5ec0}})"
ROLES = {
    OWNER: ("Owner", ["*"], []),
    DELEGATE: ("Delegate", [GIVING], []),
    "5ec0": ("Secrets User", [], ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]),
    "c290": ("Crypto User", [], ["Microsoft.KeyVault/vaults/keys/decrypt/action"]),
    "b10b": ("Blob Reader", [], ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]),
    "ea11": ("Machine Contributor", ["Microsoft.Compute/*"], []),
    "eb": ("Website Contributor", ["Microsoft.Web/sites/*"], []),
    "aca5": ("Namespace Writer", [], ["Microsoft.ContainerService/managedClusters/pods/*"]),
    "fac7": ("Factory Contributor", ["Microsoft.DataFactory/*"], []),
    "0b": ("Job Submitter", [], ["Microsoft.Batch/batchAccounts/jobs/write"]),
    "5e2d": ("Receiver", [], ["Microsoft.ServiceBus/namespaces/messages/receive/action"]),
}
GIVEN = {
    "Ada": ("5ec0", f"{VAULT}/secrets/pay"),
    "Bo": ("5ec0", VAULT),
    "Cy": ("c290", VAULT),
    "Dee": ("5ec0", f"{OLD_VAULT}/secrets/pay"),
    "Eve": (OWNER, f"{VAULT}/secrets/pay"),
    "Fay": ("b10b", CONTAINER),
    "Gil": ("eb", f"{SITE}/slots/next"),
    "Hal": ("ea11", f"{SET}/virtualMachines/0"),
    "Ida": ("aca5", f"{CLUSTER}/namespaces/shop"),
    "Jo": (OWNER, SUB, NOT_PRIVILEGED),
    "Kim": (DELEGATE, SUB, ONLY_SECRETS),
    "Lou": (DELEGATE, SUB),
    "Mia": (DELEGATE, SUB, "who knows"),
    "Ned": ("fac7", SUB),
    "Oli": ("0b", BATCH),
    "Pia": ("5e2d", QUEUE),
    "Quin": (OWNER, STORE),
}
PEOPLE = {name: f"c0705000-0000-4000-8000-0000000001{place:02}" for place, name in enumerate(GIVEN)}
ACTING, POOLS, KEEPING = (f"c0705000-0000-4000-8000-0000000002{place:02}" for place in range(3))


def _role(guid: str, name: str, actions: list[str], data_actions: list[str]) -> Json:
    permissions = [{"actions": actions, "notActions": [], "dataActions": data_actions, "notDataActions": []}]
    told = {"roleName": name, "permissions": permissions}
    return {"id": f"{AUTHORIZATION}/roleDefinitions/{guid}", "name": guid, "properties": told}


_NUMBERS = count(1)


def _given(who: str, guid: str, scope: str, condition: str | None = None, kind: str = "User") -> Json:
    number = next(_NUMBERS)
    told = {"scope": scope, "roleDefinitionId": f"{AUTHORIZATION}/roleDefinitions/{guid}", "principalId": who}
    more = {"condition": condition, "conditionVersion": "2.0"} if condition else {}
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{number}",
        "name": str(number),
        "properties": {**told, "principalType": kind, **more},
    }


def _resource(arm_id: str, **properties: Any) -> Json:
    arm_type = "/".join([arm_id.split("/")[6], *arm_id.split("/")[7::2]])
    return {"id": arm_id, "name": arm_id.rpartition("/")[2], "type": arm_type, "properties": properties}


def _acts(arm_id: str, who: str) -> Json:
    return {**_resource(arm_id), "identity": {"type": "SystemAssigned", "principalId": who, "tenantId": TENANT}}


_POOL_IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/pool"
GRAPH, TAPPING = (f"c0705000-0000-4000-8000-0000000003{place:02}" for place in range(2))
ROOT, DESK, SUE, TIM, UNA = (f"c0705000-0000-4000-8000-0000000004{place:02}" for place in range(5))
OWNERS, EDITOR = (f"c0705000-0000-4000-8000-0000000005{place:02}" for place in range(2))
GLOBAL, HELPDESK = "62e90394-69f5-4237-9190-012177145e10", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
ENDED = {"endDateTime": "2026-01-01T00:00:00Z"}


def _of_directory(number: int, who: str, role: str, **more: str) -> Json:
    return {"id": f"a{number}", "principalId": who, "roleDefinitionId": role, "directoryScopeId": "/", **more}


# A permission is known by its id, whether Microsoft Graph's own list of them was read or not.
DIRECTORY: dict[str, list[Json]] = {
    "azure_app_role_assignment": [
        {
            "id": "tap",
            "principalId": TAPPING,
            "principalType": "ServicePrincipal",
            "resourceId": GRAPH,
            "appRoleId": "50483e42-d915-4231-9639-7fdb7fd190e5",
            "@parent": {"id": GRAPH, "appId": "00000003-0000-0000-c000-000000000000"},
        }
    ],
    "azure_user_group": [
        {
            "id": OWNERS,
            "displayName": "Owners",
            "members": [{"@odata.type": "#microsoft.graph.user", "id": TIM}],
        }
    ],
    "azure_group_assignment_schedule": [
        {
            "id": "member-for-a-time",
            "principalId": TIM,
            "groupId": OWNERS,
            "accessId": "member",
            "assignmentType": "assigned",
            **ENDED,
        }
    ],
    "azure_ad_role_definition": [
        {"id": GLOBAL, "templateId": GLOBAL, "displayName": "Global Administrator"},
        {"id": HELPDESK, "templateId": HELPDESK, "displayName": "Helpdesk Administrator"},
        {
            "id": EDITOR,
            "displayName": "Editor",
            "rolePermissions": [{"allowedResourceActions": ["microsoft.directory/groups/owners/update"]}],
        },
    ],
    "azure_ad_role_assignment": [
        _of_directory(1, ROOT, GLOBAL),
        _of_directory(2, UNA, EDITOR),
        _of_directory(3, DESK, HELPDESK),
    ],
    "azure_ad_role_eligibility": [_of_directory(9, SUE, GLOBAL, **ENDED)],
}
ANSWERS: dict[str, list[Json]] = {
    "azure_account": [{"id": TENANT, "displayName": "Contoso"}],
    "azure_subscription": [{"id": SUB, "subscriptionId": AREA, "displayName": "Production", "tenantId": TENANT}],
    "azure_resource_group": [{"id": f"{SUB}/resourceGroups/shop", "name": "shop"}],
    **DIRECTORY,
    "azure_user": [
        {"id": one, "displayName": name, "accountEnabled": True}
        for name, one in {**PEOPLE, "Root": ROOT, "Desk": DESK, "Sue": SUE, "Tim": TIM, "Una": UNA}.items()
    ],
    "azure_service_principal": [
        {"id": one, "displayName": name, "servicePrincipalType": "ManagedIdentity", "accountEnabled": True}
        for one, name in ((ACTING, "acting"), (POOLS, "pools"), (KEEPING, "keeping"), (TAPPING, "tapping"))
    ],
    "azure_keyvault_service": [
        _resource(VAULT, enableRbacAuthorization=True),
        _resource(OLD_VAULT, enableRbacAuthorization=False),
    ],
    "azure_keyvault_secret": [{"id": SECRET, "@parent": {"id": VAULT}, "attributes": {"enabled": True}}],
    "azure_storage_account": [_acts(STORE, KEEPING)],
    "azure_web_app": [{**_resource(SITE), "kind": "app"}],
    "azure_vm_scale_set": [_acts(SET, ACTING)],
    "azure_kubernetes_cluster": [_resource(CLUSTER)],
    "azure_vm": [_resource(MACHINE)],
    "azure_resource": [_acts(FACTORY, ACTING)],
    "azure_batch_account": [_resource(BATCH)],
    "azure_batch_pool": [
        {
            **_resource(f"{BATCH}/pools/pool"),
            "@parent": {"id": BATCH},
            "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": {_POOL_IDENTITY: {"principalId": POOLS, "clientId": POOLS}},
            },
        }
    ],
    "azure_role_definition": [_role(guid, *told) for guid, told in ROLES.items()],
    "azure_role_assignment": [
        _given(OWNERS, OWNER, SUB, kind="Group"),
        *(_given(PEOPLE[name], *told) for name, told in GIVEN.items()),
        *(_given(one, OWNER, MACHINE, kind="ServicePrincipal") for one in (ACTING, POOLS, KEEPING)),
    ],
}
TABLE: dict[tuple[str, str], list[str] | None] = {
    # One secret of a vault, under both of its names, is not the vault; who reads the vault's secrets reads this one.
    ("Ada", SECRET): ["read-secrets>pay"],
    ("Ada", f"{VAULT}/secrets/pay"): ["read-secrets>pay"],
    ("Ada", "kv"): None,
    ("Bo", SECRET): ["read-secrets>pay"],
    ("Cy", "kv"): ["read-keys>kv"],
    ("Cy", SECRET): None,
    ("Eve", SECRET): ["give-roles>pay"],
    # Its own policies decide.
    ("Dee", f"{OLD_VAULT}/secrets/pay"): None,
    ("Fay", CONTAINER): ["read-blobs>logs"],
    ("Fay", "data"): None,
    ("Quin", CONTAINER): ["give-roles>logs"],
    # A slot is not its app.
    ("Gil", f"{SITE}/slots/next"): ["run-code-in-slot>next"],
    ("Gil", "site"): None,
    # What runs on one instance, or in one namespace, acts as the whole.
    ("Hal", "web"): ["run-code-on-scale-set>set", "acts-as>acting", "give-roles>web"],
    ("Ida", "aks"): ["run-code-in-cluster>aks"],
    # Whoever may give certain roles has what these let him do, and no more.
    ("Jo", "tier-0"): None,
    ("Jo", "web"): ["run-code>web"],
    ("Kim", "tier-0"): None,
    ("Kim", "kv"): ["read-secrets>kv"],
    ("Kim", "web"): None,
    ("Lou", "tier-0"): ["holds-role>Production"],
    ("Mia", "tier-0"): ["holds-role>Production"],
    ("Ned", "web"): ["run-code-in-data-factory>adf", "acts-as>acting", "give-roles>web"],
    ("Oli", "web"): ["run-code-in-batch>batch", "runs-in-pool>pool", "acts-as>pools", "give-roles>web"],
    # A storage account runs nothing that signs in as its identity.
    ("Quin", "web"): None,
    ("tapping", "tier-0"): ["change-sign-in-methods>Lou", "holds-role>Production"],
    ("Una", "tier-0"): ["add-owners-of-groups>Owners", "holds-role>Production"],
    # What ended since it was loaded.
    ("Sue", "tier-0"): None,
    ("Tim", "tier-0"): None,
    # Nor is anybody an administrator by it.
    ("Desk", SUE): ["reset-password>Sue"],
}


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with loaded(neo4j_connection, ANSWERS, TENANT, AREA) as database:
        yield database


@pytest.mark.parametrize("read", [read_network, Growing])
def test_the_shortest_paths(graph: Database, read: Callable[..., Network]) -> None:
    told = {}
    fresh = read(graph)
    for source, goal in TABLE:
        # Questions join their ends to a network.
        network = deepcopy(fresh) if fresh.whole else read(graph)
        ends = beginning(graph, network, source), target(graph, network, goal)
        found = find_paths(graph, network, *ends, 1)
        told[source, goal] = names(found[0].as_json()) if found else None
    assert told == TABLE


def test_who_may_give_certain_roles_is_no_choke_point(graph: Database) -> None:
    network = read_network(graph)
    points = choke_points(graph, network, target(graph, network, "tier-0").nodes, most=9)
    # Desk, Lou, Mia, Root, Una.
    assert {one.of for one in points} == {5}


def test_bloodhound_gets_edges_between_nodes_that_it_gets(graph: Database) -> None:
    from orjson import loads

    told = loads("".join(opengraph(graph, read_network(graph))))["graph"]
    nodes = {one["id"] for one in told["nodes"]}
    assert nodes >= {one[end]["value"] for one in told["edges"] for end in ("start", "end")}


@pytest.mark.parametrize(
    ("capability", "place", "expected"),
    [
        ("read-secrets", SECRET, {("Ada", "active"), ("Bo", "active")}),
        ("read-messages", QUEUE, {("Pia", "active")}),
        ("run-code", f"{CLUSTER}/namespaces/shop", {("Ida", "active")}),
        ("give-directory-roles", TENANT, {("Root", "active")}),
        # The condition is about giving roles alone.
        ("run-code", MACHINE, {(one, "active") for one in ("Jo", "acting", "pools", "keeping")}),
        ("give-roles", VAULT, {("Jo", "active, under a condition"), ("Kim", "active, under a condition"),
                               ("Lou", "active"), ("Mia", "active, under a condition")}),
    ],
)  # fmt: skip
def test_who_can(graph: Database, capability: str, place: str, expected: set[tuple[str, str]]) -> None:
    assert {(row["who"], row["how"]) for row in who_can(graph, capability, place).rows} == expected
