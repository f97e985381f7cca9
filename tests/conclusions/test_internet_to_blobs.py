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


@pytest.mark.parametrize(
    ("mode", "access", "let_in", "expected"),
    [
        ("Enforced", "Enabled", "203.0.113.0/24", 0.0),
        ("Enforced", "Enabled", "0.0.0.0/0", 1.0),
        ("Enforced", "Disabled", "0.0.0.0/0", 1.0),
        ("Learning", "Enabled", "203.0.113.0/24", 1.0),
        ("Enforced", "Enabled", "", None),
    ],
)
def test_in_an_enforced_perimeter_its_rules_alone_let_anybody_to_blobs(
    database: Database, mode: str, access: str, let_in: str, expected: float | None
) -> None:
    """https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition"""
    perimeter = f"{ACCOUNT.partition('/Microsoft.Storage')[0]}/Microsoft.Network/networkSecurityPerimeters/wall"
    profile = {"@parent": {"id": perimeter}, "id": f"{perimeter}/profiles/p", "name": "p", "properties": {}}
    ends = {"privateLinkResource": {"id": ACCOUNT}, "profile": {"id": f"{perimeter}/profiles/p"}}
    rule = {"direction": "Inbound", "addressPrefixes": [let_in] if let_in else []}
    said = {"allowBlobPublicAccess": True, "publicNetworkAccess": access, "networkAcls": {"defaultAction": "Allow"}}
    container = f"{ACCOUNT}/blobServices/default/containers/pictures"
    load(
        database,
        azure_storage_account=[{"id": ACCOUNT, "name": "shop", "kind": "StorageV2", "properties": said}],
        azure_storage_container=[
            {"@parent": {"id": ACCOUNT}, "id": container, "name": "pictures", "properties": {"publicAccess": "Blob"}}
        ],
        azure_network_security_perimeter=[{"id": perimeter, "name": "wall", "properties": {}}],
        azure_network_security_perimeter_profile=[profile],
        azure_network_security_perimeter_association=[
            {
                "@parent": {"id": perimeter},
                "id": f"{perimeter}/resourceAssociations/a",
                "name": "a",
                "properties": {"accessMode": mode, **ends},
            }
        ],
        azure_network_security_perimeter_rule=[
            {
                "@parent": {"id": f"{perimeter}/profiles/p"},
                "id": f"{perimeter}/profiles/p/accessRules/in",
                "name": "in",
                "properties": rule,
            }
        ],
    )
    found = database.read(
        "MATCH (:internet)-[way:REACHES]->(:azure_storage_container) RETURN way.internetShare AS share"
    )
    assert [row["share"] for row in found] == ([] if expected is None else [pytest.approx(expected, abs=1e-6)])
