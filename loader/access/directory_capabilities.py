"""What roles of the directory and permissions of Microsoft Graph let their holders do, and the page that says so."""

from __future__ import annotations

from collections.abc import Iterator

from loader.access.capability import Capability
from loader.access.sorts import CREDENTIALS, EXCHANGE, OWNERS, SECURITY, UNIFIED, of_application

_ROLES = "https://learn.microsoft.com/entra/identity/role-based-access-control"
_PERMISSIONS = f"{_ROLES}/permissions-reference"
_CUSTOM_APPLICATIONS = f"{_ROLES}/custom-available-permissions"
_DIRECTORY = "microsoft.directory"
# The application that Microsoft Graph is, in all tenants.
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
# Application permissions of Microsoft Graph by their ids: https://learn.microsoft.com/graph/permissions-reference
PERMISSIONS = {
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "Application.ReadWrite.OwnedBy": "18a4783c-866b-4cc7-a460-3d5e5662c884",
    "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "DelegatedPermissionGrant.ReadWrite.All": "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
    "Directory.ReadWrite.All": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
    "Domain.ReadWrite.All": "7e05723c-0bb0-42da-be95-ae9f08a6e53c",
    "Group.ReadWrite.All": "62a82d76-70ea-41e2-9197-370581804d09",
    "GroupMember.ReadWrite.All": "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    "Policy.ReadWrite.ConditionalAccess": "01c0a623-fc9b-48e9-b794-0756f8e8f067",
    "RoleAssignmentSchedule.ReadWrite.Directory": "dd199f4a-f148-40a4-a2ec-f0069cc799ec",
    "RoleEligibilitySchedule.ReadWrite.Directory": "fee28b28-e1f3-4841-818e-2704dc62245f",
    "RoleManagement.ReadWrite.Directory": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
    "PrivilegedAccess.ReadWrite.AzureADGroup": "2f6817f8-7b12-4f0f-bc18-eeaf60705a9e",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup": "41202f2c-f7ab-45be-b001-85c9728b9d69",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup": "618b6020-bca8-4de6-99f6-ef445fa4d857",
    "RoleManagementPolicy.ReadWrite.AzureADGroup": "b38dcc4d-a239-4ed6-aa84-6c65b284f97c",
    "RoleManagementPolicy.ReadWrite.Directory": "31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad",
    "ServicePrincipalEndpoint.ReadWrite.All": "89c8469c-83ad-45f7-8ff2-6e3d4285709e",
    "UserAuthenticationMethod.ReadWrite.All": "50483e42-d915-4231-9639-7fdb7fd190e5",
    "User-PasswordProfile.ReadWrite.All": "cc117bb9-00cf-4eb8-b580-ea2a878fe8f7",
    "Mail.Read": "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
    "Mail.ReadWrite": "e2a3a72e-5f79-4c64-b1b1-878b674786c9",
    "Mail.Send": "b633e1c5-b582-4048-a93e-9f11b44c7e96",
    "Files.Read.All": "01d4889c-1287-42c6-ac1f-5d1e02578ef6",
    "Files.ReadWrite.All": "75359482-378d-4052-8f01-80520e7db3cd",
    "Sites.Read.All": "332a536c-c7ef-4017-ab91-336970924f0d",
    "Sites.ReadWrite.All": "9492366f-7969-46a4-8d15-ed1a20078fff",
    "Sites.FullControl.All": "a82116e5-55eb-4c41-a434-62fe8a61c773",
    "DeviceManagementConfiguration.ReadWrite.All": "9241abd9-d0e6-425a-bd4f-47ba86e767a4",
}


def _actions(*names: str) -> tuple[str, ...]:
    return tuple(f"{_DIRECTORY}/{name}" for name in names)


def _ids(*names: str) -> tuple[str, ...]:
    return tuple(PERMISSIONS[name] for name in names)


