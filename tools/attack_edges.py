"""The edges of BloodHound for Azure and Entra ID, and where azgraph has what each of them says; for docs/access.md."""

from __future__ import annotations

# Edge: what azgraph has for it, and what is different there, or why it is not there.
EDGES: dict[str, tuple[str, str]] = {
    "AZContains": ("`HAS`, `CONTAINS`", "what is given above is found by walking up; it is not multiplied out"),
    "AZMemberOf": ("`MEMBER_OF`", "direct; groups in groups are walked, cycles too"),
    "AZOwns": (
        "`CAN` of kind `owner`: `add-members`, `add-members-of-role-groups`, `add-credentials`",
        "not of dynamic or synchronised groups; owners of devices, who get their recovery keys, are not loaded",
    ),
    "AZRunsAs": ("`ACTS_AS` of kind `application`", ""),
    "AZAuthenticatesTo": (
        "`HAS` from application or identity to its federated credential",
        "with issuer and subject; of user-assigned identities too. `azgraph paths` walks it as `signs-in-as`",
    ),
    "AZHasRole": ("`CAN` of kind `directory`", "with what the role lets its holder do, custom roles alike"),
    "AZScopedTo": ("the end of that `CAN`", "tenant, administrative unit, application, service principal"),
    "AZAppAdmin": ("`add-credentials`, `add-owners`", "a `CAN` that ends at the application"),
    "AZCloudAppAdmin": ("`add-credentials`, `add-owners`", "the same"),
    "AZRoleEligible": ("`MAY_BECOME`, and `CAN` with `eligible`", "of the directory, of Azure and of groups"),
    "AZManagedIdentity": ("`ACTS_AS`", "of every loaded type that can have one"),
    "AZNodeResourceGroup": ("`nodeResourceGroup` of the cluster", "`azgraph paths` walks it as `holds-nodes`"),
    "AZOwner": ("`CAN` of kind `azure`: `give-roles`, `run-code`, …", "at its own scope, by what the role allows"),
    "AZContributor": ("`run-code`, `list-keys-storage`, `attach-identity`, …", "the same"),
    "AZUserAccessAdministrator": ("`give-roles`", "the same"),
    "AZVMContributor": ("`run-code`", "any role with one of its actions, custom ones too"),
    "AZAvereContributor": ("`run-code`", "the same"),
    "AZVMAdminLogin": ("`sign-in-to-machines`", "a data action, so that Owner does not have it"),
    "AZKeyVaultContributor": ("`change-vault-access`", ""),
    "AZGetSecrets": ("`read-secrets`", "by access policy where these decide, else by role"),
    "AZGetKeys": ("`read-keys`", "who may decrypt, sign or unwrap; Get alone gives the public half"),
    "AZGetCertificates": ("`read-certificates`", "the private half is a secret of the vault: Get on secrets gives it"),
    "AZAutomationContributor": ("`run-code`", "hop `run-code-in-automation`, where the account acts as an identity"),
    "AZLogicAppContributor": ("`run-code`", "hop `run-code-in-logic-app`, where the app acts as an identity"),
    "AZWebsiteContributor": ("`run-code`", ""),
    "AZAKSContributor": ("`run-code`, `administer-clusters`", ""),
    "AZMGApplication_ReadWrite_All": ("`add-credentials`, `add-owners`", "`CAN` of kind `application` on the tenant"),
    "AZMGAppRoleAssignment_ReadWrite_All": ("`give-application-roles`", "the same"),
    "AZMGDirectory_ReadWrite_All": ("`add-members`, `add-owners-of-groups`, `consent`", "not of groups for roles"),
    "AZMGGroup_ReadWrite_All": ("`add-members`, `add-owners-of-groups`", "not of groups for roles"),
    "AZMGGroupMember_ReadWrite_All": ("`add-members`", "not of groups for roles"),
    "AZMGRoleManagement_ReadWrite_Directory": (
        "`give-directory-roles`, `add-members-of-role-groups`, `add-owners-of-groups`, `add-credentials`, …",
        "",
    ),
    "AZMGServicePrincipalEndpoint_ReadWrite_All": ("`add-owners`", ""),
    "SyncedToADUser": ("`onPremisesSyncEnabled` of the user", "Active Directory itself is not loaded"),
    "SyncedToEntraUser": ("`onPremisesSyncEnabled` of the user", "the same"),
    "AZGrant": ("–", "of old versions; nothing makes it"),
    "AZGrantSelf": ("–", "of old versions; nothing makes it"),
    "AZGlobalAdmin": ("`give-directory-roles`, `reset-password`, …", "through groups too"),
    "AZPrivilegedRoleAdmin": ("`give-directory-roles`, `add-members-of-role-groups`", "through groups too"),
    "AZPrivilegedAuthAdmin": ("`reset-password`, `change-sign-in-methods`", "of everybody"),
    "AZResetPassword": (
        "`reset-password`",
        "asked of a user it is who may by Entra's table, with administrative units; see below",
    ),
    "AZAddMembers": ("`add-members`, `add-members-of-role-groups`", "the second for groups that may hold roles alone"),
    "AZAddSecret": ("`add-credentials`", "never to managed identities"),
    "AZAddOwner": ("`add-owners`", "by the role's actions, custom roles too; never to managed identities"),
    "AZExecuteCommand": ("`manage-devices`", "on the tenant: Intune's own scopes are not loaded"),
    "AZMGAddSecret": ("`add-credentials`", ""),
    "AZMGAddOwner": ("`add-owners`, `add-owners-of-groups`", ""),
    "AZMGAddMember": ("`add-members`, `add-members-of-role-groups`", ""),
    "AZMGGrantAppRoles": ("`give-application-roles`", ""),
    "AZMGGrantRole": ("`give-directory-roles`", ""),
    "AZRoleApprover": (
        "`approve-roles`: `CAN` of kind `directory-approver`",
        "roles of Azure (`azure-approver`), groups (`group-approver`) too; where nobody is named, role administrators",
    ),
}

