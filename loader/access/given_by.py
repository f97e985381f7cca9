"""By what access is given, the `kind` of a `CAN`, and the steps of a sync that tell of each."""

from __future__ import annotations

# Over Azure's scopes, and over the directory.
AZURE = ("azure", "lighthouse", "classic", "policy", "azure-approver")
DIRECTORY = ("directory", "application", "owner", "directory-approver", "group-approver")
STEPS = {
    "azure": (
        "azure_subscription",
        "azure_management_group",
        "azure_role_assignment",
        "azure_role_definition",
        "azure_deny_assignment",
        "azure_role_eligibility",
    ),
    "lighthouse": ("azure_lighthouse_delegation",),
    "azure-approver": ("azure_role_approval",),
    "directory-approver": ("azure_ad_role_policy",),
    "group-approver": ("azure_group_approval",),
    "classic": ("azure_classic_admin_group",),
    "policy": (),
    "directory": (
        "azure_ad_role_assignment",
        "azure_ad_role_definition",
        "azure_ad_role_eligibility",
        "azure_administrative_unit",
        "azure_administrative_unit.members",
    ),
    "application": ("azure_app_role_assignment",),
    "owner": ("azure_user_group.owners", "azure_application.owners", "azure_service_principal.owners"),
}
# Whoever has it may be a group.
GROUPS = (
    "azure_user_group",
    "azure_user_group.members",
    "azure_user_group.servicePrincipals",
    "azure_group_eligibility",
)
