"""Private endpoint connections, which many resource types carry in the same shape."""

from __future__ import annotations

from loader.model import Arm, Detail, Json, Property, texts
from loader.services.shared.wire import part, parts

_MEANING = "private endpoints with an approved connection, by id"
_DETAIL = "privateEndpointConnections"


def approved_private_endpoints() -> Property:
    """Ids of the private endpoints through which the resource may be reached: connections that were approved."""
    return texts("privateEndpoints", _in_answer, _MEANING)


def listed_private_endpoints() -> Property:
    """The same of a resource that tells its connections in a list of their own, see `connections_list`."""
    return texts("privateEndpoints", _in_list, _MEANING, needs=(_DETAIL,))


def connections_list(call: Arm) -> Detail:
    """The detail that `listed_private_endpoints` reads."""
    return Detail(name=_DETAIL, many=True, call=call)


def connection_states(answer: Json) -> list[str]:
    """The states of all connections that `connections_list` has read, in lower case: approved, pending, …"""
    listed = parts(answer, f"${_DETAIL}", "value")
    return [str(part(one, "properties", "privateLinkServiceConnectionState").get("status")).lower() for one in listed]


def _in_answer(answer: Json) -> list[str]:
    """`properties.privateEndpointConnections[]` whose state is Approved, in lower case"""
    return _approved(parts(answer, "properties", "privateEndpointConnections"))


def _in_list(answer: Json) -> list[str] | None:
    """`$privateEndpointConnections.value[]` whose state is Approved, in lower case"""
    return _approved(parts(answer, f"${_DETAIL}", "value")) if f"${_DETAIL}" in answer else None


def _approved(connections: list[Json]) -> list[str]:
    found = []
    for connection in connections:
        state = part(connection, "properties", "privateLinkServiceConnectionState").get("status")
        endpoint = part(connection, "properties", "privateEndpoint").get("id")
        if endpoint and str(state).lower() == "approved":
            found.append(str(endpoint).lower())
    return found
