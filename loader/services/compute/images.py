"""Images: custom ones, and those of compute galleries (a gallery's definitions, each with its versions)."""

from __future__ import annotations

from loader.model import (
    Arm,
    EntityType,
    Json,
    Segment,
    Service,
    Target,
    date,
    flag,
    incoming,
    outgoing,
    quiet,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group, parent_of
from loader.shapes import read

_CLIENT = "azure.mgmt.compute.aio:ComputeManagementClient"
# Older answers have one source for all; newer ones tell machines from other sources.
_SOURCE = "properties.storageProfile.source.id | properties.storageProfile.source.virtualMachineId"
_STATE = text("provisioningState", "properties.provisioningState", "State of the last change")


_SOURCES = {
    "virtualmachines": "azure_vm",
    "images": "azure_image",
    "versions": "azure_shared_image_version",
    "disks": "azure_managed_disk",
}


def _source(version: Json) -> Target | None:
    """What a version was made from; which kind of thing that is, its id tells."""
    found = read(version, _SOURCE)
    kind = str(found[0]).lower().split("/")[-2] if found and "/" in str(found[0]) else ""
    return Target(str(found[0]).lower(), _SOURCES.get(kind), {"id": str(found[0])}) if found else None


def _parent(answer: Json) -> str | None:
    return parent_of(str(answer.get("id") or ""))


IMAGE = EntityType(
    type="azure_image",
    resource="Image",
    classes=("Image",),
    arm_type="Microsoft.Compute/images",
    inventory="Microsoft.Compute/images",
    documentation="https://learn.microsoft.com/rest/api/compute/images/list",
    fetch=Arm(client=_CLIENT, operation="images.list", permission="Microsoft.Compute/images/read"),
    properties=(
        text("osType", "properties.storageProfile.osDisk.osType", "Windows or Linux"),
        text("osState", "properties.storageProfile.osDisk.osState", "Generalized, or Specialized: with its accounts"),
        text("hyperVGeneration", "properties.hyperVGeneration", "V1 or V2"),
        flag("zoneResilient", "properties.storageProfile.zoneResilient", "Kept in several zones"),
        text("sourceVirtualMachineId", "properties.sourceVirtualMachine.id", "The machine it was taken from"),
        _STATE,
    ),
    relationships=(
        in_resource_group(),
        incoming("GENERATED", "azure_vm", "properties.sourceVirtualMachine.id", "the machine it was taken from"),
        outgoing("USES", "azure_managed_disk", "properties.storageProfile.osDisk.managedDisk.id", "the disk it is of"),
    ),
)

GALLERY = EntityType(
    type="azure_gallery",
    resource="Gallery",
    classes=("Repository",),
    arm_type="Microsoft.Compute/galleries",
    inventory="Microsoft.Compute/galleries",
    documentation="https://learn.microsoft.com/rest/api/compute/galleries/list",
    fetch=Arm(client=_CLIENT, operation="galleries.list", permission="Microsoft.Compute/galleries/read"),
    properties=(
        text("description", "properties.description", "What people say it is for"),
        text("uniqueName", "properties.identifier.uniqueName", "Its name in all of Azure"),
        text("sharing", "properties.sharingProfile.permissions", "Private, Groups or Community: open to everyone"),
        flag("softDeleteEnabled", "properties.softDeletePolicy.isSoftDeleteEnabled", "Deleted images can be restored"),
        quiet(text("state", "properties.provisioningState", "State of the last change")),
    ),
    relationships=(in_resource_group(),),
)

SHARED_IMAGE = EntityType(
    type="azure_shared_image",
    resource="Shared Image",
    classes=("Image",),
    arm_type="Microsoft.Compute/galleries/images",
    inventory="Microsoft.Compute/galleries/images",
    documentation="https://learn.microsoft.com/rest/api/compute/gallery-images/list-by-gallery",
    fetch=Arm(
        client=_CLIENT,
        operation="gallery_images.list_by_gallery",
        permission="Microsoft.Compute/galleries/images/read",
        args=(Segment("resourceGroups"), Segment("galleries")),
        parent="azure_gallery",
    ),
    properties=(
        text("description", "properties.description", "What people say it is for"),
        text("osType", "properties.osType", "Windows or Linux"),
        text("osState", "properties.osState", "Generalized, or Specialized: with its accounts"),
        text("hyperVGeneration", "properties.hyperVGeneration", "V1 or V2"),
        text("architecture", "properties.architecture", "x64 or Arm64"),
        text("publisher", "properties.identifier.publisher", "First part of its identifier"),
        text("offer", "properties.identifier.offer", "Second part of its identifier"),
        text("sku", "properties.identifier.sku", "Third part of its identifier"),
        text("eula", "properties.eula", "The licence to accept"),
        date("endOfLifeDate", "properties.endOfLifeDate", "When it should not be used any more"),
        quiet(text("state", "properties.provisioningState", "State of the last change")),
    ),
    relationships=(incoming("CONTAINS", "azure_gallery", _parent, "the gallery it is in"),),
)

SHARED_IMAGE_VERSION = EntityType(
    type="azure_shared_image_version",
    resource="Shared Image Version",
    classes=("Image",),
    arm_type="Microsoft.Compute/galleries/images/versions",
    inventory="Microsoft.Compute/galleries/images/versions",
    documentation="https://learn.microsoft.com/rest/api/compute/gallery-image-versions/list-by-gallery-image",
    fetch=Arm(
        client=_CLIENT,
        operation="gallery_image_versions.list_by_gallery_image",
        permission="Microsoft.Compute/galleries/images/versions/read",
        args=(Segment("resourceGroups"), Segment("galleries"), Segment("images")),
        parent="azure_shared_image",
    ),
    properties=(
        date("createdOn", "properties.publishingProfile.publishedDate", "When it was published"),
        date("endOfLifeDate", "properties.publishingProfile.endOfLifeDate", "When it should not be used any more"),
        flag("excludeFromLatest", "properties.publishingProfile.excludeFromLatest", "Not taken as the latest"),
        whole("replicaCount", "properties.publishingProfile.replicaCount", "Copies in each region"),
        texts("targetRegions", "properties.publishingProfile.targetRegions[].name", "Regions it is copied to"),
        text("sourceId", _SOURCE, "What it was made from"),
        _STATE,
    ),
    relationships=(
        incoming("HAS", "azure_shared_image", _parent, "the image it is a version of"),
        incoming("GENERATED", tuple(_SOURCES.values()), _source, "what it was made from"),
    ),
)

SERVICE = Service(name="Images and galleries", entity_types=(IMAGE, GALLERY, SHARED_IMAGE, SHARED_IMAGE_VERSION))
