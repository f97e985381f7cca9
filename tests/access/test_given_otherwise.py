"""What is taken up, what may be taken up, who approves, and what another tenant's people can do: asked of one graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from loader.effective import explain, who_can
from loader.graph import Database
from loader.model import Json
from tests.access.loaded import loaded

pytestmark = pytest.mark.graph

TENANT = "c0705000-0000-4000-8000-000000000001"
AREA = "c0705000-0000-4000-8000-000000000002"
SUB = f"/subscriptions/{AREA}"
ADA, BO, CY, DEE, EVE, FAY = (f"c0705000-0000-4000-8000-0000000000a{one}" for one in range(6))
OPERATORS, APPROVERS, BREAK_GLASS = (f"c0705000-0000-4000-8000-0000000000b{one}" for one in range(3))
SUPPORT, ENGINEER = (f"c0705000-0000-4000-8000-0000000000e{one}" for one in range(2))
CONTRIBUTOR, ROLE_ADMIN = "b24988ac-6180-42a0-ab88-20f7382dd24c", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
VAULT_ADMIN = "8b54135c-b56d-4d72-a534-26097cfdc8d8"
# Built-in roles that give certain roles only say so themselves, for each assignment of theirs.
CERTAIN_ROLES = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {…}"
# Of an assignment of such a role, beside the role's own.
TO_USERS = "@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'User'"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
PREFIX = f"{SUB}/providers/Microsoft.Authorization"


def role(guid: str, name: str, actions: list[str], condition: str | None = None) -> Json:
    block = {"actions": actions, "notActions": [], "dataActions": [], "notDataActions": [], "condition": condition}
    return {
        "id": f"{PREFIX}/roleDefinitions/{guid}",
        "name": guid,
        "properties": {"roleName": name, "permissions": [block]},
    }


def given(kind: str, number: int, who: str, who_type: str, guid: str, **more: object) -> Json:
    told = {
        "scope": SUB,
        "roleDefinitionId": f"{PREFIX}/roleDefinitions/{guid}",
        "principalId": who,
        "principalType": who_type,
    }
    return {"id": f"{PREFIX}/{kind}/{number}", "name": str(number), "properties": {**told, **more}}


def approval(number: int, *, required: bool) -> Json:
    approvers = [{"id": APPROVERS, "userType": "Group"}]
    setting = {"isApprovalRequired": required, "approvalStages": [{"primaryApprovers": approvers}]}
    return {
        "id": f"{PREFIX}/roleManagementPolicyAssignment/{number}",
        "name": str(number),
        "properties": {
            "scope": SUB,
            "roleDefinitionId": f"{PREFIX}/roleDefinitions/{CONTRIBUTOR}",
            "effectiveRules": [{"id": "Approval_EndUser_Assignment", "setting": setting}],
        },
    }


def joins(who: str, group: str, access: str) -> Json:
    told = {"principalId": who, "groupId": group, "accessId": access, "endDateTime": "2030-01-02T00:00:00Z"}
    return {"id": f"{group}_{access}_{who}", **told}


def joined(who: str, group: str, access: str, kind: str, ends: str | None = "2030-01-02T00:00:00Z") -> Json:
    told = {"principalId": who, "groupId": group, "accessId": access, "assignmentType": kind, "endDateTime": ends}
    return {"id": f"{group}_{access}_{who}", **told}


def agreed(group: str, access: str, approver: str, *, required: bool = True) -> Json:
    setting = {"isApprovalRequired": required, "approvalStages": [{"primaryApprovers": [{"userId": approver}]}]}
    rules = [{"id": "Approval_EndUser_Assignment", "setting": setting}]
    return {
        "id": f"Group_{group}_{access}",
        "scopeId": group,
        "scopeType": "Group",
        "roleDefinitionId": access,
        "policy": {"rules": rules},
    }


DELEGATION: Json = {
    "id": f"{SUB}/providers/Microsoft.ManagedServices/registrationAssignments/1",
    "name": "1",
    "properties": {
        "registrationDefinition": {
            "properties": {
                "registrationDefinitionName": "Night watch",
                "managedByTenantId": "c0705000-0000-4000-8000-0000000000f1",
                "authorizations": [
                    {"principalId": SUPPORT, "principalIdDisplayName": "Support", "roleDefinitionId": CONTRIBUTOR},
                    {
                        "principalId": SUPPORT,
                        "roleDefinitionId": ROLE_ADMIN,
                        "delegatedRoleDefinitionIds": [CONTRIBUTOR],
                    },
                ],
                "eligibleAuthorizations": [
                    {"principalId": ENGINEER, "principalIdDisplayName": "Engineer", "roleDefinitionId": ROLE_ADMIN}
                ],
            }
        }
    },
}
DIRECTORY_POLICY: Json = {
    "id": f"policy_{GLOBAL_ADMINISTRATOR}",
    "roleDefinitionId": GLOBAL_ADMINISTRATOR,
    "policy": {
        "rules": [
            {
                "id": "Approval_EndUser_Assignment",
                "setting": {"isApprovalRequired": True, "approvalStages": [{"primaryApprovers": [{"userId": DEE}]}]},
            }
        ]
    },
}
DESK_OF_EVE = {"principalId": EVE, "roleDefinitionId": "desk", "directoryScopeId": "/"}
FOR_AN_HOUR = {"assignmentType": "Activated", "endDateTime": "2030-01-02T01:00:00Z"}
TAKEN_UP = {"originRoleAssignmentId": f"{PREFIX}/roleAssignments/1", "assignmentType": "Activated"}
ANSWERS: Mapping[str, list[Json]] = {
    "azure_account": [{"id": TENANT, "displayName": "Contoso"}],
    "azure_subscription": [{"id": SUB, "subscriptionId": AREA, "displayName": "Production", "tenantId": TENANT}],
    "azure_user": [
        {"id": one, "displayName": name}
        for one, name in (*zip((ADA, BO, CY, DEE, EVE, FAY), ["Ada", "Bo", "Cy", "Dee", "Eve", "Fay"], strict=True),)
    ],
    "azure_user_group": [
        {
            "id": OPERATORS,
            "displayName": "Operators",
            "members": [{"@odata.type": "#microsoft.graph.user", "id": one} for one in (EVE, FAY)],
            "$owners": {"value": [{"@odata.type": "#microsoft.graph.user", "id": FAY}]},
        },
        {"id": APPROVERS, "displayName": "Approvers", "members": [{"@odata.type": "#microsoft.graph.user", "id": CY}]},
        {"id": BREAK_GLASS, "displayName": "Break glass", "isAssignableToRole": True, "members": []},
    ],
    "azure_role_definition": [
        role(CONTRIBUTOR, "Contributor", ["Microsoft.Compute/*"]),
        role(ROLE_ADMIN, "User Access Administrator", ["Microsoft.Authorization/*"]),
        role(VAULT_ADMIN, "Vault Admin", ["Microsoft.Authorization/roleAssignments/write"], CERTAIN_ROLES),
    ],
    "azure_role_assignment": [
        given("roleAssignments", 1, ADA, "User", CONTRIBUTOR),
        given("roleAssignments", 2, OPERATORS, "Group", CONTRIBUTOR),
        given("roleAssignments", 4, DEE, "User", VAULT_ADMIN),
        given("roleAssignments", 5, BO, "User", VAULT_ADMIN, condition=TO_USERS, conditionVersion="2.0"),
        given("roleAssignments", 6, FAY, "User", ROLE_ADMIN, condition=TO_USERS, conditionVersion="2.0"),
    ],
    "azure_role_assignment_schedule": [
        given(
            "roleAssignmentScheduleInstances",
            1,
            ADA,
            "User",
            CONTRIBUTOR,
            endDateTime="2030-01-02T03:00:00Z",
            **TAKEN_UP,
        )
    ],
    "azure_role_eligibility": [given("roleEligibilityScheduleInstances", 3, CY, "User", CONTRIBUTOR)],
    "azure_role_approval": [approval(1, required=True), approval(2, required=False)],
    "azure_group_eligibility": [joins(BO, OPERATORS, "member"), joins(DEE, BREAK_GLASS, "owner")],
    "azure_group_assignment_schedule": [
        joined(EVE, OPERATORS, "member", "activated"),
        joined(FAY, OPERATORS, "member", "assigned", None),
        joined(FAY, OPERATORS, "owner", "assigned"),
    ],
    "azure_group_approval": [
        agreed(OPERATORS, "member", ADA),
        agreed(OPERATORS, "owner", ADA, required=False),
        agreed(BREAK_GLASS, "owner", CY),
    ],
    "azure_ad_role_definition": [
        {"id": GLOBAL_ADMINISTRATOR, "templateId": GLOBAL_ADMINISTRATOR, "displayName": "Global Administrator"},
        {
            "id": "desk",
            "displayName": "Help desk",
            "rolePermissions": [{"allowedResourceActions": ["microsoft.directory/users/password/update"]}],
        },
    ],
    "azure_ad_role_assignment": [{"id": "Held-1", **DESK_OF_EVE}],
    "azure_ad_role_assignment_schedule": [
        # The second is of somebody who has it through another assignment, as its principal tells.
        {"id": "Held-1", "roleAssignmentOriginId": "Held-1", **DESK_OF_EVE, **FOR_AN_HOUR},
        {"id": "Held-2", "roleAssignmentOriginId": "Held-1", **FOR_AN_HOUR, "principalId": FAY, "endDateTime": None},
    ],
    "azure_ad_role_policy": [DIRECTORY_POLICY],
    "azure_lighthouse_delegation": [DELEGATION],
}
# The capability, the resource, and all who have it: who, how, role, through, condition.
WHO: list[tuple[str, str, set[tuple[str, str, str, str, str]]]] = [
    (
        "run-code",
        SUB,
        {
            ("Ada", "active, taken up, until 2030-01-02", "Contributor", "", ""),
            ("Bo", "eligible", "Contributor", "Operators (needs approval)", ""),
            ("Eve", "active", "Contributor", "Operators (taken up, until 2030-01-02)", ""),
            ("Fay", "active", "Contributor", "Operators", ""),
            ("Cy", "eligible, needs approval", "Contributor", "", ""),
            ("Support", "active, under Lighthouse", "Contributor", "", ""),
        },
    ),
    (
        "give-roles",
        SUB,
        {
            (
                "Support",
                "active, under Lighthouse, under a condition",
                "User Access Administrator",
                "",
                "gives managed identities only: Contributor",
            ),
            ("Engineer", "eligible, under Lighthouse", "User Access Administrator", "", ""),
            ("Dee", "active, under a condition", "Vault Admin", "", CERTAIN_ROLES),
            ("Bo", "active, under a condition", "Vault Admin", "", f"({TO_USERS}) AND ({CERTAIN_ROLES})"),
            ("Fay", "active, under a condition", "User Access Administrator", "", TO_USERS),
        },
    ),
    ("reset-password", TENANT, {("Eve", "active, taken up, until 2030-01-02", "Help desk", "", "")}),
    ("approve-roles", SUB, {("Cy", "active", "Approver of Contributor", "Approvers", "")}),
    ("approve-roles", TENANT, {("Dee", "active", "Approver of Global Administrator", "", "")}),
    (
        "add-members-of-role-groups",
        BREAK_GLASS,
        {("Dee", "eligible, needs approval, until 2030-01-02", "Owner of the group", "", "")},
    ),
    ("add-members", OPERATORS, {("Fay", "active, until 2030-01-02", "Owner of the group", "", "")}),
    ("approve-roles", OPERATORS, {("Ada", "active", "Approver of members", "", "")}),
    ("approve-roles", BREAK_GLASS, {("Cy", "active", "Approver of owners", "", "")}),
]


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with loaded(neo4j_connection, ANSWERS, TENANT, AREA) as database:
        yield database


@pytest.mark.first_neo4j
@pytest.mark.parametrize(("capability", "resource", "expected"), WHO)
def test_who_can(graph: Database, capability: str, resource: str, expected: set[tuple[str, ...]]) -> None:
    rows = who_can(graph, capability, resource).rows
    assert {tuple(row[name] for name in ("who", "how", "role", "through", "condition")) for row in rows} == expected


def test_explain_says_that_it_is_under_lighthouse(graph: Database) -> None:
    rows = explain(graph, SUPPORT, SUB).rows
    assert {row["how"] for row in rows} == {"active, under Lighthouse", "active, under Lighthouse, under a condition"}
    assert all("registrationassignments" in row["assignment"] for row in rows)


def test_what_is_not_loaded_is_named(graph: Database) -> None:
    told = " ".join(who_can(graph, "run-code", SUB).not_known)
    assert "azure_deny_assignment" in told
    assert "azure_lighthouse_delegation" not in told


def test_they_have_names_that_people_read(graph: Database) -> None:
    types = [
        "azure_ad_role_assignment_schedule",
        "azure_role_assignment_schedule",
        "azure_role_eligibility",
        "azure_group_eligibility",
        "azure_group_assignment_schedule",
        "azure_group_approval",
        "azure_role_approval",
    ]
    rows = graph.read(
        "MATCH (n:Entity) WHERE n._type IN $types RETURN n.displayName AS name ORDER BY name", {"types": types}
    )
    assert [row["name"] for row in rows] == [
        "Approval of Contributor on Production",
        "Approval of members of Operators",
        "Approval of owners of Break glass",
        "Contributor for Ada on Production, for a time",
        "Contributor for Cy on Production, to take up",
        "Help desk for Eve, for a time",
        "Help desk for Eve, for a time",
        "Member of Operators for Bo, to take up",
        "Member of Operators for Eve, for a time",
        "Owner of Break glass for Dee, to take up",
        "Owner of Operators for Fay, for a time",
    ]
