"""The made-up directory: users, and groups of eight members each, of which every fifth holds another group."""

from __future__ import annotations

from bench.azure.made import TENANT, Json, Made, Size, guid

_MEMBERS = 8
USERS, GROUPS = "/v1.0/users", "/v1.0/groups"


def make(size: Size, made: Made) -> None:
    """The tenant itself, its users and groups."""
    organization = {
        "id": TENANT, "displayName": "Contoso", "tenantType": "AAD",
        "verifiedDomains": [{"name": "contoso.example", "isDefault": True, "isInitial": True, "type": "Managed"}],
    }  # fmt: skip
    made.add("azure_account", "/v1.0/organization", organization)
    root = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
    made.objects[root.lower()] = {
        "id": root, "name": TENANT, "type": "Microsoft.Management/managementGroups",
        "properties": {"tenantId": TENANT, "displayName": "Tenant Root Group", "details": {}, "children": []},
    }  # fmt: skip
    made.entity("azure_management_group", root, [(TENANT, "HAS", root)])
    # Of the demo's Contoso, as all settings are of which a tenant has one.
    policy = f"{TENANT}/providers/Microsoft.Subscription/policies/default"
    made.entity("azure_subscription_policy", policy, [(TENANT, "HAS", policy)])
    for index in range(size.users):
        user = made.add("azure_user", USERS, _user(size, index), (TENANT, "HAS", guid(size, "user", index)))
        made.entity("azure_user_sign_in_activity", f"{user}/sign-ins", [(user, "HAS", f"{user}/sign-ins")])
    for index in range(size.groups):
        _group(size, index, made)


def _user(size: Size, index: int) -> Json:
    name = f"user-{index:06}@contoso.example"
    return {
        "id": guid(size, "user", index), "accountEnabled": index % 50 != 0, "displayName": f"User {index:06}",
        "userPrincipalName": name, "mail": name, "userType": "Guest" if index % 40 == 0 else "Member",
        "createdDateTime": "2021-05-06T07:08:09Z", "department": f"Department {index % 30}", "jobTitle": "Clerk",
    }  # fmt: skip


def _group(size: Size, index: int, made: Made) -> None:
    identifier = guid(size, "group", index)
    answer = {
        "id": identifier, "displayName": f"Group {index:05}", "securityEnabled": True, "mailEnabled": False,
        "groupTypes": [], "createdDateTime": "2021-05-06T07:08:09Z",
    }  # fmt: skip
    members = [("user", guid(size, "user", (index * 3 + place * 7) % size.users)) for place in range(_MEMBERS)]
    if index % 5 == 0 and size.groups > 1:
        members.append(("group", guid(size, "group", (index + 1) % size.groups)))
    made.add("azure_user_group", GROUPS, answer, (TENANT, "HAS", identifier),
             *((identifier, "HAS", member) for _, member in members))  # fmt: skip
    unique = dict.fromkeys(members)
    made.lists[f"{GROUPS}/{identifier}/members"] = [
        {"@odata.type": f"#microsoft.graph.{kind}", "id": member} for kind, member in unique
    ]