def _all_of(kind: str) -> tuple[str, ...]:
    """Actions that change whatever there is of a kind of things: "Update all properties (including privileged …)"."""
    return f"{kind}/allProperties/update", f"{kind}/allProperties/allTasks"


def _of_applications(what: str, *, single: bool) -> tuple[str, ...]:
    """Actions that change `what` of applications. single: of those of one tenant, which some roles are for alone."""
    kinds = ("applications", "applications.myOrganization") if single else ("applications",)
    return tuple(one for kind in kinds for one in (f"{kind}/{what}/update", *_all_of(kind)))


# https://learn.microsoft.com/entra/identity/role-based-access-control/custom-enterprise-app-permissions
def _of_principals(what: str) -> tuple[str, ...]:
    return f"servicePrincipals/{what}/update", *_all_of("servicePrincipals")


# Roles for one sort of groups add nobody to the other:
# https://learn.microsoft.com/entra/identity/role-based-access-control/custom-group-permissions
_MEMBERS_OF_ANY = ("groups/members/update", *_all_of("groups"))


def _members_of(sort: str) -> tuple[str, ...]:
    kinds = (f"groups.{sort}", f"groups.{sort}.assignedMembership")
    return tuple(one for kind in kinds for one in (f"{kind}/members/update", *_all_of(kind)))


_MEMBERS_OF_SECURITY, _MEMBERS_OF_UNIFIED = _members_of("security"), _members_of("unified")
# All recipients, of which these groups are a part; owners of them too.
_EXCHANGE = (
    "microsoft.office365.exchange/allEntities/basic/allTasks",
    "microsoft.office365.exchange/recipients/allProperties/allTasks",
)
# Members and owners for a time, or who may become it, of groups that may hold roles too:
# https://learn.microsoft.com/graph/api/privilegedaccessgroup-post-assignmentschedulerequests
_PRIVILEGED_GROUPS = _ids(
    "PrivilegedAccess.ReadWrite.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
)
_MEMBERS_OF_GROUPS = _PRIVILEGED_GROUPS + _ids(
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
)


def _over_applications(capability: str, title: str, what: str, permissions: tuple[str, ...]) -> Iterator[Capability]:
    """A capability over applications and service principals, and the same by sort. title: with a place for whose."""
    single, multi = (_of_applications(what, single=one) for one in (True, False))
    principals = _of_principals(what)
    for called, whose, actions, page in (
        (capability, "an application", (*single, *principals), f"{_PERMISSIONS}#application-administrator"),
        (of_application(capability, single=True), "an application of one tenant", single, _CUSTOM_APPLICATIONS),
        (
            of_application(capability, single=False),
            "an application of many tenants, or a service principal",
            (*multi, *principals),
            _CUSTOM_APPLICATIONS,
        ),
    ):
        yield Capability(
            called,
            title.format(whose),
            directory_actions=_actions(*actions),
            application_permissions=permissions,
            page=page,
        )


