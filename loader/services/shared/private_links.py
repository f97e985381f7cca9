"""Private endpoint connections, which many resource types carry in the same shape."""

from __future__ import annotations

from loader.model import Json, Property, texts
from loader.services.shared.wire import part, parts


def approved_private_endpoints() -> Property:
    """Ids of the private endpoints through which the resource may be reached: connections that were approved."""
    return texts("privateEndpoints", _approved, "private endpoints with an approved connection, by id")


def _approved(answer: Json) -> list[str]:
    """`properties.privateEndpointConnections[]` whose state is Approved, in lower case"""
    found = []
    for connection in parts(answer, "properties", "privateEndpointConnections"):
        state = part(connection, "properties", "privateLinkServiceConnectionState").get("status")
        endpoint = part(connection, "properties", "privateEndpoint").get("id")
        if endpoint and str(state).lower() == "approved":
            found.append(str(endpoint).lower())
    return found
