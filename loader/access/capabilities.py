"""What people call that which a role lets its holder do, and the actions that give it. A first version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loader.access.matching import Block, allows


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability. Any one of its actions or permissions gives it. page: where the documentation says so."""

    id: str
    title: str
    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    directory_actions: tuple[str, ...] = ()
    application_permissions: tuple[str, ...] = ()
    page: str = ""


_COMPUTE = "Microsoft.Compute/virtualMachines"
_STORAGE = "Microsoft.Storage/storageAccounts"
_VAULT = "Microsoft.KeyVault/vaults"
_DIRECTORY = "microsoft.directory"
CAPABILITIES = (
    Capability("give-roles", "Give roles", actions=("Microsoft.Authorization/roleAssignments/write",)),
    Capability(
        "run-code",
        "Run code on a machine or in an application",
        actions=(
            f"{_COMPUTE}/runCommand/action",
            f"{_COMPUTE}/runCommands/write",
            f"{_COMPUTE}/extensions/write",
            "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
            "Microsoft.Web/sites/publishxml/action",
            "Microsoft.Web/sites/config/write",
            "Microsoft.Automation/automationAccounts/jobs/write",
            "Microsoft.ContainerService/managedClusters/runCommand/action",
        ),
    ),
    Capability("read-secrets", "Read secrets", data_actions=(f"{_VAULT}/secrets/getSecret/action",)),
    Capability("read-blobs", "Read blobs", data_actions=(f"{_STORAGE}/blobServices/containers/blobs/read",)),
    Capability("write-blobs", "Write blobs", data_actions=(f"{_STORAGE}/blobServices/containers/blobs/write",)),
    Capability("list-keys-storage", "List keys of storage", actions=(f"{_STORAGE}/listKeys/action",)),
    Capability("remove-locks", "Remove locks", actions=("Microsoft.Authorization/locks/delete",)),
    Capability("reset-password", "Reset a password", directory_actions=(f"{_DIRECTORY}/users/password/update",)),
    Capability("add-members", "Add members", directory_actions=(f"{_DIRECTORY}/groups/members/update",)),
    Capability(
        "add-credentials",
        "Add credentials to an application",
        directory_actions=(f"{_DIRECTORY}/applications/credentials/update",),
    ),
)


def capabilities_of(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The ids of the capabilities that a role of Azure gives somewhere, sorted."""
    listed = tuple(blocks)
    return tuple(
        sorted(
            one.id
            for one in CAPABILITIES
            if any(allows(listed, action, data=False) for action in one.actions)
            or any(allows(listed, action, data=True) for action in one.data_actions)
        )
    )


def directory_capabilities_of(actions: Iterable[str], template: str) -> tuple[str, ...]:
    """The ids of the capabilities that a role of the directory gives, by its resource actions, sorted."""
    block = Block(actions=tuple(actions))
    return tuple(
        sorted(one.id for one in CAPABILITIES if any(allows((block,), a, data=False) for a in one.directory_actions))
    )
