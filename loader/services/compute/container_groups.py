"""Container Instances: groups, with the containers and volumes in them. Of environment variables the names only."""

from __future__ import annotations

from collections.abc import Callable

from loader.model import (
    Arm,
    Derivation,
    Embedded,
    EntityType,
    Json,
    Service,
    flag,
    incoming,
    number,
    outgoing,
    text,
    texts,
)
from loader.services.shared.arm_ids import below_parent, in_resource_group
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.wire import explained, part, parts


def _ports(*path: str) -> Callable[[Json], list[str]]:
    """Protocol and port, as `tcp:80`."""

    def ports(answer: Json) -> list[str]:
        return [f"{str(one.get('protocol') or 'tcp').lower()}:{one.get('port')}" for one in parts(answer, *path)]

    return explained(f"`{'.'.join(path)}[]`: `protocol` and `port`", ports)


def _kind(volume: Json) -> str | None:
    """What the volume is made of; the field that is set tells."""
    kinds = {"azureFile": "azureFile", "emptyDir": "emptyDir", "secret": "secretFiles", "gitRepo": "gitRepo"}
    return next((kind for field, kind in kinds.items() if volume.get(field) is not None), None)


def _mounted(container: Json) -> list[str]:
    group = part(container, "@parent").get("id")
    return [f"{group}/volumes/{one.get('name')}" for one in parts(container, "properties", "volumeMounts")]


CONTAINER_GROUP = EntityType(
    type="azure_container_group",
    resource="Container Group",
    classes=("Group",),
    arm_type="Microsoft.ContainerInstance/containerGroups",
    inventory="Microsoft.ContainerInstance/containerGroups",
    documentation="https://learn.microsoft.com/rest/api/container-instances/container-groups/list",
    fetch=Arm(
        client="azure.mgmt.containerinstance.aio:ContainerInstanceManagementClient",
        operation="container_groups.list",
        permission="Microsoft.ContainerInstance/containerGroups/read",
    ),
    secrets=(
        "properties.imageRegistryCredentials[].password",
        "properties.initContainers[].properties.environmentVariables[].value",
        "properties.initContainers[].properties.environmentVariables[].secureValue",
        "properties.initContainers[].properties.command[]",
        "properties.diagnostics.logAnalytics.workspaceKey",
        "properties.extensions[].properties.settings",
        "properties.extensions[].properties.protectedSettings",
    ),
    properties=(
        text("sku", "properties.sku", "Standard, Confidential or Dedicated"),
        text("osType", "properties.osType", "Linux or Windows"),
        text("restartPolicy", "properties.restartPolicy", "Always, OnFailure or Never"),
        flag(
            "public",
            explained(
                "`properties.ipAddress.type` is Public",
                lambda answer: part(answer, "properties", "ipAddress").get("type") == "Public",
            ),
            "see ipAddress",
        ),
        text("ipAddress", "properties.ipAddress.ip", "where it answers"),
        text("fqdn", "properties.ipAddress.fqdn", "the name of that address"),
        texts("ports", _ports("properties", "ipAddress", "ports"), "protocol and port of what it answers"),
        texts("registries", "properties.imageRegistryCredentials[].server", "registries it signs in to"),
        texts("initContainers", "properties.initContainers[].name", "containers that run first"),
        text("encryptionKeyName", "properties.encryptionProperties.keyName", "the own key its data is encrypted with"),
        text("logWorkspaceId", "properties.diagnostics.logAnalytics.workspaceId", "where its logs go"),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_subnet", "properties.subnetIds[].id", "the subnet it is in"),
        uses_identities(),
    ),
)

CONTAINER = EntityType(
    type="azure_container",
    resource="Container",
    classes=("Container",),
    fetch=Embedded(parent="azure_container_group", at="properties.containers[]"),
    key=below_parent("containers"),
    secrets=(
        "properties.environmentVariables[].value",
        "properties.environmentVariables[].secureValue",
        "properties.command[]",
        "properties.livenessProbe.exec.command[]",
        "properties.livenessProbe.httpGet.httpHeaders[].value",
        "properties.readinessProbe.exec.command[]",
        "properties.readinessProbe.httpGet.httpHeaders[].value",
    ),
    properties=(
        text("image", "properties.image", "what it runs"),
        texts("ports", _ports("properties", "ports"), "protocol and port of what it answers"),
        texts("environmentVariables", "properties.environmentVariables[].name", "their names, never a value"),
        number("cpu", "properties.resources.requests.cpu", "cores it asks for"),
        number("memoryInGB", "properties.resources.requests.memoryInGB", "memory it asks for"),
        flag("privileged", "properties.securityContext.privileged", "it is as good as root on its host"),
        flag("allowPrivilegeEscalation", "properties.securityContext.allowPrivilegeEscalation", "it may become so"),
    ),
    relationships=(
        incoming("HAS", "azure_container_group", "@parent.id", "the group it is in"),
        outgoing("USES", "azure_container_volume", _mounted, "mounts it"),
    ),
)

CONTAINER_VOLUME = EntityType(
    type="azure_container_volume",
    resource="Container Volume",
    classes=("Disk",),
    fetch=Embedded(parent="azure_container_group", at="properties.volumes[]"),
    key=below_parent("volumes"),
    secrets=(
        "azureFile.storageAccountKey",
        "secret.*",
    ),
    properties=(
        text("kind", _kind, "azureFile, emptyDir, secretFiles or gitRepo"),
        text("shareName", "azureFile.shareName", "the file share behind it"),
        text("storageAccountName", "azureFile.storageAccountName", "the account of that share"),
        flag("readOnly", "azureFile.readOnly", "nothing is written to it"),
    ),
    relationships=(incoming("HAS", "azure_container_group", "@parent.id", "the group it is in"),),
)


# The group's answer names account and share, not the share's id. Account names are unique over all of Azure.
VOLUME_SHARES = Derivation(
    name="container-volume-shares",
    inputs=("azure_container_volume", "azure_storage_file_share"),
    relationships=(("azure_container_volume", "USES", "azure_storage_file_share"),),
    query="""
        MATCH (volume:azure_container_volume) WHERE volume.shareName IS NOT NULL
        MATCH (share:azure_storage_file_share)
        WHERE share._key ENDS WITH '/storageaccounts/' + toLower(volume.storageAccountName)
              + '/fileservices/default/shares/' + toLower(volume.shareName)
        RETURN volume._key AS `from`, share._key AS `to`
    """,
)

SERVICE = Service(
    name="Container groups",
    entity_types=(CONTAINER_GROUP, CONTAINER, CONTAINER_VOLUME),
    derivations=(VOLUME_SHARES,),
)
