"""What may take access away is told with it, whoever a deny assignment names; a vault's own policies let write too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from loader.effective import who_can
from loader.graph import Database
from loader.model import Json
from tests.access.loaded import loaded
from tests.access.test_given_otherwise import (
    ADA,
    AREA,
    BO,
    CONTRIBUTOR,
    CY,
    DELEGATION,
    PREFIX,
    SUB,
    TENANT,
    given,
    role,
)

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]

GROUPS = "/providers/Microsoft.Management/managementGroups"
VAULT = f"{SUB}/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/kv"
EVERYBODY = "00000000-0000-0000-0000-000000000000"
# A group that is not loaded.
HIDDEN = "c0705000-0000-4000-8000-0000000000b9"


def deny(number: int, scope: str, *principals: str) -> Json:
    told = {
        "denyAssignmentName": f"deny {number}",
        "permissions": [{"actions": ["Microsoft.Compute/*"]}],
        "scope": scope,
        "principals": [{"id": one, "type": "SystemDefined" if one == EVERYBODY else "Group"} for one in principals],
    }
    return {"id": f"{PREFIX}/denyAssignments/{number}", "name": str(number), "properties": told}


def policy(who: str, *permissions: str) -> Json:
    return {"tenantId": TENANT, "objectId": who, "permissions": {"secrets": list(permissions), "keys": []}}


ANSWERS: Mapping[str, list[Json]] = {
    "azure_account": [{"id": TENANT, "displayName": "Contoso"}],
    "azure_management_group": [
        {"id": f"{GROUPS}/contoso", "name": "contoso", "properties": {"displayName": "Contoso"}}
    ],
    "azure_subscription": [{"id": SUB, "subscriptionId": AREA, "displayName": "Production", "tenantId": TENANT}],
    "azure_user": [
        {"id": one, "displayName": name, "userPrincipalName": f"{name}@contoso.example"}
        for one, name in ((ADA, "Ada"), (BO, "Bo"), (CY, "Cy"))
    ],
    "azure_application": [{"id": f"{one}-app", "displayName": one, "appId": one} for one in ("still", "lively")],
    "azure_service_principal": [
        {"id": f"{one}-sp", "displayName": one, "appId": one, "accountEnabled": one == "lively"}
        for one in ("still", "lively")
    ],
    "azure_classic_admin_group": [
        {
            "id": f"{PREFIX}/classicAdministrators/1",
            "name": "1",
            "properties": {"emailAddress": "bo@contoso.example", "role": "ServiceAdministrator;AccountAdministrator"},
        }
    ],
    "azure_role_definition": [
        role(CONTRIBUTOR, "Contributor", ["Microsoft.Compute/*"]),
        role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ["*"]),
    ],
    "azure_role_assignment": [given("roleAssignments", 1, ADA, "User", CONTRIBUTOR)],
    "azure_deny_assignment": [
        deny(1, SUB, EVERYBODY, BO),
        deny(2, "/", EVERYBODY),
        deny(3, SUB, HIDDEN),
        deny(4, SUB, BO),
        deny(5, f"{GROUPS}/contoso", EVERYBODY),
    ],
    "azure_lighthouse_delegation": [DELEGATION],
    "azure_keyvault_service": [
        {
            "id": VAULT,
            "name": "kv",
            "properties": {
                "tenantId": TENANT,
                "accessPolicies": [policy(ADA, "Get", "Purge"), policy(BO, "Set"), policy(CY, "all")],
            },
        }
    ],
}


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with loaded(neo4j_connection, ANSWERS, TENANT, AREA) as database:
        yield database


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("azure", {"1", "2", "3", "5"}), ("lighthouse", {"1", "2", "5"}), ("classic", {"1", "2", "3", "4", "5"})],
)
def test_what_may_take_from_it_is_told(graph: Database, kind: str, expected: set[str]) -> None:
    rows = graph.read("MATCH ()-[can:CAN {kind: $kind}]->() RETURN can.deniedBy AS denied", {"kind": kind})
    assert rows
    assert {frozenset(one.rpartition("/")[2] for one in row["denied"]) for row in rows} == {frozenset(expected)}


def test_nobody_acts_as_what_is_disabled(graph: Database) -> None:
    rows = graph.read("MATCH (:azure_application)-[:ACTS_AS]->(other) RETURN other.displayName AS name")
    assert [row["name"] for row in rows] == ["lively"]


def test_a_classic_administrator_is_no_owner_any_more(graph: Database) -> None:
    """https://learn.microsoft.com/azure/role-based-access-control/classic-administrators"""
    rows = [row for row in who_can(graph, "give-roles", SUB).rows if row["role"] == "Classic administrator"]
    assert [(row["who"], row["plain"]) for row in rows] == [("Bo", False)]
    assert "retired" in rows[0]["condition"]


@pytest.mark.parametrize(
    ("capability", "expected"),
    [("read-secrets", {"Ada", "Cy"}), ("write-secrets", {"Bo", "Cy"}), ("purge-vaults", {"Ada"})],
)
def test_a_vaults_own_policies(graph: Database, capability: str, expected: set[str]) -> None:
    assert {row["who"] for row in who_can(graph, capability, "kv").rows} == expected
