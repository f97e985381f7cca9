"""Virtual machine scale sets: the pattern their machines are made after. Start-up scripts and keys are not kept."""

from __future__ import annotations

from loader.model import (
    Arm,
    Derivation,
    EntityType,
    Json,
    Service,
    flag,
    incoming,
    number,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group, parent_of, segment
from loader.services.shared.enumerations import SYSTEMS
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.wire import explained
from loader.shapes import read

_PROFILE = "properties.virtualMachineProfile"
_SECURITY = f"{_PROFILE}.securityProfile"
_INTERFACES = f"{_PROFILE}.networkProfile.networkInterfaceConfigurations[]"
_ADDRESSES = f"{_INTERFACES}.properties.ipConfigurations[].properties"
_ROLLING = "properties.upgradePolicy.rollingUpgradePolicy"
_LINUX, _WINDOWS = f"{_PROFILE}.osProfile.linuxConfiguration", f"{_PROFILE}.osProfile.windowsConfiguration"


def _gallery_image(answer: Json) -> str | None:
    """The image definition in a gallery, without the version that the reference may name."""
    image = next((str(one) for one in read(answer, f"{_PROFILE}.storageProfile.imageReference.id")), "")
    if not segment(image, "galleries"):
        return None
    return parent_of(image) if segment(image, "versions") else image


def _pools(answer: Json) -> list[str]:
    """`loadBalancerBackendAddressPools[].id` and `loadBalancerInboundNatPools[].id` of its addresses, in lower case"""
    kinds = ("loadBalancerBackendAddressPools", "loadBalancerInboundNatPools")
    return [str(one).lower() for kind in kinds for one in read(answer, f"{_ADDRESSES}.{kind}[].id")]


VM_SCALE_SET = EntityType(
    type="azure_vm_scale_set",
    resource="Virtual Machine Scale Set",
    classes=("Deployment", "Group"),
    arm_type="Microsoft.Compute/virtualMachineScaleSets",
    inventory="Microsoft.Compute/virtualMachineScaleSets",
    documentation="https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-sets/list-all",
    fetch=Arm(
        client="azure.mgmt.compute.aio:ComputeManagementClient",
        operation="virtual_machine_scale_sets.list_all",
        permission="Microsoft.Compute/virtualMachineScaleSets/read",
    ),
    secrets=(
        "properties.virtualMachineProfile.osProfile.adminPassword",
        "properties.virtualMachineProfile.osProfile.customData",
        "properties.virtualMachineProfile.userData",
        "properties.virtualMachineProfile.osProfile.windowsConfiguration.additionalUnattendContent[].content",
        "properties.virtualMachineProfile.extensionProfile.extensions[].properties.settings",
        "properties.virtualMachineProfile.extensionProfile.extensions[].properties.protectedSettings",
    ),
    properties=(
        text("sku", "sku.name", "the size of its machines"),
        whole("instanceCount", "sku.capacity", "how many there are"),
        text("orchestrationMode", "properties.orchestrationMode", "Uniform, or Flexible with machines of their own"),
        flag("overprovision", "properties.overprovision", "more are started than asked for, for speed"),
        flag("automaticRepairs", "properties.automaticRepairsPolicy.enabled", "broken machines are replaced"),
        text("upgradeMode", "properties.upgradePolicy.mode", "Automatic, Manual or Rolling"),
        flag(
            "automaticOSUpgrade",
            "properties.upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade",
            "new images are rolled out by themselves",
        ),
        whole("maxBatchInstancePercent", f"{_ROLLING}.maxBatchInstancePercent", "of machines upgraded at once"),
        flag("zoneBalance", "properties.zoneBalance", "as many machines in each zone"),
        texts("zones", "zones", "zones it is in"),
        text("computerNamePrefix", f"{_PROFILE}.osProfile.computerNamePrefix", "the beginning of their names"),
        text("adminUsername", f"{_PROFILE}.osProfile.adminUsername", "their administrator's name"),
        flag("sshKeysOnly", f"{_LINUX}.disablePasswordAuthentication", "SSH takes no passwords"),
        flag("automaticUpdates", f"{_WINDOWS}.enableAutomaticUpdates", "Windows updates itself"),
        text("osType", f"{_PROFILE}.storageProfile.osDisk.osType", "Linux or Windows", values=SYSTEMS),
        text("imageSku", f"{_PROFILE}.storageProfile.imageReference.sku", "the system on them"),
        texts("extensions", f"{_PROFILE}.extensionProfile.extensions[].name", "names of their extensions"),
        text("priority", f"{_PROFILE}.priority", "Regular or Spot"),
        number("maxPrice", f"{_PROFILE}.billingProfile.maxPrice", "what one may cost an hour; -1 is any price"),
        flag("encryptionAtHost", f"{_SECURITY}.encryptionAtHost", "temporary disks and caches are encrypted too"),
        text("securityType", f"{_SECURITY}.securityType", "TrustedLaunch or ConfidentialVM"),
        flag("secureBootEnabled", f"{_SECURITY}.uefiSettings.secureBootEnabled", "only signed systems start"),
        flag("vTpmEnabled", f"{_SECURITY}.uefiSettings.vTpmEnabled", "what started can be proved"),
        flag(
            "publicIp",
            explained(
                "one of its address configurations has a `publicIPAddressConfiguration`",
                lambda answer: bool(read(answer, f"{_ADDRESSES}.publicIPAddressConfiguration")),
            ),
            "each machine has a public address",
        ),
        text("publicIpSku", f"{_ADDRESSES}.publicIPAddressConfiguration.sku.name", "Basic or Standard"),
        texts("balancerPools", _pools, "pools of balancers that its machines are in"),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(
        in_resource_group(),
        incoming("HAS", "azure_subnet", f"{_ADDRESSES}.subnet.id", "where its machines are"),
        incoming(
            "PROTECTS", "azure_security_group", f"{_INTERFACES}.properties.networkSecurityGroup.id", "before each"
        ),
        outgoing("USES", "azure_shared_image", _gallery_image, "what its machines are made from"),
        uses_identities(),
    ),
)


# Only the machines of a Flexible set are in the list of machines; each names its set.
MACHINES_OF_SETS = Derivation(
    name="scale-set-machines",
    inputs=("azure_vm", "azure_vm_scale_set"),
    relationships=(("azure_vm", "USES", "azure_vm_scale_set"),),
    query="""
        MATCH (machine:azure_vm) WHERE machine.scaleSetId IS NOT NULL
        MATCH (set:azure_vm_scale_set {_key: toLower(machine.scaleSetId)})
        RETURN machine._key AS `from`, set._key AS `to`
    """,
)

SERVICE = Service(name="Virtual machine scale sets", entity_types=(VM_SCALE_SET,), derivations=(MACHINES_OF_SETS,))
