"""What well-known roles let their holders do, written down from the documentation of each."""

import re

import pytest

from loader.access.built_in_roles import BUILT_IN
from loader.access.capabilities import (
    CAPABILITIES,
    application_capabilities_of,
    capabilities_of,
    directory_capabilities_of,
    resets_passwords_of,
)
from loader.access.directory_capabilities import PERMISSIONS
from loader.access.matching import Block
from loader.access.resetting import EVERYBODYS, RESETS
from loader.services.identity.directory_roles import allowed_actions, gives
from tests.services.witnesses import recordings

_AUTH = "Microsoft.Authorization"
_STORAGE = "Microsoft.Storage/storageAccounts"
_VAULT = "Microsoft.KeyVault/vaults"
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
# role: its permissions, what it gives among others, what it must not give.
ROLES: dict[str, tuple[Block, set[str], set[str]]] = {
    "Owner": (
        Block(("*",)),
        {"give-roles", "change-roles", "remove-locks", "run-code", "list-keys-storage", "attach-identity", "deploy"},
        {"read-secrets", "read-blobs", "read-keys", "sign-in-to-machines"},
    ),
    "Contributor": (
        Block(("*",), (f"{_AUTH}/*/Delete", f"{_AUTH}/*/Write", f"{_AUTH}/elevateAccess/Action")),
        {"run-code", "list-keys-storage", "change-vault-access", "attach-identity", "use-identity", "change-network"},
        {"give-roles", "change-roles", "remove-locks", "change-policies", "read-secrets", "read-blobs"},
    ),
    "Reader": (
        Block(("*/read",)),
        {"read-logs", "pull-images"},
        {"run-code", "list-keys-storage", "read-secrets", "read-app-settings", "give-roles"},
    ),
    "User Access Administrator": (
        Block(("*/read", f"{_AUTH}/*", "Microsoft.Support/*")),
        {"give-roles", "remove-locks", "change-policies", "change-roles"},
        {"run-code", "list-keys-storage", "deploy"},
    ),
    "Role Based Access Control Administrator": (
        Block((f"{_AUTH}/roleAssignments/write", f"{_AUTH}/roleAssignments/delete", "*/read", "Microsoft.Support/*")),
        {"give-roles"},
        {"change-roles", "remove-locks", "run-code"},
    ),
    "Virtual Machine Contributor": (
        Block(
            (
                f"{_AUTH}/*/read",
                "Microsoft.Compute/virtualMachines/*",
                "Microsoft.Compute/virtualMachineScaleSets/*",
                "Microsoft.Network/networkInterfaces/*",
                "Microsoft.Resources/deployments/*",
                f"{_STORAGE}/listKeys/action",
                "Microsoft.SerialConsole/serialPorts/connect/action",
            )
        ),
        {"run-code", "deploy", "list-keys-storage", "use-serial-console", "read-run-command-output"},
        {"sign-in-to-machines", "give-roles", "attach-identity", "copy-disks"},
    ),
    "Virtual Machine Administrator Login": (
        Block(
            ("Microsoft.Compute/virtualMachines/*/read",),
            (),
            (
                "Microsoft.Compute/virtualMachines/login/action",
                "Microsoft.Compute/virtualMachines/loginAsAdmin/action",
            ),
        ),
        {"run-code", "sign-in-to-machines"},
        {"give-roles", "deploy"},
    ),
    "Key Vault Administrator": (
        Block((f"{_VAULT}/*/read",), (), (f"{_VAULT}/*",)),
        {"read-secrets", "write-secrets", "read-keys", "read-certificates", "purge-vaults"},
        {"change-vault-access", "give-roles"},
    ),
    "Key Vault Secrets User": (
        Block((), (), (f"{_VAULT}/secrets/getSecret/action", f"{_VAULT}/secrets/readMetadata/action")),
        {"read-secrets", "read-certificates"},
        {"write-secrets", "read-keys"},
    ),
    "Key Vault Reader": (
        Block((f"{_VAULT}/*/read",), (), (f"{_VAULT}/*/read", f"{_VAULT}/secrets/readMetadata/action")),
        set(),
        {"read-secrets", "read-keys", "read-certificates"},
    ),
    "Key Vault Contributor": (
        Block(
            (f"{_AUTH}/*/read", "Microsoft.KeyVault/*", "Microsoft.Resources/deployments/*"),
            ("Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/hsmPools/*"),
        ),
        {"change-vault-access", "write-secrets", "deploy"},
        {"read-secrets", "read-keys", "purge-vaults"},
    ),
    "Storage Account Contributor": (
        Block((f"{_AUTH}/*/read", "Microsoft.Insights/diagnosticSettings/*", f"{_STORAGE}/*")),
        {"list-keys-storage", "remove-diagnostics", "change-service-firewall"},
        {"read-blobs", "give-roles"},
    ),
    "Storage Blob Data Reader": (
        Block(
            (f"{_STORAGE}/blobServices/containers/read",),
            (),
            (f"{_STORAGE}/blobServices/containers/blobs/read",),
        ),
        {"read-blobs"},
        {"write-blobs", "list-keys-storage"},
    ),
    "Storage Queue Data Message Sender": (
        Block((), (), (f"{_STORAGE}/queueServices/queues/messages/add/action",)),
        {"write-queues"},
        {"read-queues"},
    ),
    "Managed Identity Operator": (
        Block((f"{_IDENTITY}/*/read", f"{_IDENTITY}/*/assign/action", f"{_AUTH}/*/read")),
        {"attach-identity"},
        {"use-identity", "give-roles", "run-code"},
    ),
    "Managed Identity Contributor": (
        Block((f"{_IDENTITY}/read", f"{_IDENTITY}/write", f"{_IDENTITY}/federatedIdentityCredentials/write")),
        {"use-identity"},
        {"attach-identity"},
    ),
    "Website Contributor": (
        Block(("Microsoft.Web/sites/*", "Microsoft.Resources/deployments/*", "Microsoft.Web/serverFarms/read")),
        {"run-code", "read-app-settings", "deploy", "list-keys-functions"},
        {"change-network", "attach-identity"},
    ),
    "AKS Cluster Admin": (
        Block(
            (
                "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
                "Microsoft.ContainerService/managedClusters/read",
            )
        ),
        {"administer-clusters", "run-code"},
        {"attach-identity"},
    ),
    "AKS Cluster User": (
        Block(("Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",)),
        set(),
        {"administer-clusters", "run-code"},
    ),
    "AKS RBAC Cluster Admin": (
        Block((f"{_AUTH}/*/read",), (), ("Microsoft.ContainerService/managedClusters/*",)),
        {"administer-clusters", "run-code"},
        {"give-roles"},
    ),
    "AcrPush": (
        Block(
            ("Microsoft.ContainerRegistry/registries/pull/read", "Microsoft.ContainerRegistry/registries/push/write")
        ),
        {"push-images", "pull-images"},
        {"list-keys-registry"},
    ),
    "Network Contributor": (
        Block((f"{_AUTH}/*/read", "Microsoft.Network/*", "Microsoft.Resources/deployments/*")),
        {"change-network", "deploy"},
        {"run-code"},
    ),
    "Automation Job Operator": (
        Block(("Microsoft.Automation/automationAccounts/jobs/write",)),
        set(),
        {"run-code"},
    ),
}


