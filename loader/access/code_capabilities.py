"""What roles of Azure let their holders run: code on machines, in clusters, applications and registries."""

from __future__ import annotations

from loader.access.capability import Capability, below

_OPERATIONS = "https://learn.microsoft.com/azure/role-based-access-control/permissions"
_MACHINE = "Microsoft.Compute/virtualMachines"
_SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
_ARC = "Microsoft.HybridCompute/machines"
_SITE = "Microsoft.Web/sites"
_CLUSTER = "Microsoft.ContainerService/managedClusters"
_AUTOMATION = "Microsoft.Automation/automationAccounts"

CODE = (
    Capability(
        "run-code",
        "Run code on a machine, in a cluster, a container, an application or a runbook",
        actions=(
            *below(_MACHINE, "runCommand/action", "runCommands/write", "extensions/write"),
            *below(_SCALE_SET, "extensions/write", "virtualMachines/extensions/write"),
            *below(_SCALE_SET, "virtualMachines/runCommand/action", "virtualMachines/runCommands/write"),
            *below(_ARC, "runCommands/write", "extensions/write"),
            *below(_SITE, "publishxml/action", "config/list/action", "functions/write", "host/listkeys/action"),
            *below(_SITE, "slots/publishxml/action", "slots/config/list/action", "slots/host/listkeys/action"),
            *below(_CLUSTER, "runCommand/action", "listClusterAdminCredential/action"),
            *below("Microsoft.ContainerInstance/containerGroups", "containers/exec/action", "write"),
            *below("Microsoft.App", "containerApps/write", "jobs/write"),
            *below(_AUTOMATION, "runbooks/write", "runbooks/draft/testJob/write"),
            "Microsoft.Logic/workflows/write",
            # A pipeline has tokens of the factory's identity, a task those of its pool's.
            "Microsoft.DataFactory/factories/pipelines/write",
            "Microsoft.Batch/batchAccounts/pools/write",
        ),
        data_actions=(
            *below(_MACHINE, "login/action", "loginAsAdmin/action"),
            *below(_ARC, "login/action", "loginAsAdmin/action"),
            *below(_CLUSTER, "pods/write", "pods/exec/action"),
            "Microsoft.Batch/batchAccounts/jobs/write",
        ),
        page=f"{_OPERATIONS}/compute",
    ),
    Capability(
        "run-commands",
        "Run commands on a machine as root or SYSTEM, without signing in to it",
        actions=(
            *below(_MACHINE, "runCommand/action", "runCommands/write"),
            *below(_SCALE_SET, "virtualMachines/runCommand/action", "virtualMachines/runCommands/write"),
            *below(_ARC, "runCommands/write"),
        ),
        page="https://learn.microsoft.com/azure/virtual-machines/run-command-overview",
    ),
    Capability(
        "install-extensions",
        "Install extensions on a machine, with which scripts are run and passwords reset",
        actions=(
            *below(_MACHINE, "extensions/write"),
            *below(_SCALE_SET, "extensions/write", "virtualMachines/extensions/write"),
            *below(_ARC, "extensions/write"),
        ),
        page="https://learn.microsoft.com/azure/virtual-machines/extensions/overview",
    ),
    Capability(
        "change-application-code",
        "Change what a web or function app runs",
        actions=(
            *below(_SITE, "write", "publishxml/action", "config/list/action", "functions/write"),
            *below(_SITE, "host/listkeys/action", "slots/write", "slots/publishxml/action"),
            *below(_SITE, "slots/config/list/action", "slots/host/listkeys/action"),
        ),
        page="https://learn.microsoft.com/azure/app-service/deploy-configure-credentials",
    ),
    Capability(
        "sign-in-to-machines",
        "Sign in to a machine with an account of Entra",
        data_actions=(
            *below(_MACHINE, "login/action", "loginAsAdmin/action"),
            *below(_ARC, "login/action", "loginAsAdmin/action"),
        ),
        page="https://learn.microsoft.com/entra/identity/devices/howto-vm-sign-in-azure-ad-windows",
    ),
    Capability(
        "sign-in-as-administrator",
        "Sign in to a machine with an account of Entra, as its administrator",
        data_actions=(*below(_MACHINE, "loginAsAdmin/action"), *below(_ARC, "loginAsAdmin/action")),
        page="https://learn.microsoft.com/entra/identity/devices/howto-vm-sign-in-azure-ad-windows",
    ),
    Capability(
        "use-serial-console",
        "Open the serial console of a machine",
        actions=("Microsoft.SerialConsole/serialPorts/connect/action",),
        page="https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/serial-console-overview",
    ),
    Capability(
        "read-run-command-output",
        "Read what run commands printed",
        actions=(
            *below(_MACHINE, "runCommands/read"),
            *below(_SCALE_SET, "virtualMachines/runCommands/read"),
            *below(_ARC, "runCommands/read"),
        ),
        page="https://learn.microsoft.com/azure/virtual-machines/run-command-overview",
    ),
    Capability(
        "copy-disks",
        "Copy the disks and snapshots of machines out of Azure",
        actions=("Microsoft.Compute/disks/beginGetAccess/action", "Microsoft.Compute/snapshots/beginGetAccess/action"),
        page=f"{_OPERATIONS}/compute#microsoftcompute",
    ),
    Capability(
        "administer-clusters",
        "Be administrator inside a Kubernetes cluster",
        actions=below(_CLUSTER, "listClusterAdminCredential/action", "runCommand/action"),
        data_actions=below(_CLUSTER, "rbac.authorization.k8s.io/clusterrolebindings/write"),
        page="https://learn.microsoft.com/azure/aks/concepts-identity",
    ),
    Capability(
        "push-images",
        "Put images into a container registry",
        actions=("Microsoft.ContainerRegistry/registries/push/write",),
        data_actions=("Microsoft.ContainerRegistry/registries/repositories/content/write",),
        page="https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview",
    ),
    Capability(
        "pull-images",
        "Take images from a container registry",
        actions=("Microsoft.ContainerRegistry/registries/pull/read",),
        data_actions=("Microsoft.ContainerRegistry/registries/repositories/content/read",),
        page="https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview",
    ),
)
