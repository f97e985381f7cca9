"""BGP communities of Microsoft's services: the marks by which ExpressRoute circuits choose whose routes they take.

They are Microsoft's own and the same in every subscription, so they belong to none. Azure names them by an id whose
subscription and group are empty. Their addresses are counted, not kept: they are many and change by the week.
"""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Service, flag, text, texts, whole
from loader.services.shared.wire import explained
from loader.shapes import read


def community_key(answer: Json) -> str | None:
    """The id without the empty subscription and group."""
    name = answer.get("name")
    return f"/providers/Microsoft.Network/bgpServiceCommunities/{name}" if name and isinstance(name, str) else None


_COMMUNITIES = "properties.bgpCommunities[]"

BGP_SERVICE_COMMUNITY = EntityType(
    type="azure_bgp_service_communities",
    resource="BGP Service Community",
    classes=("Network",),
    arm_type="Microsoft.Network/bgpServiceCommunities",
    documentation="https://learn.microsoft.com/rest/api/expressroute/bgp-service-communities/list",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="bgp_service_communities.list",
        permission="Microsoft.Network/bgpServiceCommunities/read",
    ),
    key=community_key,
    properties=(
        text("serviceName", "properties.serviceName", "the service, and for those of Azure the region"),
        texts("communities", f"{_COMMUNITIES}.communityValue", "the marks: 12076:5010"),
        texts("regions", f"{_COMMUNITIES}.serviceSupportedRegion", "where the service is"),
        flag("isAuthorizedToUse", f"{_COMMUNITIES}.isAuthorizedToUse", "the subscription may take its routes"),
        whole(
            "prefixes",
            explained(
                f"`{_COMMUNITIES}.communityPrefixes[]`, how many",
                lambda answer: len(read(answer, f"{_COMMUNITIES}.communityPrefixes[]")),
            ),
            "how many address ranges stand behind them",
        ),
    ),
)

SERVICE = Service(name="BGP service communities", entity_types=(BGP_SERVICE_COMMUNITY,))