@pytest.mark.parametrize("name", ROLES)
def test_built_in_roles_give_what_their_pages_say(name: str) -> None:
    block, gives, never = ROLES[name]
    found = set(capabilities_of([block]))
    assert gives <= found
    assert not never & found


GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
PARTNER = "4ba39ca4-527c-499a-b93d-d9b492c50246"
_D = "microsoft.directory"


@pytest.mark.parametrize(
    ("actions", "template", "gives", "never", "resets"),
    [
        (
            [
                f"{_D}/{one}/allProperties/allTasks"
                for one in ("users", "groups", "applications", "roleAssignments", "conditionalAccessPolicies")
            ],
            GLOBAL,
            {"reset-password", "add-members", "add-credentials", "give-directory-roles", "change-conditional-access"},
            {"read-mail"},
            "everybody",
        ),
        ([f"{_D}/users/password/update"], HELPDESK, {"reset-password"}, {"add-members"}, "certain administrators"),
        ([f"{_D}/users/password/update"], PARTNER, {"reset-password"}, set(), "non-administrators"),
        ([f"{_D}/users/password/update"], "custom", {"reset-password"}, set(), "non-administrators"),
        ([f"{_D}/users/standard/read", f"{_D}/groups/allProperties/read"], "reader", set(), {"add-members"}, None),
        ([f"{_D}/applications/credentials/update"], "own", {"add-credentials"}, {"add-owners"}, None),
        (
            [f"{_D}/applications.myOrganization/credentials/update"],
            "own",
            {"add-credentials", "add-credentials-of-single-tenant-applications"},
            {"add-owners", "add-credentials-of-multitenant-applications"},
            None,
        ),
        (
            [f"{_D}/applications.myOrganization/allProperties/update"],
            "own",
            {"add-credentials", "add-owners", "add-owners-of-single-tenant-applications"},
            {"add-owners-of-multitenant-applications"},
            None,
        ),
        ([f"{_D}/servicePrincipals/allProperties/update"], "own", {"add-credentials", "add-owners"}, set(), None),
        (
            [f"{_D}/groups.security.assignedMembership/allProperties/update"],
            "own",
            {"add-members", "add-members-of-security-groups", "add-owners-of-groups"},
            {"add-members-of-unified-groups"},
            None,
        ),
        (["microsoft.intune/allEntities/allTasks"], "intune", {"manage-devices"}, {"reset-password"}, None),
        (
            [f"{_D}/servicePrincipals/managePermissionGrantsForAll.microsoft-application-admin"],
            "app",
            {"consent"},
            {"give-application-roles"},
            None,
        ),
    ],
)
def test_directory_roles(
    actions: list[str], template: str, gives: set[str], never: set[str], resets: str | None
) -> None:
    found = set(directory_capabilities_of(actions, template))
    assert gives <= found
    assert not never & found
    assert resets_passwords_of(actions, template) == resets