_INTRODUCTION = """\
## For those who know BloodHound

Each kind of edge that it draws for Azure and Entra ID, and where azgraph has it. BloodHound knows roles of Azure by a
list of built-in ones; here any role with the actions gives the capability, at the scope where it was given, under its
condition, less what deny assignments take. How `azgraph paths` walks them stands in [Paths](paths.md).
"""

_WITHHELD = """\
Asked of one object, `azgraph access who-can` and `explain` leave out what a role does not let its holder do there:

- **Passwords**: who may reset a user's is Entra's table ([who can reset
  passwords](https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions)) by the
  roles that the user holds now. Members and owners of groups that may hold roles, and who has a role for a restricted
  administrative unit, are left to the highest administrators. A role for an administrative unit reaches users without
  a role in it; so do custom roles and the application permission. `azgraph paths` walks by the same table. Nobody
  here resets the password of who signs in with an account of another organization (`#EXT#` in the sign-in name).
- **Members of a restricted administrative unit** are changed by those alone who have a role for such a unit
  ([page](https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-restricted-management)): not
  by roles for the tenant or another unit, not by owners of a group, not by applications with a permission. Who may be
  in a group that may hold roles is still a matter of those who have that right for the tenant.
- **Groups that may hold roles** take members and owners only from those who have `add-members-of-role-groups`, and
  from their owners; other groups need `add-members`. Dynamic and synchronised groups take none from anybody.
- **Groups of Microsoft 365** take none from roles for security groups (Intune Administrator), and security groups none
  from roles for those of Microsoft 365 (Teams, SharePoint and Exchange Administrator).
- **Managed identities** take no credentials and have no owners. What an application's own lock
  (`servicePrincipalLockConfiguration`) forbids is not read.
"""


def section() -> str:
    """The part of docs/access.md."""
    rows = "\n".join(f"| `{edge}` | {has} | {note} |" for edge, (has, note) in EDGES.items())
    return f"{_INTRODUCTION}\n| edge | in azgraph | |\n|---|---|---|\n{rows}\n\n{_WITHHELD}"
