"""Databricks workspaces: their network, their encryption, who reaches them. What is in them is not read."""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Arm, EntityType, Json, Service, date, flag, outgoing, text
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.customer_keys import key_id, uses_keys
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import reachable
from loader.services.shared.wire import explained, part

_PARAMETERS = "properties.parameters"
_KEYS = "properties.encryption.entities"
# Azure's own keys go without a word.
_OWN = ("Microsoft.Keyvault",)


def _subnet(parameter: str) -> Callable[[Json], str | None]:
    """The id of a subnet, which the workspace knows by name, in a network it knows by id."""

    def subnet(answer: Json) -> str | None:
        network = part(answer, "properties", "parameters", "customVirtualNetworkId").get("value")
        name = part(answer, "properties", "parameters", parameter).get("value")
        return f"{network}/subnets/{name}" if network and name else None

    return explained(f"`properties.parameters.{parameter}.value` in `customVirtualNetworkId`", subnet)


_PUBLIC, _PRIVATE = _subnet("customPublicSubnetName"), _subnet("customPrivateSubnetName")


def _subnets(answer: Json) -> list[str]:
    return [subnet for subnet in (_PUBLIC(answer), _PRIVATE(answer)) if subnet]


def _keys(answer: Json) -> list[str | None]:
    """The keys of notebooks and of disks; a vault's address and a key's name make a key's id."""
    entities = part(answer, "properties", "encryption", "entities")
    named = [part(entities, kind, "keyVaultProperties") for kind in ("managedServices", "managedDisk")]
    return [
        key_id(f"{str(one.get('keyVaultUri')).rstrip('/')}/keys/{one.get('keyName')}")
        for one in named
        if one.get("keyName")
    ]


WORKSPACE = EntityType(
    type="azure_databricks_workspace",
    resource="Databricks Workspace",
    classes=("Service",),
    arm_type="Microsoft.Databricks/workspaces",
    inventory="Microsoft.Databricks/workspaces",
    documentation="https://learn.microsoft.com/rest/api/databricks/workspaces/list-by-subscription",
    fetch=Arm(
        client="azure.mgmt.databricks.aio:AzureDatabricksManagementClient",
        operation="workspaces.list_by_subscription",
        permission="Microsoft.Databricks/workspaces/read",
    ),
    properties=(
        text("sku", "sku.name", "trial, standard or premium"),
        text("workspaceId", "properties.workspaceId", "its own id"),
        text("workspaceUrl", "properties.workspaceUrl", "where it answers"),
        text("computeMode", "properties.computeMode", "where its machines are", values=("Hybrid", "Serverless")),
        text("managedResourceGroupId", "properties.managedResourceGroupId", "the group with its machines"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
        *reachable(page="https://learn.microsoft.com/rest/api/databricks/workspaces/create-or-update"),
        text("requiredNsgRules", "properties.requiredNsgRules", "AllRules, NoAzureDatabricksRules, …"),
        flag("noPublicIp", f"{_PARAMETERS}.enableNoPublicIp.value", "its machines have no public addresses"),
        text("customVirtualNetworkId", f"{_PARAMETERS}.customVirtualNetworkId.value", "the own network it is in"),
        text("publicSubnetId", _PUBLIC, "where its machines face outwards"),
        text("privateSubnetId", _PRIVATE, "where they talk to each other"),
        approved_private_endpoints(),
        flag("infrastructureEncryption", f"{_PARAMETERS}.requireInfrastructureEncryption.value", "encrypted twice"),
        text(
            "rootEncryptionKeySource",
            f"{_PARAMETERS}.encryption.value.keySource",
            "of its root storage: Default or Microsoft.Keyvault",
        ),
        text("managedServicesKeySource", f"{_KEYS}.managedServices.keySource", "of notebooks and so on", values=_OWN),
        text("managedDiskKeySource", f"{_KEYS}.managedDisk.keySource", "of its machines' disks", values=_OWN),
        text("encryptionVaultUri", f"{_KEYS}.managedServices.keyVaultProperties.keyVaultUri", "the vault of that key"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
        date("createdOn", "properties.createdDateTime", "when it was made"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_vnet", f"{_PARAMETERS}.customVirtualNetworkId.value", "the own network it is in"),
        outgoing("USES", "azure_subnet", _subnets, "the subnets of its machines"),
        uses_keys(_keys),
    ),
)

SERVICE = Service(name="Databricks", entity_types=(WORKSPACE,))
