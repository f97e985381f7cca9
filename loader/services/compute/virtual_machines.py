"""Virtual machines, their power state, and the extensions installed in them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from loader.model import (
    Arm,
    Derivation,
    Detail,
    EntityType,
    Json,
    Link,
    Segment,
    Service,
    Target,
    date,
    flag,
    incoming,
    links,
    outgoing,
    quiet,
    text,
    texts,
)
from loader.services.shared.arm_ids import in_resource_group, parent_of, segment
from loader.services.shared.enumerations import SYSTEMS
from loader.services.shared.identities import identity_properties, uses_identities
from loader.shapes import read

_CLIENT = "azure.mgmt.compute.aio:ComputeManagementClient"
_DISKS = ("properties.storageProfile.osDisk", "properties.storageProfile.dataDisks[]")
_WINDOWS, _LINUX = "properties.osProfile.windowsConfiguration", "properties.osProfile.linuxConfiguration"
_SECURITY = "properties.securityProfile"


def _patches(setting: str) -> str:
    """The path of a setting that Windows and Linux machines have in different places."""
    return f"{_WINDOWS}.patchSettings.{setting} | {_LINUX}.patchSettings.{setting}"


def _power_state(machine: Json) -> str | None:
    """running, stopped (still paid for), deallocated, starting, …: the status whose code is "PowerState/…"."""
    states = [state for place in ("", "$instanceView.", "$states.") for state in _states_at(machine, place)]
    return states[0].lower() if states else None


def _states_at(machine: Json, place: str) -> list[str]:
    path = f"{place}statuses[].code" if place == "$instanceView." else f"{place}properties.instanceView.statuses[].code"
    return [str(code).partition("/")[2] for code in read(machine, path) if str(code).startswith("PowerState/")]


def _is_silent(machine: Json) -> bool:
    """Whether neither the list nor the one of states tells what the machine does: then the machine itself is asked."""
    return not (_states_at(machine, "") or _states_at(machine, "$states."))


def _is_running(machine: Json) -> bool | None:
    """`state` is running"""
    state = _power_state(machine)
    return None if state is None else state == "running"


def _has_managed_disks(machine: Json) -> bool | None:
    """No disk is a VHD file in a storage account. None where the machine's first disk is not told of."""
    if any(read(machine, f"{disk}.vhd") for disk in _DISKS):
        return False
    return True if read(machine, f"{_DISKS[0]}.managedDisk") else None


def _vhd_hosts(machine: Json) -> list[str]:
    """Hosts of the storage accounts with its unmanaged disks; the rest of the address may hold a token."""
    uris = [uri for disk in _DISKS for uri in read(machine, f"{disk}.vhd.uri")]
    return [host for uri in uris if (host := urlsplit(str(uri)).hostname)]


def _image(machine: Json) -> str | None:
    reference = read(machine, "properties.storageProfile.imageReference.id")
    return str(reference[0]) if reference else None


def _own_image(machine: Json) -> str | None:
    """A custom image, as opposed to one of a gallery."""
    image = _image(machine)
    return image if image and segment(image, "images") and not segment(image, "galleries") else None


def _gallery_image(machine: Json) -> str | None:
    """The image definition: the reference, without the version it may name."""
    image = _image(machine)
    if not image or not segment(image, "galleries"):
        return None
    return parent_of(image) if segment(image, "versions") else image


def _gallery_version(machine: Json) -> str | None:
    """The version that the reference names, else the exact one that Azure took."""
    image = _image(machine)
    if not image or not segment(image, "galleries") or segment(image, "versions"):
        return image if image and segment(image, "versions") else None
    exact = read(machine, "properties.storageProfile.imageReference.exactVersion")
    return f"{image}/versions/{exact[0]}" if exact else None


def _disks(machine: Json) -> Iterator[Link]:
    for disk, is_os_disk in zip(_DISKS, (True, False), strict=True):
        for found in read(machine, f"{disk}.managedDisk.id"):
            yield Link(
                "USES", Target(found.lower(), "azure_managed_disk", {"id": found}), properties={"osDisk": is_os_disk}
            )


