"""Private endpoints: a resource's address inside a subnet."""

from __future__ import annotations

from collections.abc import Iterator

from loader.model import (
    ANY_RESOURCE,
    Arm,
    EntityType,
    Json,
    Link,
    Service,
    Target,
    incoming,
    links,
    outgoing,
    text,
    texts,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import part, plain
from loader.shapes import read

_KINDS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")


def _connected(endpoint: Json) -> Iterator[Link]:
    """One edge a connected resource, with what of it is connected and whether its owner approved."""
    for connection in (one for kind in _KINDS for one in read(endpoint, f"properties.{kind}[].properties")):
        resource = connection.get("privateLinkServiceId")
        if resource:
            status = part(connection, "privateLinkServiceConnectionState").get("status")
            kept = {"groupIds": sorted(plain(connection, "groupIds")), "status": status or "Unknown"}
            yield Link("CONNECTS", Target(resource.lower(), None, {"id": resource}), properties=kept)


def _statuses(endpoint: Json) -> list[str]:
    """Approved, Pending, Rejected or Disconnected, automatic and manual connections alike."""
    path = "properties.{}[].properties.privateLinkServiceConnectionState.status"
    return [status for kind in _KINDS for status in read(endpoint, path.format(kind))]


PRIVATE_ENDPOINT = EntityType(
    type="azure_private_endpoint",
    resource="Private Endpoint",
    classes=("NetworkEndpoint",),
    arm_type="Microsoft.Network/privateEndpoints",
    inventory="Microsoft.Network/privateEndpoints",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/private-endpoints/list-by-subscription",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="private_endpoints.list_by_subscription",
        permission="Microsoft.Network/privateEndpoints/read",
    ),
    properties=(
        text("subnetId", "properties.subnet.id", "The subnet that has its address"),
        texts("connectionStatus", _statuses, "Whether the owners of the connected resources approved"),
        texts("fqdns", "properties.customDnsConfigs[].fqdn", "Names that should lead to it"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
    ),
    relationships=(
        in_resource_group(),
        incoming("HAS", "azure_subnet", "properties.subnet.id", "where its address is"),
        outgoing("USES", "azure_nic", "properties.networkInterfaces[].id", "the interface made for it"),
        links("CONNECTS", ANY_RESOURCE, _connected, "what it leads to"),
    ),
)

SERVICE = Service(name="Private endpoints", entity_types=(PRIVATE_ENDPOINT,))
