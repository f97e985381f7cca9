"""Managed disks. Which machine uses one is told by the machine's answer."""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Service, date, flag, outgoing, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.reachable import OPEN, Reach, reachable
from loader.services.shared.wire import part


def _is_attached(disk: Json) -> bool:
    """Some machine holds it; a disk that nobody holds has no `managedBy`, whatever its state is called."""
    return bool(disk.get("managedBy") or disk.get("managedByExtended"))


def _is_encrypted(disk: Json) -> bool:
    """Azure encrypts every managed disk; old answers say nothing about it, newer ones say with whose key."""
    encryption = part(disk, "properties", "encryption")
    return bool(encryption.get("type", "EncryptionAtRestWithPlatformKey"))


# Whether a key of ours takes part, by what Azure says of a disk's encryption and of a confidential machine's disk.
_ENCRYPTION = {
    "encryptionatrestwithplatformkey": False,
    "encryptionatrestwithcustomerkey": True,
    "encryptionatrestwithplatformandcustomerkeys": True,
}
_SECURITY = {
    "standard": False,
    "trustedlaunch": False,
    "confidentialvm_vmgueststateonlyencryptedwithplatformkey": False,
    "confidentialvm_diskencryptedwithplatformkey": False,
    "confidentialvm_diskencryptedwithcustomerkey": True,
    "confidentialvm_nonpersistedtpm": False,
}


def _has_customer_key(disk: Json) -> bool | None:
    """A key of ours takes part: alone, together with Azure's, or in a confidential machine.

    None where Azure says something that nobody has documented. Of the last kind
    `securityProfile.securityType` tells, not `encryption.type`:
    https://learn.microsoft.com/rest/api/compute/disks/get#disksecuritytypes
    """
    encryption = str(part(disk, "properties", "encryption").get("type") or "")
    security = str(part(disk, "properties", "securityProfile").get("securityType") or "")
    found = {_ENCRYPTION.get(encryption.lower()) if encryption else False}
    found.add(_SECURITY.get(security.lower()) if security else False)
    return True if True in found else None if None in found else False


def _not_exported(disk: Json) -> str:
    """`properties.networkAccessPolicy` refuses all exports, or all but those over private endpoints."""
    policy = str(part(disk, "properties").get("networkAccessPolicy") or "").lower()
    return {
        "denyall": "nobody may export the disk",
        "allowprivate": "the disk may be exported over private endpoints only",
    }.get(policy, "")


def _export_policy(disk: Json) -> Reach:
    """AllowAll, or no policy, which is the same by https://learn.microsoft.com/rest/api/compute/disks/create-or-update."""
    policy = str(part(disk, "properties").get("networkAccessPolicy") or "AllowAll")
    known = policy.lower() == "allowall"
    return OPEN if known else Reach(None, f"networkAccessPolicy is {policy}, which azgraph does not know")


MANAGED_DISK = EntityType(
    type="azure_managed_disk",
    resource="Azure Managed Disk",
    classes=("DataStore", "Disk"),
    arm_type="Microsoft.Compute/disks",
    inventory="Microsoft.Compute/disks",
    documentation="https://learn.microsoft.com/rest/api/compute/disks/list",
    fetch=Arm(
        client="azure.mgmt.compute.aio:ComputeManagementClient",
        operation="disks.list",
        permission="Microsoft.Compute/disks/read",
    ),
    properties=(
        text("state", "properties.diskState", "Attached, Reserved (its machine is off), Unattached, …"),
        flag("attached", _is_attached, "Some machine holds it"),
        text("managedBy", "managedBy", "The machine that holds it"),
        text("osType", "properties.osType", "Windows or Linux; absent on data disks"),
        text("encryption", "properties.encryption.type", "Whose keys encrypt it"),
        text("securityType", "properties.securityProfile.securityType", "TrustedLaunch, ConfidentialVM_…"),
        flag("encrypted", _is_encrypted, "It is encrypted at rest"),
        flag("customerManagedKey", _has_customer_key, "A key of ours takes part in its encryption"),
        text("diskEncryptionSetId", "properties.encryption.diskEncryptionSetId", "Where that key is named"),
        flag("adeEnabled", "properties.encryptionSettingsCollection.enabled", "Encrypted by the guest (BitLocker)"),
        text(
            "networkAccessPolicy",
            "properties.networkAccessPolicy",
            "who may export it",
            values=("AllowAll", "AllowPrivate", "DenyAll"),
        ),
        text(
            "publicNetworkAccess",
            "properties.publicNetworkAccess",
            "Enabled lets it be exported over the Internet",
            values=("Enabled", "Disabled"),
        ),
        *reachable(
            page="https://learn.microsoft.com/rest/api/compute/disks/create-or-update",
            inside=_not_exported,
            firewall=_export_policy,
        ),
        text(
            "dataAccessAuthMode",
            "properties.dataAccessAuthMode",
            "AzureActiveDirectory asks exporters to sign in",
            values=("AzureActiveDirectory", "None"),
        ),
        text("diskAccessId", "properties.diskAccessId", "The private way to export it"),
        text("sku", "sku.name", "Its kind and redundancy"),
        whole("diskSizeGB", "properties.diskSizeGB", "Its size"),
        whole("maxShares", "properties.maxShares", "Machines that may share it"),
        text("createOption", "properties.creationData.createOption", "What it was made from"),
        text("sourceResourceId", "properties.creationData.sourceResourceId", "The disk or snapshot it is a copy of"),
        text("hyperVGeneration", "properties.hyperVGeneration", "V1 or V2"),
        date("createdOn", "properties.timeCreated", "When it was made"),
        texts("zones", "zones", "Availability zones"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing(
            "USES",
            "azure_shared_image_version",
            "properties.creationData.galleryImageReference.id",
            "the image version it was made from",
        ),
    ),
)

SERVICE = Service(name="Managed disks", entity_types=(MANAGED_DISK,))