VIRTUAL_MACHINE = EntityType(
    type="azure_vm",
    resource="Virtual Machine",
    classes=("Host",),
    arm_type="Microsoft.Compute/virtualMachines",
    inventory="Microsoft.Compute/virtualMachines",
    documentation="https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all",
    fetch=Arm(
        client=_CLIENT,
        operation="virtual_machines.list_all",
        permission="Microsoft.Compute/virtualMachines/read",
    ),
    details=(
        # The states of all machines in one list; the SDK's reference tells of `statusOnly`.
        Detail(
            name="states",
            call=Arm(
                client=_CLIENT,
                operation="virtual_machines.list_all",
                permission="Microsoft.Compute/virtualMachines/read",
                kwargs={"status_only": "true"},
                when=lambda machine: not _states_at(machine, ""),
            ),
            by="id",
            spare="instanceView",
        ),
        Detail(
            name="instanceView",
            call=Arm(
                client=_CLIENT,
                operation="virtual_machines.instance_view",
                permission="Microsoft.Compute/virtualMachines/instanceView/read",
                args=(Segment("resourceGroups"), Segment("virtualMachines")),
                parent="azure_vm",
                when=_is_silent,
            ),
        ),
    ),
    secrets=(
        "properties.osProfile.adminPassword",
        "properties.osProfile.customData",
        "properties.userData",
        "properties.osProfile.windowsConfiguration.additionalUnattendContent[].content",
        "resources[].properties.settings",
        "resources[].properties.protectedSettings",
    ),
    properties=(
        text("vmId", "properties.vmId", "Azure's own id of it, as seen inside the machine"),
        text("vmSize", "properties.hardwareProfile.vmSize", "Its size"),
        quiet(text("state", _power_state, "running, stopped, deallocated, …", needs=("instanceView",))),
        flag("active", _is_running, "It is running", needs=("instanceView",)),
        date("createdOn", "properties.timeCreated", "When it was made"),
        text("computerName", "properties.osProfile.computerName", "Its host name"),
        text("adminUser", "properties.osProfile.adminUsername", "Name of the first administrator"),
        text("platform", "properties.storageProfile.osDisk.osType", "Windows or Linux", values=SYSTEMS),
        text("imagePublisher", "properties.storageProfile.imageReference.publisher", "Who published its image"),
        text("osName", "properties.storageProfile.imageReference.offer", "The image's offer"),
        text("osSku", "properties.storageProfile.imageReference.sku", "The image's edition"),
        text("osVersion", "properties.storageProfile.imageReference.exactVersion", "The image's version"),
        flag("usesManagedDisks", _has_managed_disks, "No disk is a VHD file in a storage account"),
        texts("vhdHosts", _vhd_hosts, "Storage hosts with its unmanaged disks"),
        flag("disablePasswordAuthentication", f"{_LINUX}.disablePasswordAuthentication", "Linux: only keys sign in"),
        flag("enableAutomaticUpdates", f"{_WINDOWS}.enableAutomaticUpdates", "Windows updates itself"),
        text("timeZone", f"{_WINDOWS}.timeZone", "Windows: its time zone"),
        text(
            "patchMode",
            _patches("patchMode"),
            "Who installs updates",
            values=("Manual", "AutomaticByOS", "AutomaticByPlatform", "ImageDefault"),
        ),
        text(
            "patchAssessmentMode",
            _patches("assessmentMode"),
            "Whether Azure looks for missing updates",
            values=("AutomaticByPlatform", "ImageDefault"),
        ),
        text(
            "securityType",
            f"{_SECURITY}.securityType",
            "TrustedLaunch, ConfidentialVM, or none",
            values=("Standard", "TrustedLaunch", "ConfidentialVM"),
        ),
        flag("secureBootEnabled", f"{_SECURITY}.uefiSettings.secureBootEnabled", "It starts only signed code"),
        flag("vTpmEnabled", f"{_SECURITY}.uefiSettings.vTpmEnabled", "It has a virtual TPM"),
        flag("encryptionAtHost", f"{_SECURITY}.encryptionAtHost", "Caches and temporary disks are encrypted too"),
        flag("bootDiagnosticsEnabled", "properties.diagnosticsProfile.bootDiagnostics.enabled", "Its console is kept"),
        flag("allowExtensionOperations", "properties.osProfile.allowExtensionOperations", "Extensions can be added"),
        *identity_properties(),
        text("availabilitySetId", "properties.availabilitySet.id", "Its availability set"),
        text("scaleSetId", "properties.virtualMachineScaleSet.id", "Its scale set"),
        text("licenseType", "properties.licenseType", "Licences brought along"),
        text("priority", "properties.priority", "Regular or Spot"),
        texts("zones", "zones", "Availability zones"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_nic", "properties.networkProfile.networkInterfaces[].id", "its interfaces"),
        outgoing("USES", "azure_image", _own_image, "the image it was made from"),
        outgoing("USES", "azure_shared_image", _gallery_image, "the gallery image it was made from"),
        outgoing("USES", "azure_shared_image_version", _gallery_version, "the very version of it"),
        links("USES", "azure_managed_disk", _disks, "its disks"),
        uses_identities(),
    ),
)

EXTENSION = EntityType(
    type="azure_vm_extension",
    resource="Virtual Machine Extension",
    classes=("Application",),
    arm_type="Microsoft.Compute/virtualMachines/extensions",
    documentation="https://learn.microsoft.com/rest/api/compute/virtual-machine-extensions/list",
    fetch=Arm(
        client=_CLIENT,
        operation="virtual_machine_extensions.list",
        permission="Microsoft.Compute/virtualMachines/extensions/read",
        args=(Segment("resourceGroups"), Segment("virtualMachines")),
        parent="azure_vm",
        # The machine's own answer names its extensions, so machines without any cost no call.
        when=lambda machine: bool(machine.get("resources")),
        # Resource Graph takes properties from the provider's own answer, of its latest API version:
        # https://learn.microsoft.com/azure/governance/resource-graph/samples/advanced#show-api-version-for-each-resource-type
        # Extensions are among its resources: #list-all-extensions-installed-on-a-virtual-machine on the same page.
        named_at="resources[].id",
    ),
    secrets=(
        "properties.settings",
        "properties.protectedSettings",
    ),
    properties=(
        text("publisher", "properties.publisher", "Who published it"),
        text("extType", "properties.type", "Which extension of the publisher it is"),
        text("version", "properties.typeHandlerVersion", "Its version"),
        flag("autoUpgradeMinorVersion", "properties.autoUpgradeMinorVersion", "Newest minor version when deployed"),
        flag("enableAutomaticUpgrade", "properties.enableAutomaticUpgrade", "Newer versions are installed by Azure"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
    ),
    relationships=(
        incoming("USES", "azure_vm", lambda extension: parent_of(extension["id"]), "where it is installed"),
    ),
)

VHD_ACCOUNTS = Derivation(
    name="machine-vhd-accounts",
    inputs=("azure_vm", "azure_storage_account"),
    relationships=(("azure_vm", "USES", "azure_storage_account"),),
    # The first label of a blob host is the account's name, which is one of a kind in all of Azure.
    query="""
        MATCH (vm:azure_vm) WHERE size(vm.vhdHosts) > 0
        UNWIND vm.vhdHosts AS host
        MATCH (account:azure_storage_account {name: split(host, '.')[0]})
        RETURN DISTINCT vm._key AS `from`, account._key AS `to`
    """,
)

SERVICE = Service(name="Virtual machines", entity_types=(VIRTUAL_MACHINE, EXTENSION), derivations=(VHD_ACCOUNTS,))
