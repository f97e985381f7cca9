"""A tenant in wire format in which each row of Entra's table about passwords has somebody, units of it, and each sort
of groups and applications."""

from __future__ import annotations

from loader.conclusions import derivations
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
    "Teams Admin": "69091246-20e8-4a56-aa4d-066075b2a7a8",
    "Intune Admin": "3a2c62db-5318-420d-8d74-23affee5d9d5",
    "a custom role": "c0705000-0000-4000-8000-000000000077",
    "Recipient Admin": "31392ffb-586c-42d1-9346-e59415a2cc4e",
    "Keys of ours": "c0705000-0000-4000-8000-000000000078",
    "Keys of all": "c0705000-0000-4000-8000-000000000079",
}
TENANT = "c0705000-0000-4000-8000-000000000001"
PLAIN, READER, GUARDED, OWNER, ADMIN, LATER, CLERK, CHIEF, GUEST = (
    f"c0705000-0000-4000-8000-0000000000a{one}" for one in range(9)
)
HELP, PASS, ROOT, GROUPS, ROLES, AUTH, USERS, HIGHEST, TEAMS, INTUNE = (
    f"c0705000-0000-4000-8000-0000000000d{one}" for one in range(10)
)
ORDINARY, FOR_ROLES, BY_RULE, KEPT, TEAM, MAIL = (f"c0705000-0000-4000-8000-0000000000b{one}" for one in range(6))
KEYS_OF_OURS, KEYS_OF_ALL, RECIPIENTS = (f"c0705000-0000-4000-8000-0000000000a{one}" for one in "abc")
# A unit like any, and a restricted one; who has a role for the one or the other.
UNIT, RESTRICTED = (f"c0705000-0000-4000-8000-0000000000e{one}" for one in range(2))
UNIT_HELP, UNIT_HIGHEST, KEEPER = (f"c0705000-0000-4000-8000-0000000000f{one}" for one in range(3))
MANAGED, OURS, MANY, OUR_PRINCIPAL = (f"c0705000-0000-4000-8000-0000000000c{one}" for one in range(1, 5))
_D = "microsoft.directory"
ACTIONS = {
    "Helpdesk Admin": [f"{_D}/users/password/update"],
    "Password Admin": [f"{_D}/users/password/update"],
    "Auth Admin": [f"{_D}/users/password/update"],
    "User Admin": [f"{_D}/users/password/update"],
    "Privileged Auth Admin": [f"{_D}/users/password/update"],
    "Global Admin": [
        *(f"{_D}/{one}/allProperties/allTasks" for one in ("users", "groups", "applications", "servicePrincipals")),
        f"{_D}/groupsAssignableToRoles/allProperties/update",
    ],
    "Groups Admin": [f"{_D}/groups/allProperties/allTasks"],
    "Teams Admin": [f"{_D}/groups.unified/members/update", f"{_D}/groups.unified/owners/update"],
    "Intune Admin": [f"{_D}/groups.security/members/update", f"{_D}/groups.security/owners/update"],
    "Privileged Role Admin": [f"{_D}/groupsAssignableToRoles/allProperties/update"],
    "Directory Readers": [f"{_D}/users/standard/read"],
    # https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference#exchange-recipient-administrator
    "Recipient Admin": ["microsoft.office365.exchange/recipients/allProperties/allTasks"],
    # https://learn.microsoft.com/entra/identity/role-based-access-control/custom-available-permissions
    "Keys of ours": [
        f"{_D}/applications.myOrganization/credentials/update",
        f"{_D}/applications.myOrganization/owners/update",
    ],
    "Keys of all": [f"{_D}/applications/allProperties/update", f"{_D}/servicePrincipals/allProperties/update"],
}
HOLDERS = {
    HELP: "Helpdesk Admin",
    PASS: "Password Admin",
    AUTH: "Auth Admin",
    USERS: "User Admin",
    HIGHEST: "Privileged Auth Admin",
    ROOT: "Global Admin",
    GROUPS: "Groups Admin",
    ROLES: "Privileged Role Admin",
    READER: "Directory Readers",
    ADMIN: "Groups Admin",
    TEAMS: "Teams Admin",
    INTUNE: "Intune Admin",
    RECIPIENTS: "Recipient Admin",
    KEYS_OF_OURS: "Keys of ours",
    KEYS_OF_ALL: "Keys of all",
}
IN_UNITS = {
    UNIT_HELP: ("Helpdesk Admin", UNIT),
    UNIT_HIGHEST: ("Privileged Auth Admin", UNIT),
    KEEPER: ("Password Admin", RESTRICTED),
}
CALLED = {
    PLAIN: "Plain", READER: "Reader", GUARDED: "Guarded", OWNER: "Owner", ADMIN: "Admin", LATER: "Later",
    HELP: "Help", PASS: "Pass", ROOT: "Root", GROUPS: "Groups", ROLES: "Roles",
    CLERK: "Clerk", CHIEF: "Chief", AUTH: "Auth", USERS: "Users", HIGHEST: "Highest",
    GUEST: "Guest", TEAMS: "Teams", INTUNE: "Intune",
    KEYS_OF_OURS: "KeysOfOurs", KEYS_OF_ALL: "KeysOfAll", RECIPIENTS: "Recipients",
    UNIT_HELP: "UnitHelp", UNIT_HIGHEST: "UnitHighest", KEEPER: "Keeper",
}  # fmt: skip


