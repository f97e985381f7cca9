"""Route tables: where the traffic of a subnet goes instead of where Azure would send it."""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Service, flag, incoming, text, texts
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import part, parts


def _routes(table: Json) -> list[str]:
    """`properties.routes[]`: prefix, kind of the next hop, and its address where it has one"""
    said = (part(one, "properties") for one in parts(table, "properties", "routes"))
    hops = ((one.get("addressPrefix"), one.get("nextHopType"), one.get("nextHopIpAddress")) for one in said)
    return [" ".join(str(word) for word in hop if word) for hop in hops]


ROUTE_TABLE = EntityType(
    type="azure_route_table",
    resource="Route Table",
    classes=("Configuration",),
    arm_type="Microsoft.Network/routeTables",
    inventory="Microsoft.Network/routeTables",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/route-tables/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="route_tables.list_all",
        permission="Microsoft.Network/routeTables/read",
    ),
    properties=(
        texts("routes", _routes, "prefix, kind of the next hop and its address: 0.0.0.0/0 VirtualAppliance 10.0.0.4"),
        flag(
            "gatewayRoutesDisabled",
            "properties.disableBgpRoutePropagation",
            "routes that gateways have learnt do not count",
        ),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(
        in_resource_group(),
        incoming("USES", "azure_subnet", "properties.subnets[].id", "whose traffic it directs"),
    ),
)

SERVICE = Service(name="Route tables", entity_types=(ROUTE_TABLE,))
