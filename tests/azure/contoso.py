"""Calls and exchanges about an invented company, in Azure's wire shape, that the tests of this room share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loader.azure.session import AzureSession
from loader.azure.transport.wire import Exchange
from loader.model import Arm, Call, Graph, Json

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com/v1.0"
TENANT = "7c9f0a52-1111-4222-8333-444455556666"
SUB = "11111111-2222-4333-8444-555555555555"

NETWORK = "azure.mgmt.network.aio:NetworkManagementClient"
VNETS = f"{ARM}/subscriptions/{SUB}/providers/Microsoft.Network/virtualNetworks"


def arm(client: str, operation: str, **more: Any) -> Arm:
    return Arm(client=client, operation=operation, permission="Microsoft.Contoso/things/read", **more)


LIST_VNETS = arm(NETWORK, "virtual_networks.list_all")
LIST_USERS = Graph(builder="users", permission="User.Read.All", select=("id", "displayName"))


def subscriptions() -> Exchange:
    listed = {"id": f"/subscriptions/{SUB}", "subscriptionId": SUB, "displayName": "Contoso", "tenantId": TENANT}
    return Exchange.of_json(f"{ARM}/subscriptions?api-version=2022-12-01", {"value": [listed]})


def vnet(name: str, **properties: Any) -> Json:
    return {
        "id": f"/subscriptions/{SUB}/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/{name}",
        "name": name,
        "type": "Microsoft.Network/virtualNetworks",
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded", **properties},
    }


def two_pages() -> list[Exchange]:
    """The subscriptions, and virtual networks on two pages with an empty one in between."""
    return [
        subscriptions(),
        Exchange.of_json(
            f"{VNETS}?api-version=2019-12-01",
            {"value": [vnet("one")], "nextLink": f"{VNETS}?api-version=2019-12-01&$skiptoken=a"},
        ),
        Exchange.of_json(
            f"{VNETS}?api-version=2019-12-01&$skiptoken=a",
            {"value": [], "nextLink": f"{VNETS}?api-version=2019-12-01&$skiptoken=b"},
        ),
        Exchange.of_json(f"{VNETS}?api-version=2019-12-01&$skiptoken=b", {"value": [vnet("two")], "nextLink": ""}),
    ]


def text_of(folder: Path) -> str:
    """All that was written into a folder."""
    return "".join(path.read_text() for path in sorted(folder.iterdir()))


async def names(session: AzureSession, call: Call = LIST_VNETS, parent: Json | None = None) -> list[list[str]]:
    """The names of what `call` gives, page by page."""
    return [
        [str(item.get("name") or item.get("displayName")) for item in page]
        async for page in session.pages(call, subscription=SUB, parent=parent)
    ]