_MORE: dict[str, Json] = {
    GUEST: {"userPrincipalName": "gil_fabrikam.example#EXT#@contoso.example", "userType": "Guest"}
}


def user(identity: str) -> Json:
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": identity,
        "displayName": CALLED[identity],
        **_MORE.get(identity, {}),
    }


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
        {"id": KEPT, "displayName": "Kept", "members": [], "$owners": {"value": [user(OWNER)]}},
        {"id": TEAM, "displayName": "Team", "groupTypes": ["Unified"], "mailEnabled": True, "members": []},
        {
            "id": MAIL,
            "displayName": "Mail",
            "groupTypes": [],
            "mailEnabled": True,
            "securityEnabled": True,
            "members": [],
            "$owners": {"value": [user(OWNER)]},
        },
        {"id": BY_RULE, "displayName": "By rule", "groupTypes": ["DynamicMembership"], "members": []},
    ],
    "azure_administrative_unit": [
        {
            "id": UNIT,
            "displayName": "Warehouse",
            "isMemberManagementRestricted": False,
            "$members": {"value": [user(CLERK), user(READER), user(CHIEF)]},
        },
        {
            "id": RESTRICTED,
            "displayName": "Board",
            "isMemberManagementRestricted": True,
            "$members": {"value": [user(CHIEF), {"@odata.type": "#microsoft.graph.group", "id": KEPT}]},
        },
    ],
    "azure_application": [
        {"id": OURS, "displayName": "Ours", "appId": "ours", "signInAudience": "AzureADMyOrg"},
        {"id": MANY, "displayName": "Many", "appId": "many", "signInAudience": "AzureADMultipleOrgs"},
    ],
    "azure_service_principal": [
        {"id": MANAGED, "displayName": "Robot", "servicePrincipalType": "ManagedIdentity"},
        {"id": OUR_PRINCIPAL, "displayName": "Ours", "appId": "ours", "signInAudience": "AzureADMyOrg"},
    ],
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
    ]
    + [
        {
            "id": f"a-{who}",
            "principalId": who,
            "roleDefinitionId": NAMES[name],
            "directoryScopeId": f"/administrativeUnits/{unit}",
        }
        for who, (name, unit) in IN_UNITS.items()
    ],
    "azure_ad_role_eligibility": [
        {"id": "e", "principalId": LATER, "roleDefinitionId": NAMES["Global Admin"], "directoryScopeId": "/"}
    ],
}


def load(database: Database) -> None:
    """Writes the tenant into an empty database, with all that follows from it."""
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
