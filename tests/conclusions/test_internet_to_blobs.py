"""Which containers of blobs anyone on the Internet may read, on the real database."""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from tests.services.loading import SUBSCRIPTION, load

pytestmark = pytest.mark.graph

ACCOUNT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/shop"


@pytest.mark.parametrize(
    ("account", "access", "expected"),
    [
        ({"allowBlobPublicAccess": True}, "Blob", True),
        ({"allowBlobPublicAccess": True}, "Container", True),
        ({"allowBlobPublicAccess": True}, "None", False),
        ({"allowBlobPublicAccess": True, "publicNetworkAccess": "Disabled"}, "Blob", False),
        ({"allowBlobPublicAccess": False}, "Blob", False),
        ({"creationTime": "2019-05-01T00:00:00Z"}, "Blob", True),
        ({"creationTime": "2024-05-01T00:00:00Z"}, "Blob", False),
    ],
)
def test_an_open_container_is_reached_where_its_account_allows_it(
    database: Database, account: dict[str, Any], access: str, expected: bool
) -> None:
    properties = {"creationTime": "2024-01-01T00:00:00Z", "networkAcls": {"defaultAction": "Allow"}, **account}
    container = {
        "@parent": {"id": ACCOUNT},
        "id": f"{ACCOUNT}/blobServices/default/containers/pictures",
        "name": "pictures",
        "properties": {"publicAccess": access},
    }
    load(
        database,
        azure_storage_account=[{"id": ACCOUNT, "name": "shop", "kind": "StorageV2", "properties": properties}],
        azure_storage_container=[container],
    )
    found = database.read(
        "MATCH (:internet)-[way:REACHES]->(:azure_storage_container) RETURN way.anonymous AS anonymous"
    )
    assert [row["anonymous"] for row in found] == ([True] if expected else [])
