"""Who administers a SQL server: users and groups by object id, applications by their application id."""

from __future__ import annotations

import pytest

from loader.graph import Database
from tests.services.loading import load

SERVERS = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g/providers/Microsoft.Sql/servers"
GROUP, APPLICATION = "bbbbbbbb-0000-4000-8000-000000000001", "dddddddd-0000-4000-8000-0000000000a1"


def administrator(server: str, kind: str, sid: str) -> dict[str, object]:
    parent = {"id": f"{SERVERS}/{server}", "properties": {"administrators": {"principalType": kind}}}
    identity = f"{SERVERS}/{server}/administrators/ActiveDirectory"
    return {"id": identity, "name": "ActiveDirectory", "properties": {"sid": sid}, "@parent": parent}


@pytest.mark.graph
def test_an_administrator_leads_to_the_principal_however_it_is_named(database: Database) -> None:
    principal = "dddddddd-0000-4000-8000-000000000001"
    load(
        database,
        azure_user_group=[{"id": GROUP, "displayName": "DBA"}],
        azure_service_principal=[
            {"id": principal, "appId": APPLICATION, "displayName": "importer"},
            {"id": "dddddddd-0000-4000-8000-000000000002", "appId": "another", "displayName": "another"},
        ],
        azure_sql_server_active_directory_admin=[
            administrator("one", "Group", GROUP.upper()),
            administrator("two", "Application", APPLICATION.upper()),
        ],
    )
    found = database.read(
        "MATCH (admin:azure_sql_server_active_directory_admin)-[:ASSIGNED]->(who) "
        "RETURN split(admin._key, '/')[8] AS server, who._type AS type, who._key AS who ORDER BY server"
    )
    assert found == [
        {"server": "one", "type": "azure_user_group", "who": GROUP},
        {"server": "two", "type": "azure_service_principal", "who": principal},
    ]
    assert database.read("MATCH (n:Entity) WHERE n._stub AND n._key = $key RETURN n", {"key": APPLICATION}) == []
