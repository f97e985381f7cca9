"""Whose password a role may reset, and whom groups take in: Entra's table word by word, then asked of one graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from loader.access.resetting import may_reset
from loader.conclusions import derivations
from loader.effective import explain, who_can
from loader.graph import Database, Run
from loader.mapping import build_record
from loader.model import Json, Outcome
from loader.services import entity_types, type_of

NAMES = {
    "Password Admin": "966707d0-3269-4727-9be2-8c3a10f19b9d",
    "Helpdesk Admin": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Auth Admin": "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "User Admin": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "Privileged Auth Admin": "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Global Admin": "62e90394-69f5-4237-9190-012177145e10",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Groups Admin": "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "Guest Inviter": "95e79109-95c0-4d8e-aee3-d01accf2d47b",
    "Message Center Reader": "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",
    "Privileged Role Admin": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "User Experience Success Manager": "27460883-1df1-4691-b032-3b79643e5e63",
    "Usage Summary Reports Reader": "75934031-6c7e-415a-99d7-48dbd49e875e",
    "Partner Tier1": "4ba39ca4-527c-499a-b93d-d9b492c50246",
    "Partner Tier2": "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8",
    "a custom role": "c0705000-0000-4000-8000-000000000077",
}
WHO = ("Password Admin", "Helpdesk Admin", "Auth Admin", "User Admin", "Privileged Auth Admin", "Global Admin")
# https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#who-can-reset-passwords
TABLE = {
    "Auth Admin": "--x-xx",
    "Directory Readers": "xxxxxx",
    "Global Admin": "----xx",
    "Groups Admin": "---xxx",
    "Guest Inviter": "xxxxxx",
    "Helpdesk Admin": "-x-xxx",
    "Message Center Reader": "-xxxxx",
    "Password Admin": "xxxxxx",
    "Privileged Auth Admin": "----xx",
    "Privileged Role Admin": "----xx",
    "Reports Reader": "-xxxxx",
    "User Admin": "---xxx",
    "User Experience Success Manager": "-xxxxx",
    "Usage Summary Reports Reader": "-xxxxx",
    "a custom role": "----xx",
}


@pytest.mark.parametrize("held", TABLE)
def test_the_table_of_entra(held: str) -> None:
    told = "".join("x" if may_reset(NAMES[one], {NAMES[held]}, guarded=False, tenant_wide=True) else "-" for one in WHO)
    assert told == TABLE[held]


@pytest.mark.parametrize("who", [*WHO, "Partner Tier1", "Partner Tier2", "a custom role"])
def test_what_the_table_says_of_those_without_a_role(who: str) -> None:
    highest = who in ("Privileged Auth Admin", "Global Admin", "Partner Tier2")
    assert may_reset(NAMES[who], set(), guarded=False, tenant_wide=True)
    assert may_reset(NAMES[who], set(), guarded=True, tenant_wide=True) is highest
    both = {NAMES["Directory Readers"], NAMES["Global Admin"]}
    assert may_reset(NAMES[who], both, guarded=False, tenant_wide=True) is highest
    assert may_reset(NAMES[who], {NAMES["Directory Readers"]}, guarded=False, tenant_wide=False) is highest


TENANT = "c0705000-0000-4000-8000-000000000001"
PLAIN, READER, GUARDED, OWNER, ADMIN, LATER = (f"c0705000-0000-4000-8000-0000000000a{one}" for one in range(6))
HELP, PASS, ROOT, GROUPS, ROLES = (f"c0705000-0000-4000-8000-0000000000d{one}" for one in range(5))
ORDINARY, FOR_ROLES, BY_RULE = (f"c0705000-0000-4000-8000-0000000000b{one}" for one in range(3))
MANAGED = "c0705000-0000-4000-8000-0000000000c1"
_D = "microsoft.directory"
ACTIONS = {
    "Helpdesk Admin": [f"{_D}/users/password/update"],
    "Password Admin": [f"{_D}/users/password/update"],
    "Global Admin": [
        *(f"{_D}/{one}/allProperties/allTasks" for one in ("users", "groups", "applications", "servicePrincipals")),
        f"{_D}/groupsAssignableToRoles/allProperties/update",
    ],
    "Groups Admin": [f"{_D}/groups/allProperties/allTasks"],
    "Privileged Role Admin": [f"{_D}/groupsAssignableToRoles/allProperties/update"],
    "Directory Readers": [f"{_D}/users/standard/read"],
}
HOLDERS = {
    HELP: "Helpdesk Admin",
    PASS: "Password Admin",
    ROOT: "Global Admin",
    GROUPS: "Groups Admin",
    ROLES: "Privileged Role Admin",
    READER: "Directory Readers",
    ADMIN: "Groups Admin",
}
CALLED = {
    PLAIN: "Plain", READER: "Reader", GUARDED: "Guarded", OWNER: "Owner", ADMIN: "Admin", LATER: "Later",
    HELP: "Help", PASS: "Pass", ROOT: "Root", GROUPS: "Groups", ROLES: "Roles",
}  # fmt: skip


def user(identity: str) -> Json:
    return {"@odata.type": "#microsoft.graph.user", "id": identity, "displayName": CALLED[identity]}


ANSWERS: dict[str, list[Json]] = {
    "azure_account": [{"id": TENANT, "displayName": "Contoso"}],
    "azure_user": [user(one) for one in CALLED],
    "azure_user_group": [
        {"id": ORDINARY, "displayName": "Ordinary", "members": []},
        {
            "id": FOR_ROLES,
            "displayName": "For roles",
            "isAssignableToRole": True,
            "members": [user(GUARDED)],
            "$owners": {"value": [user(OWNER)]},
        },
        {"id": BY_RULE, "displayName": "By rule", "groupTypes": ["DynamicMembership"], "members": []},
    ],
    "azure_service_principal": [{"id": MANAGED, "displayName": "Robot", "servicePrincipalType": "ManagedIdentity"}],
    "azure_ad_role_definition": [
        {
            "id": NAMES[name],
            "templateId": NAMES[name],
            "displayName": name,
            "rolePermissions": [{"allowedResourceActions": found}],
        }
        for name, found in ACTIONS.items()
    ],
    "azure_ad_role_assignment": [
        {"id": f"a-{who}", "principalId": who, "roleDefinitionId": NAMES[name], "directoryScopeId": "/"}
        for who, name in HOLDERS.items()
    ],
    "azure_ad_role_eligibility": [
        {"id": "e", "principalId": LATER, "roleDefinitionId": NAMES["Global Admin"], "directoryScopeId": "/"}
    ],
}
CAN = [
    ("reset-password", PLAIN, "Help Later Pass Root"),
    ("reset-password", READER, "Help Later Pass Root"),
    ("reset-password", HELP, "Help Later Root"),
    ("reset-password", ADMIN, "Later Root"),
    ("reset-password", GUARDED, "Later Root"),
    ("reset-password", OWNER, "Later Root"),
    # Who has to take a role up first is no administrator yet.
    ("reset-password", LATER, "Help Later Pass Root"),
    ("add-members", ORDINARY, "Admin Groups Later Root"),
    ("add-members", FOR_ROLES, ""),
    ("add-members-of-role-groups", FOR_ROLES, "Later Owner Roles Root"),
    ("add-members-of-role-groups", ORDINARY, ""),
    ("add-members", BY_RULE, ""),
    ("add-owners-of-groups", ORDINARY, "Admin Groups Later Root"),
    ("add-owners-of-groups", FOR_ROLES, "Later Root"),
    ("add-credentials", MANAGED, ""),
]


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with Database(*neo4j_connection) as database:
        database.write(lambda run: run.run("MATCH (n) DETACH DELETE n"))
        types = entity_types()
        with Run.start(database, loader_version="1", entity_types=types, resolve_type=type_of) as run:
            for name, found in ANSWERS.items():
                records = [build_record(types[name], {**one, "@tenant": TENANT}) for one in found]
                step = run.step(name, f"tenant:{TENANT}")
                step.write("", [one for one in records if one])
                step.finish({"": Outcome()})
            run.derive(derivations())
            run.finish("complete")
        yield database


@pytest.mark.graph
@pytest.mark.parametrize(("capability", "target", "expected"), CAN)
def test_who_can(graph: Database, capability: str, target: str, expected: str) -> None:
    assert " ".join(sorted(row["who"] for row in who_can(graph, capability, target).rows)) == expected


@pytest.mark.graph
def test_explain_withholds_the_same(graph: Database) -> None:
    rows = {row["role"]: row["capabilities"] for row in explain(graph, GROUPS, FOR_ROLES).rows}
    assert rows == {"Groups Admin": []}
    rows = {row["role"]: row["capabilities"] for row in explain(graph, HELP, PLAIN).rows}
    assert rows == {"Helpdesk Admin": ["reset-password"]}
