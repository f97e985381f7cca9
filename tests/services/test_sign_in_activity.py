"""The list with sign-in activity takes its own size of page: Microsoft Graph gives 500 users with it, 999 without."""

from __future__ import annotations

import pytest

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.model import Graph
from loader.services.identity.entra_users import USER
from loader.services.identity.sign_in_activity import SIGN_IN_ACTIVITY

_SIZES = (100, 500, 999)


@pytest.mark.parametrize(("fetch", "size"), [(SIGN_IN_ACTIVITY.fetch, 500), (USER.fetch, 999)])
async def test_the_page_is_as_large_as_graph_allows(fetch: Graph, size: int) -> None:
    fields = ",".join(fetch.select)
    recorded = [
        Exchange.of_json(
            f"https://graph.microsoft.com/v1.0/users?$select={fields}&$top={one}", {"value": [{"id": one}]}
        )
        for one in _SIZES
    ]
    async with sessions.exchanges(recorded) as session:
        pages = [page async for page in session.pages(fetch, subscription=None, parent=None)]
    assert pages == [[{"id": size}]]
