"""One made-up subscription: some 450 resources, of few types. Which ones beyond the usual ones tells its number."""

from __future__ import annotations

from bench.azure import machines, services
from bench.azure.made import REGION, TENANT, Json, Made, Size, guid

# Azure's own roles, which each subscription lists and none owns.
ROLES = ("Owner", "Contributor", "Reader", "Key Vault Reader")
_LARGER, _SQL, _WEB = 7, 5, 4


def subscription_id(size: Size, number: int) -> str:
    """The id of a subscription."""
    return guid(size, "subscription", number)


def role_id(size: Size, role: str) -> str:
    """The id of one of Azure's own roles, without a subscription."""
    return f"/providers/Microsoft.Authorization/roleDefinitions/{guid(size, 'role', role)}"


def listed(size: Size, number: int) -> Json:
    """The subscription as the list of them has it."""
    identifier = subscription_id(size, number)
    return {
        "id": f"/subscriptions/{identifier}", "subscriptionId": identifier, "displayName": f"subscription-{number:04}",
        "tenantId": TENANT, "state": "Enabled", "authorizationSource": "RoleBased", "managedByTenants": [],
        "subscriptionPolicies": {"quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off"},
    }  # fmt: skip


def make(size: Size, number: int, made: Made) -> None:
    """Everything of one subscription."""
    root = f"/subscriptions/{subscription_id(size, number)}"
    made.entity("azure_subscription", root, [(TENANT, "HAS", root)])
    _governance(size, number, root, made)
    # Every seventh one is twice as large as the others.
    times = 2 if number % _LARGER == 0 else 1
    groups = [_group(root, index, made) for index in range(size.number(20))]
    machines.make(size, times, number, groups, made)
    services.storage(size, number, groups, made, accounts=size.number(18))
    services.vaults(size, number, groups, made, vaults=size.number(8 * times))
    if number % _SQL == 0:
        services.databases(size, number, groups, made, servers=size.number(4 * times))
    if number % _WEB == 0:
        services.sites(size, number, groups, made, sites=size.number(8 * times))


def _governance(size: Size, number: int, root: str, made: Made) -> None:
    allowed = [{"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]
    made.lists[f"{root}/providers/microsoft.authorization/permissions"] = allowed
    place = f"{root}/locations/{REGION}"
    made.add(
        "azure_location",
        f"{root}/locations",
        {"id": place, "name": REGION, "displayName": "West Europe", "metadata": {"regionType": "Physical"}},
        (root, "USES", place),
    )
    for role in ROLES:
        identifier = role_id(size, role)
        actions = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
        made.lists.setdefault(f"{root}/providers/microsoft.authorization/roledefinitions", []).append(
            {
                "id": f"{root}{identifier}", "name": identifier.rpartition("/")[2],
                "properties": {"roleName": role, "type": "BuiltInRole", "assignableScopes": ["/"],
                               "permissions": [actions]},
            }
        )  # fmt: skip
        made.entity("azure_role_definition", identifier)
    for index in range(size.number(12)):
        name = guid(size, "assignment", number, index)
        kind, principal = ("User", guid(size, "user", (number * 12 + index) % size.users))
        if index % 2:
            kind, principal = "Group", guid(size, "group", (number * 12 + index) % size.groups)
        role = role_id(size, ROLES[index % len(ROLES)])
        assignment = f"{root}/providers/Microsoft.Authorization/roleAssignments/{name}"
        made.add(
            "azure_role_assignment",
            f"{root}/providers/microsoft.authorization/roleassignments",
            {
                "id": assignment, "name": name,
                "properties": {"roleDefinitionId": f"{root}{role}", "principalId": principal, "principalType": kind,
                               "scope": root, "createdOn": "2024-01-02T03:04:05Z"},
            },
            (assignment, "USES", role), (assignment, "ALLOWS", root), (assignment, "ASSIGNED", principal),
        )  # fmt: skip


def _group(root: str, index: int, made: Made) -> str:
    identifier = f"{root}/resourceGroups/rg-{index:03}"
    answer = {"id": identifier, "name": f"rg-{index:03}", "location": REGION, "tags": {"team": f"team-{index % 7}"}}
    return made.add(
        "azure_resource_group",
        f"{root}/resourcegroups",
        {**answer, "properties": {"provisioningState": "Succeeded"}},
        (root, "HAS", identifier),
    )