def test_application_permissions() -> None:
    for one in ("RoleManagement", "RoleAssignmentSchedule", "RoleEligibilitySchedule"):
        assert "give-directory-roles" in application_capabilities_of(PERMISSIONS[f"{one}.ReadWrite.Directory"])
    assert application_capabilities_of(PERMISSIONS["AppRoleAssignment.ReadWrite.All"].upper()) == (
        "give-application-roles",
    )
    # https://learn.microsoft.com/graph/api/privilegedaccessgroup-post-assignmentschedulerequests
    for one in ("PrivilegedAccess", "PrivilegedAssignmentSchedule", "PrivilegedEligibilitySchedule"):
        assert set(application_capabilities_of(PERMISSIONS[f"{one}.ReadWrite.AzureADGroup"])) == {
            "add-members",
            "add-members-of-role-groups",
            "add-members-of-security-groups",
            "add-members-of-unified-groups",
            "add-owners-of-groups",
        }
    # https://learn.microsoft.com/graph/api/internaldomainfederation-update
    assert application_capabilities_of(PERMISSIONS["Domain.ReadWrite.All"]) == ("change-federation",)
    for one in ("AzureADGroup", "Directory"):
        assert application_capabilities_of(PERMISSIONS[f"RoleManagementPolicy.ReadWrite.{one}"]) == (
            "change-directory-role-policies",
        )
    assert application_capabilities_of("00000000-0000-0000-0000-000000000000") == ()
    assert {len(one) for one in PERMISSIONS.values()} == {36}


def test_each_capability_has_a_page_and_what_gives_it() -> None:
    assert len({one.id for one in CAPABILITIES}) == len(CAPABILITIES) >= 40
    for one in CAPABILITIES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", one.id)
        assert one.page.startswith("https://learn.microsoft.com/")
        assert one.actions or one.data_actions or one.directory_actions or one.application_permissions
        for action in (*one.actions, *one.data_actions):
            assert action == "*/write" or re.fullmatch(r"Microsoft\.[A-Za-z]+(/[A-Za-z0-9.*]+)+", action)


def test_a_built_in_role_that_names_no_action_is_known_by_its_id() -> None:
    assert "add-members" in directory_capabilities_of([], "FDD7A751-b60b-444a-984c-02652fe8fa1c")
    assert directory_capabilities_of([], "00000000-0000-4000-8000-00000000cafe") == ()
    assert {one for one in (*EVERYBODYS, *RESETS) if "reset-password" not in BUILT_IN[one]} == set()


def test_built_in_roles_are_those_of_a_real_tenant() -> None:
    recordings.needed()
    listed = [one for one in recordings.items("active-directory.har") if one.get("rolePermissions")]
    told = {role["templateId"]: gives(role) for role in listed if allowed_actions(role) and gives(role)}
    assert len(told) > 20
    assert told == BUILT_IN
