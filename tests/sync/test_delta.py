"""Lists of which Microsoft Graph tells the changes: what is read then, and when they are read whole all the same.

Against the simulated tenant over real sockets. The judge of each run is one that reads everything: it finds no change.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.azure.directory import GROUPS, USERS
from bench.azure.made import SIZES, Json, guid
from bench.azure.server import Play, Simulated
from bench.azure.world import World
from loader.azure import sessions
from loader.azure.settings import AzureSettings
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.wire import Exchange
from loader.graph import Database
from loader.services import entity_types
from loader.sync import Options, Summary, sync
from loader.sync.delta import as_stand_in, stand_in
from loader.sync.freshness import sign_of
from loader.sync.standing import Standing
from tests.sync.test_runs import _nothing_derived

pytestmark = pytest.mark.graph
__all__ = ["_nothing_derived"]

SIZE = SIZES["tiny"]
TYPES = ("azure_account", "azure_user", "azure_user_group", "azure_group_member", "azure_group_eligibility")
NOTHING = dict.fromkeys(("created", "updated", "deleted", "linked", "unlinked"), 0)


def user(number: int, **more: Any) -> Json:
    return {"id": guid(SIZE, "user", number), "displayName": f"Changed {number}", "accountEnabled": True, **more}


def group(number: int, **more: Any) -> Json:
    return {"id": guid(SIZE, "group", number), "displayName": f"Changed {number}", "securityEnabled": True, **more}


def member(answer: Json, kind: str = "user", **more: Any) -> Json:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": answer["id"], **more}


class Tenant:
    """The simulated tenant, and runs over it."""

    def __init__(self, database: Database) -> None:
        self.database, self.world = database, World(SIZE)
        self.world.prepare()

    def load(self, **options: Any) -> Summary:
        standing = Standing(full_read_every=options.pop("every", 10))
        settings = AzureSettings.from_environment(os.environ)
        settings = replace(settings, retry=RetryPolicy(tries=2, first_wait=0.01, longest_wait=0.02, total_wait=60))
        chosen = Options(only=options.pop("only", TYPES), standing=standing, actors=False, **options)

        async def run() -> Summary:
            async with sessions.live(settings) as session:
                return await sync(session, self.database, chosen, lambda _step: None)

        return asyncio.run(run())

    def is_right(self) -> bool:
        """Whether a run that reads everything finds nothing else than what the graph has."""
        return self.load(fresh=True).changes == NOTHING

    def changed(self, summary: Summary) -> list[str]:
        """The keys of what a run changed."""
        query = "MATCH (c:Change)<-[:RECORDED]-(r:SyncRun {id: $run}) RETURN DISTINCT c.entityKey AS key ORDER BY key"
        rows = self.database.read(query, {"run": summary.run})
        return [row["key"] for row in rows]

    def links(self) -> list[dict[str, str]]:
        """The reading of each list."""
        return self.database.read("MATCH (r:SyncReading) RETURN r.step AS step, r.link AS link ORDER BY step")


@pytest.fixture
def tenant(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    found = Tenant(database)
    with Simulated(found.world, Play(buckets=False)) as azure:
        environment = {**azure.environment, "HTTPS_PROXY": azure.proxied_environment["HTTPS_PROXY"]}
        for name, value in {**environment, "NO_PROXY": "localhost"}.items():
            monkeypatch.setenv(name, value)
        assert found.load().status == "complete"
        yield found


def calls(summary: Summary) -> dict[str, int]:
    return {one.name: one.calls for one in summary.steps if one.calls}


def entities(summary: Summary) -> dict[str, int]:
    return {one.name: one.entities for one in summary.steps if one.name in TYPES}


def test_what_has_not_changed_is_not_read(tenant: Tenant) -> None:
    whole = tenant.load(fresh=True)
    told = tenant.load()
    assert (told.status, told.changes) == ("complete", NOTHING)
    assert (calls(told)["azure_user"], calls(told)["azure_user_group"]) == (1, 1)
    # What is listed for each group is listed for those that were not read too.
    assert calls(told)["azure_group_eligibility"] == calls(whole)["azure_group_eligibility"] == SIZE.groups
    assert entities(told) == entities(whole)
    assert [one["step"] for one in tenant.links()] == ["azure_user/delta", "azure_user_group/delta"]


def test_what_has_changed_is_read_as_the_list_answers_it(tenant: Tenant) -> None:
    tenant.world.change(USERS, guid(SIZE, "user", 0), user(0, department="Sales"))
    tenant.world.change(USERS, guid(SIZE, "user", 1), None)
    new = user(99, userType="Guest")
    tenant.world.change(USERS, new["id"], new)
    tenant.world.change(GROUPS, guid(SIZE, "group", 0), group(0), members=[member(new)], owners=[member(user(0))])
    tenant.world.change(GROUPS, guid(SIZE, "group", 1), None)
    told = tenant.load()
    assert told.status == "complete"
    assert (calls(told)["azure_user"], calls(told)["azure_user_group"]) == (2, 2)
    assert told.changes["created"] >= 1
    assert told.changes["deleted"] == 2
    assert tenant.database.read(
        "MATCH (g:azure_user_group {displayName: 'Changed 0'})-[:HAS]->(n) RETURN n.id AS id"
    ) == [{"id": new["id"]}]
    assert tenant.is_right()
    assert tenant.load().changes == NOTHING


def test_one_that_changed_and_went_is_gone(tenant: Tenant) -> None:
    tenant.world.change(USERS, guid(SIZE, "user", 3), user(3))
    tenant.world.change(USERS, guid(SIZE, "user", 3), None)
    assert tenant.load().changes["deleted"] == 1
    assert tenant.is_right()


def test_after_an_expired_address_the_list_is_read_whole(tenant: Tenant) -> None:
    tenant.world.change(USERS, guid(SIZE, "user", 0), user(0))
    tenant.load()
    tenant.world.change(USERS, guid(SIZE, "user", 1), user(1))
    tenant.world.changes.clear()
    told = tenant.load()
    assert (told.status, tenant.changed(told)) == ("complete", [guid(SIZE, "user", 1)])
    # The query, whose tenant it is, an address to begin anew, the list.
    assert calls(told)["azure_user"] == 4
    assert tenant.is_right()
    assert calls(tenant.load())["azure_user"] == 1


def test_an_address_that_leads_elsewhere_is_not_asked(tenant: Tenant) -> None:
    tenant.database.write(
        lambda run: run.run("MATCH (r:SyncReading) SET r.link = 'https://127.0.0.2/v1.0/users/delta?$deltatoken=0'")
    )
    told = tenant.load()
    assert (told.status, told.changes) == ("complete", NOTHING)
    assert all("127.0.0.2" not in one["link"] for one in tenant.links()), "the lists were read, and new ones noted"


def test_nothing_is_deleted_on_the_word_of_a_query_that_broke_off(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, whole = tenant.links(), tenant.world._delta
    there = guid(SIZE, "user", 2)

    def cut(url: str, path: str, query: dict[str, str]) -> Exchange | None:
        if "$skiptoken" in query:
            return Exchange.of_json(url, {"error": {"code": "Forbidden", "message": "no"}}, status=403)
        if query.get("$deltatoken") == "latest":
            return None
        found = whole(url, path, query)
        assert found is not None
        told = json.loads(found.body)
        told["value"] = [{"id": there, "@removed": {"reason": "deleted"}}]
        told["@odata.nextLink"] = told.pop("@odata.deltaLink").replace("$deltatoken", "$skiptoken")
        return Exchange.of_json(url, told)

    tenant.world.change(USERS, guid(SIZE, "user", 0), user(0))
    with monkeypatch.context() as patch:
        patch.setattr(tenant.world, "_delta", cut)
        told = tenant.load()
    assert (told.status, tenant.changed(told)) == ("complete", [guid(SIZE, "user", 0)])
    # Nothing better is known than what was noted before: it tells again what changed since then.
    assert tenant.links() == before
    again = tenant.load()
    assert (again.changes, calls(again)["azure_user"]) == (NOTHING, 2)
    assert tenant.is_right()


@pytest.mark.first_neo4j
def test_a_list_is_read_whole_once_in_so_many_runs(tenant: Tenant) -> None:
    # Reading whole is two more calls here: an address to begin from, and the page.
    assert [calls(tenant.load(every=3)).get("azure_user_group.expandedOwners", 0) for _ in range(5)] == [0, 0, 1, 0, 0]
    assert [calls(tenant.load(every=1))["azure_user_group.expandedOwners"] for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(
    "lost",
    [
        "MATCH (n:azure_user) WITH n LIMIT 1 DETACH DELETE n",
        "MATCH (r:SyncReading) DETACH DELETE r",
        "MATCH (r:SyncReading) SET r.schema = 'another'",
    ],
)
def test_a_list_is_read_whole_where_the_graph_is_not_what_was_read(tenant: Tenant, lost: str) -> None:
    tenant.database.write(lambda transaction: transaction.run(lost))
    tenant.load()
    assert tenant.is_right()


def test_a_run_of_a_part_of_it_notes_nothing(tenant: Tenant) -> None:
    """Who does not load the devices in groups must not leave them behind either."""
    before = tenant.links()
    device = member({"id": guid(SIZE, "device", 0)}, "device", displayName="laptop")
    tenant.world.change(GROUPS, guid(SIZE, "group", 0), group(0), members=[device])
    assert calls(tenant.load(only=("azure_user_group",)))["azure_user_group.expandedOwners"] == 1
    assert tenant.links() == before
    assert tenant.load().changes["created"] == 1
    assert tenant.is_right()


def test_what_no_delta_tells_is_read_each_time(tenant: Tenant) -> None:
    """The changes of devices in a group are none of the group."""
    laptop = guid(SIZE, "device", 0)
    for name in ("laptop", "tablet"):
        device = member({"id": laptop}, "device", displayName=name)
        if name == "laptop":
            tenant.world.change(GROUPS, guid(SIZE, "group", 0), group(0), members=[device])
        else:
            tenant.world._directory.lists[f"{GROUPS}/{guid(SIZE, 'group', 0)}/members"] = [device]
        tenant.load()
        assert tenant.database.read("MATCH (n:azure_group_member) RETURN n.displayName AS name") == [{"name": name}]
    assert tenant.is_right()


def test_who_pointed_at_what_is_gone_is_read_in_the_next_run(tenant: Tenant) -> None:
    """Where Microsoft Graph tells that a user is gone, and of the groups that had it nothing."""
    gone, lists = guid(SIZE, "user", 0), tenant.world._directory.lists
    assert tenant.database.read("MATCH (:azure_user_group)-[:HAS]->(u {id: $id}) RETURN u LIMIT 1", {"id": gone})
    for path in [one for one in lists if one.endswith("/members")]:
        lists[path] = [one for one in lists[path] if one["id"] != gone]
    tenant.world.change(USERS, gone, None)
    assert tenant.load().changes["deleted"] == 1
    assert tenant.load().changes["unlinked"] >= 1
    assert tenant.database.read("MATCH (u:Entity {id: $id}) RETURN u", {"id": gone}) == []
    assert tenant.is_right()


def test_what_stands_in_for_a_group_tells_what_is_asked_of_it() -> None:
    one = entity_types()["azure_user_group"]
    stored = {"_key": "g", "id": "G", "securityEnabled": True, "groupTypes": ["Unified"], "memberCount": 3}
    assert stand_in(one, stored) == {
        "id": "G", "@key": "g", "@unchanged": True, "securityEnabled": True, "groupTypes": ["Unified"],
    }  # fmt: skip
    fetch = entity_types()["azure_group_eligibility"].fetch
    assert fetch is not None
    for answer in (stored, {**stored, "securityEnabled": False}, {**stored, "onPremisesSyncEnabled": True}):
        assert fetch.when(stand_in(one, answer)) == fetch.when(answer)  # type: ignore[union-attr, misc]


def test_of_a_group_that_is_read_no_more_is_kept_than_what_would_stand_in_for_it() -> None:
    one = entity_types()["azure_user_group"]
    told = {"id": "G", "securityEnabled": True, "groupTypes": ["Unified"], "@key": "g", "@tenant": "t"}
    answer = {**told, "members": [{"id": "M"}], "$owners": {"value": []}, "unheardOf": 1}
    assert as_stand_in(one, answer) == {**told, "@sign": sign_of(answer)}


def test_what_has_no_delta_query_is_kept_whole() -> None:
    answer = {"id": "A", "requiredResourceAccess": [{}]}
    assert as_stand_in(entity_types()["azure_application"], answer) is answer
