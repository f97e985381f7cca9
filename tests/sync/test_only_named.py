"""A subscription that a replay knows by its id alone, since its list was refused: what is stored of it stays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.graph import Database
from loader.model import Json
from loader.sync import Options, Summary, sync
from tests.e2e.support import changes

pytestmark = pytest.mark.graph

ARM = "https://management.azure.com"
SUB = "/subscriptions/c0ffee00-0000-4000-8000-00000000000a"
TENANT, FABRIKAM = "7c9f0a52-1111-4222-8333-444455556666", "7c9f0a52-1111-4222-8333-444455557777"
ORGANIZATION = Exchange.of_json(
    "https://graph.microsoft.com/v1.0/organization", {"value": [{"id": TENANT, "displayName": "Contoso"}]}
)
GROUPS = Exchange.of_json(
    f"{ARM}{SUB}/resourcegroups", {"value": [{"id": f"{SUB}/resourceGroups/shop", "name": "shop"}]}
)
REFUSED = Exchange.of_json(f"{ARM}/subscriptions", {"error": {"code": "AuthorizationFailed"}}, status=403)
TOLD = {
    "id": SUB,
    "subscriptionId": SUB.rpartition("/")[2],
    "displayName": "Contoso Prod",
    "tenantId": FABRIKAM,
    "managedByTenants": [{"tenantId": TENANT}],
    "state": "Enabled",
    "tags": {"owner": "ada"},
}
ASKED = "MATCH (s:azure_subscription) OPTIONAL MATCH (s)<-[:HAS]-(t) RETURN s {.*} AS it, collect(t._key) AS tenants"


def run(database: Database, *recorded: Exchange) -> Summary:
    async def loaded() -> Summary:
        async with sessions.exchanges([ORGANIZATION, GROUPS, *recorded]) as session:
            only = ["azure_subscription", "azure_resource_group"]
            return await sync(session, database, Options(only=only), lambda _step: None)

    return asyncio.run(loaded())


def listed(**differently: Any) -> Exchange:
    return Exchange.of_json(f"{ARM}/subscriptions", {"value": [TOLD | differently]})


def stored(database: Database) -> Json:
    [row] = database.read(ASKED)
    own = {name: value for name, value in row["it"].items() if not name.startswith("_")}
    return own | {"tenants": row["tenants"]}


def test_what_is_stored_of_it_stays(database: Database) -> None:
    assert run(database, listed()).status == "complete"
    before = stored(database)
    assert (before["displayName"], before["tag.owner"], before["tenants"]) == ("Contoso Prod", "ada", [FABRIKAM])
    assert run(database, REFUSED).status == "partial"
    assert stored(database) == before
    assert run(database, listed(displayName="Contoso Production")).status == "complete"
    assert [one for one in changes(database) if one[0] == "updated"] == [
        ("updated", SUB, "displayName"),
        ("updated", SUB, "name"),
    ]


def test_one_that_was_never_told_is_called_by_its_id_and_its_name_is_no_change(database: Database) -> None:
    run(database, REFUSED)
    named = stored(database)
    assert named["name"] == SUB.rpartition("/")[2]
    assert "Contoso" not in named["displayName"]
    run(database, REFUSED)
    assert stored(database) == named
    run(database, listed())
    assert stored(database)["displayName"] == "Contoso Prod"
    assert [one for one in changes(database) if "isplayName" in str(one)] == []