DIRECTORY = (
    Capability(
        "give-directory-roles",
        "Give roles of the directory, to oneself too",
        directory_actions=_actions("roleAssignments/allProperties/allTasks"),
        # Schedules of assignments and eligibilities are how Privileged Identity Management gives roles:
        # https://learn.microsoft.com/graph/api/rbacapplication-post-roleassignmentschedulerequests
        application_permissions=_ids(
            "RoleManagement.ReadWrite.Directory",
            "RoleAssignmentSchedule.ReadWrite.Directory",
            "RoleEligibilitySchedule.ReadWrite.Directory",
        ),
        page=f"{_PERMISSIONS}#privileged-role-administrator",
    ),
    Capability(
        "change-directory-roles",
        "Change what a custom role of the directory allows",
        directory_actions=_actions("roleDefinitions/allProperties/allTasks"),
        application_permissions=_ids("RoleManagement.ReadWrite.Directory"),
        page=f"{_PERMISSIONS}#privileged-role-administrator",
    ),
    Capability(
        "approve-roles",
        "Approve that others take up roles of the directory, and change how they do",
        directory_actions=_actions("privilegedIdentityManagement/allProperties/allTasks"),
        page="https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-approval-workflow",
    ),
    Capability(
        "change-directory-role-policies",
        "Change how roles of the directory or memberships of groups are taken up: approval, MFA, duration",
        directory_actions=_actions("privilegedIdentityManagement/allProperties/allTasks"),
        application_permissions=_ids(
            "RoleManagement.ReadWrite.Directory",
            "RoleManagementPolicy.ReadWrite.AzureADGroup",
            "RoleManagementPolicy.ReadWrite.Directory",
        ),
        page="https://learn.microsoft.com/graph/api/unifiedrolemanagementpolicyrule-update",
    ),
    Capability(
        "give-application-roles",
        "Give applications permissions, those of Microsoft Graph among them",
        directory_actions=_actions(
            "servicePrincipals/managePermissionGrantsForAll.microsoft-company-admin",
        ),
        application_permissions=_ids("AppRoleAssignment.ReadWrite.All", "RoleManagement.ReadWrite.Directory"),
        page="https://learn.microsoft.com/graph/permissions-reference#approleassignmentreadwriteall",
    ),
    Capability(
        "consent",
        "Consent for everybody to what an application may do",
        directory_actions=_actions(
            "servicePrincipals/managePermissionGrantsForAll.microsoft-application-admin",
            "servicePrincipals/managePermissionGrantsForAll.microsoft-company-admin",
        ),
        application_permissions=_ids("DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"),
        page="https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent",
    ),
    Capability(
        "reset-password",
        "Reset the password of users; of whom says `resetsPasswordsOf`",
        directory_actions=_actions("users/password/update"),
        application_permissions=_ids("User-PasswordProfile.ReadWrite.All"),
        page=f"{_ROLES}/privileged-roles-permissions#who-can-reset-passwords",
    ),
    Capability(
        "change-sign-in-methods",
        "Change with what users sign in: phones, keys, temporary passes",
        directory_actions=_actions(
            "users/authenticationMethods/create",
            "users/authenticationMethods/basic/update",
            "users/authenticationMethods.email/basic/update",
        ),
        application_permissions=_ids("UserAuthenticationMethod.ReadWrite.All"),
        page=f"{_ROLES}/privileged-roles-permissions#who-can-perform-sensitive-actions",
    ),
    Capability(
        "add-members",
        "Add members to groups that may hold no role of the directory",
        directory_actions=(*_actions(*_MEMBERS_OF_ANY, *_MEMBERS_OF_SECURITY, *_MEMBERS_OF_UNIFIED), *_EXCHANGE),
        application_permissions=_MEMBERS_OF_GROUPS,
        page=f"{_ROLES}/groups-concept",
    ),
    Capability(
        SECURITY,
        "Add members to groups that take no mail",
        directory_actions=_actions(*_MEMBERS_OF_ANY, *_MEMBERS_OF_SECURITY),
        application_permissions=_MEMBERS_OF_GROUPS,
        page="https://learn.microsoft.com/graph/api/group-post-members#permissions",
    ),
    Capability(
        UNIFIED,
        "Add members to groups of Microsoft 365",
        directory_actions=_actions(*_MEMBERS_OF_ANY, *_MEMBERS_OF_UNIFIED),
        application_permissions=_MEMBERS_OF_GROUPS,
        page="https://learn.microsoft.com/graph/api/group-post-members#permissions",
    ),
    Capability(
        EXCHANGE,
        "Add members to groups that Exchange keeps: distribution lists, and security groups that take mail",
        directory_actions=_EXCHANGE,
        page=f"{_PERMISSIONS}#exchange-recipient-administrator",
    ),
    Capability(
        "add-members-of-role-groups",
        "Add members to groups that hold roles of the directory",
        directory_actions=_actions(
            "groupsAssignableToRoles/members/update", "groupsAssignableToRoles/allProperties/update"
        ),
        application_permissions=(*_PRIVILEGED_GROUPS, *_ids("RoleManagement.ReadWrite.Directory")),
        page=f"{_ROLES}/groups-concept",
    ),
    *_over_applications(
        CREDENTIALS,
        "Add credentials to {}, and so act as it",
        "credentials",
        _ids("Application.ReadWrite.All", "RoleManagement.ReadWrite.Directory"),
    ),
    *_over_applications(
        OWNERS,
        "Make somebody owner of {}",
        "owners",
        _ids(
            "Application.ReadWrite.All",
            "RoleManagement.ReadWrite.Directory",
            "ServicePrincipalEndpoint.ReadWrite.All",
        ),
    ),
    Capability(
        "add-owners-of-groups",
        "Make somebody owner of a group, who then adds members",
        directory_actions=(
            *_EXCHANGE,
            *_actions(
                "groups/owners/update",
                "groups.security/owners/update",
                "groups.unified/owners/update",
                *_all_of("groups"),
                *(one for sort in ("security", "unified") for one in _all_of(f"groups.{sort}")),
                *(one for sort in ("security", "unified") for one in _all_of(f"groups.{sort}.assignedMembership")),
            ),
        ),
        application_permissions=_PRIVILEGED_GROUPS
        + _ids(
            "Directory.ReadWrite.All",
            "Group.ReadWrite.All",
            "RoleManagement.ReadWrite.Directory",
        ),
        page=f"{_PERMISSIONS}#groups-administrator",
    ),
    Capability(
        "change-conditional-access",
        "Change the policies of conditional access",
        directory_actions=_actions(
            "conditionalAccessPolicies/allProperties/allTasks",
            "conditionalAccessPolicies/basic/update",
            "conditionalAccessPolicies/delete",
        ),
        application_permissions=_ids("Policy.ReadWrite.ConditionalAccess"),
        page=f"{_PERMISSIONS}#conditional-access-administrator",
    ),
    Capability(
        "change-federation",
        "Change how domains are federated, and so sign in as their users",
        directory_actions=_actions("domains/federation/update", "domains/allProperties/allTasks"),
        # https://learn.microsoft.com/graph/api/internaldomainfederation-update
        application_permissions=_ids("Domain.ReadWrite.All"),
        page=f"{_PERMISSIONS}#hybrid-identity-administrator",
    ),
    Capability(
        "manage-devices",
        "Configure enrolled devices, and so run code on them",
        directory_actions=("microsoft.intune/allEntities/allTasks",),
        application_permissions=_ids("DeviceManagementConfiguration.ReadWrite.All"),
        page=f"{_PERMISSIONS}#intune-administrator",
    ),
    Capability(
        "enrol-devices",
        "Change who may join devices to the directory",
        directory_actions=_actions("deviceRegistrationPolicy/basic/update"),
        page="https://learn.microsoft.com/entra/identity/devices/manage-device-identities",
    ),
    Capability(
        "read-bitlocker-keys",
        "Read the recovery keys of devices' disks",
        directory_actions=_actions("bitlockerKeys/key/read"),
        page=f"{_PERMISSIONS}#helpdesk-administrator",
    ),
    Capability(
        "invite-guests",
        "Invite guests",
        directory_actions=_actions("users/inviteGuest"),
        page=f"{_PERMISSIONS}#guest-inviter",
    ),
    Capability(
        "read-mail",
        "Read everybody's mail",
        application_permissions=_ids("Mail.Read", "Mail.ReadWrite"),
        page="https://learn.microsoft.com/graph/permissions-reference#mailread",
    ),
    Capability(
        "send-mail",
        "Send mail as anybody",
        application_permissions=_ids("Mail.Send"),
        page="https://learn.microsoft.com/graph/permissions-reference#mailsend",
    ),
    Capability(
        "read-documents",
        "Read everybody's files and sites",
        application_permissions=_ids(
            "Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All"
        ),
        page="https://learn.microsoft.com/graph/permissions-reference#sitesreadall",
    ),
)
