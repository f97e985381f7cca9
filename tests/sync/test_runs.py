"""Whole runs over two small subscriptions: what one no longer sees, may no longer read, or is told late, is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.errors import UsageError
from loader.graph import Database
from loader.model import Json, Quiet, Status
from loader.sync import Options, Summary, sync
from tests.e2e.support import changes, dump

pytestmark = pytest.mark.graph

ARM = "https://management.azure.com"
HERE, THERE = "c0ffee00-0000-4000-8000-00000000000a", "c0ffee00-0000-4000-8000-00000000000b"
TENANT = "7c9f0a52-1111-4222-8333-444455556666"
TYPES = ("azure_resource_group", "azure_role_definition")
ROLES = {HERE: ("reader",), THERE: ("reader", "of-there-only")}


@pytest.fixture(autouse=True)
def _nothing_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derivations are held elsewhere, and take most of the time of so small a run."""
    monkeypatch.setattr("loader.sync.run.derivations", lambda: ())
    monkeypatch.setattr("loader.sync.run.namings", lambda: ())


def listed(*subscriptions: str, state: str = "Enabled") -> Exchange:
    value = [
        {
            "id": f"/subscriptions/{one}",
            "subscriptionId": one,
            "displayName": one[-1],
            "tenantId": TENANT,
            "state": state,
        }
        for one in subscriptions
    ]
    return Exchange.of_json(f"{ARM}/subscriptions", {"value": value})


def answer(subscription: str, path: str, value: Any, status: int = 200) -> Exchange:
    body = {"value": value} if status == 200 else {"error": {"code": "AuthorizationFailed", "message": "no"}}
    return Exchange.of_json(f"{ARM}/subscriptions/{subscription}/{path}", body, status=status)


def group(subscription: str, number: int) -> Json:
    return {"id": f"/subscriptions/{subscription}/resourceGroups/g-{number}", "name": f"g-{number}"}


def role(name: str) -> Json:
    properties = {"roleName": name, "type": "BuiltInRole", "assignableScopes": ["/"], "permissions": []}
    path = f"/providers/Microsoft.Authorization/roleDefinitions/{name}"
    return {"id": path, "name": name, "properties": properties}


def of(subscription: str, *, groups: int = 3, status: int = 200, roles: Iterable[str] | None = None) -> list[Exchange]:
    """What a subscription answers: its resource groups, and the roles that it lists."""
    known = [role(name) for name in (ROLES[subscription] if roles is None else roles)]
    return [
        answer(subscription, "resourcegroups", [group(subscription, number) for number in range(groups)], status),
        answer(subscription, "providers/Microsoft.Authorization/roleDefinitions", known, status),
    ]


# Without it a recording of no subscription is of an unknown tenant.
ORGANIZATION = Exchange.of_json("https://graph.microsoft.com/v1.0/organization", {"value": [{"id": TENANT}]})
BOTH = [listed(HERE, THERE), *of(HERE), *of(THERE)]


def run(
    database: Database, answers: Iterable[Exchange], *, at: str = "", only: Sequence[str] = TYPES, **options: Any
) -> Summary:
    async def work() -> Summary:
        async with sessions.exchanges([replace(one, at=at) for one in answers]) as session:
            return await sync(session, database, Options(only=only, **options), lambda _step: None)

    return asyncio.run(work())


def keys(database: Database) -> set[str]:
    return set(dump(database).nodes)


def test_an_invisible_subscription_keeps_all_that_only_it_listed(database: Database) -> None:
    assert run(database, BOTH).status == "complete"
    before = keys(database)
    assert "/providers/microsoft.authorization/roledefinitions/of-there-only" in before
    fewer = [listed(HERE), *of(HERE)]
    kept = run(database, fewer)
    assert (kept.status, keys(database), changes(database)) == ("partial", before, [])
    assert any(THERE in note and "--accept-deletions" in note for note in kept.notes)
    gone = run(database, fewer, accept_deletions=True)
    assert gone.status == "complete"
    left = keys(database)
    assert not [key for key in left if THERE in key or key.endswith("of-there-only")]
    assert f"/subscriptions/{HERE}/resourcegroups/g-0" in left


@pytest.mark.parametrize("accept", [False, True])
def test_a_list_of_subscriptions_that_failed_says_nothing_of_who_is_gone(database: Database, accept: bool) -> None:
    run(database, BOTH)
    before = keys(database)
    refused = Exchange.of_json(f"{ARM}/subscriptions", {"error": {"code": "AuthorizationFailed"}}, status=403)
    told = run(database, [refused, ORGANIZATION, *of(HERE)], accept_deletions=accept)
    assert (told.status, keys(database)) == ("partial", before)
    assert "deleted" not in {op for op, *_ in changes(database)}


def test_an_empty_list_of_subscriptions_takes_nothing(database: Database) -> None:
    run(database, BOTH)
    before = keys(database)
    told = run(database, [listed(), ORGANIZATION])
    assert (told.status, keys(database), changes(database)) == ("failed", before, [])
    assert any(HERE in note and THERE in note for note in told.notes)


@pytest.mark.parametrize("names", [(HERE,), (HERE, HERE), (HERE, HERE.upper()), (HERE, "a"), ("a", "A")])
def test_some_subscriptions_are_not_all_however_often_they_are_named(database: Database, names: tuple[str]) -> None:
    run(database, BOTH)
    before = keys(database)
    told = run(database, BOTH, subscriptions=names)
    assert (keys(database), changes(database)) == (before, [])
    assert len([step for step in told.steps if step.name == "azure_resource_group"]) == 1


def test_what_no_subscription_lists_any_more_is_gone_though_nothing_else_of_its_type_is_shared(
    database: Database,
) -> None:
    run(database, BOTH)
    refused = [listed(HERE, THERE), *of(HERE, status=403), *of(THERE, status=403)]
    before = keys(database)
    assert (run(database, refused).status, keys(database)) == ("partial", before)
    shared = (
        "MATCH (s:SyncScope {step: 'azure_role_definition'}) WHERE s.area STARTS WITH 'shared' RETURN s.status AS how"
    )
    assert [row["how"] for row in database.read(shared)] == ["forbidden"]
    assert run(database, [listed(HERE, THERE), *of(HERE, roles=()), *of(THERE, roles=())]).status == "complete"
    assert [row["how"] for row in database.read(shared)] == ["complete"]
    assert not [key for key in keys(database) if "roledefinitions" in key]


def test_a_subscription_whose_rights_were_lost_loses_nothing(database: Database) -> None:
    run(database, BOTH)
    before = keys(database)
    rights = answer(THERE, "providers/Microsoft.Authorization/permissions", [])
    told = run(database, [listed(HERE, THERE), *of(HERE), *of(THERE, groups=0, roles=()), rights])
    assert told.status == "partial"
    ends = {step.name: step.status for step in told.steps if step.scope == THERE}
    assert ends["azure_resource_group"] is Status.FORBIDDEN
    assert (keys(database), changes(database)) == (before, [])


def test_a_disabled_subscription_that_refuses_everything_leaves_the_run_complete(database: Database) -> None:
    run(database, BOTH)
    before = keys(database)
    told = run(database, [listed(HERE, THERE, state="Disabled"), *of(HERE), *of(THERE, status=403)])
    assert told.status == "complete"
    steps = [step for step in told.steps if step.scope == THERE and not step.name.startswith("actors.")]
    assert {step.quiet for step in steps} == {Quiet.DISABLED}
    assert keys(database) == before
    (gap,) = Coverage.read(database, ["azure_resource_group"]).gaps(["azure_resource_group"], THERE)
    assert gap.disabled
    assert "kept" in gap.sentence


@pytest.mark.parametrize(("status", "quiet"), [(404, "gone"), (403, None)])
def test_a_detail_that_failed_for_one_resource_is_a_gap_of_that_one(
    database: Database, status: int, quiet: str | None
) -> None:
    name, detail = "azure_storage_account", "azure_storage_account.blobServices"
    there = "resourceGroups/g-0/providers/Microsoft.Storage/storageAccounts"
    accounts = [{"id": f"/subscriptions/{HERE}/{there}/{one}", "name": one, "properties": {}} for one in ("a", "b")]
    services = [
        Exchange.of_json(
            f"{ARM}/subscriptions/{HERE}/{there}/{one}/{kind}Services/default", {"name": "default", "properties": {}}
        )
        for one in ("a", "b")
        for kind in ("blob", "file")
    ]
    failure = {"error": {"code": "ResourceNotFound" if quiet else "AuthorizationFailed", "message": "no"}}
    services[2] = Exchange.of_json(services[2].url, failure, status=status)
    told = run(
        database,
        [listed(HERE), answer(HERE, "providers/Microsoft.Storage/storageAccounts", accounts), *services],
        only=(name,),
    )
    (step,) = [step for step in told.steps if step.name == detail]
    assert (step.quiet, told.status) == (quiet, "complete" if quiet else "partial")
    (gap,) = Coverage.read(database, [name, detail]).gaps([name, detail], HERE)
    group = f"/subscriptions/{HERE}/resourcegroups/g-0"
    keys_of = {one: f"/subscriptions/{HERE}/{there}/{one}".lower() for one in ("a", "b")}
    assert gap.touches((name,), keys_of["b"], group)
    assert not gap.touches((name,), keys_of["a"], group)


def test_older_answers_are_refused_until_they_are_accepted(database: Database) -> None:
    run(database, BOTH, at="2026-02-02T00:00:00Z")
    before = keys(database)
    with pytest.raises(UsageError, match=r"2026-01-01.*--accept-older"):
        run(database, [listed(HERE, THERE), *of(HERE, groups=2), *of(THERE)], at="2026-01-01T00:00:00Z")
    assert keys(database) == before
    old = [listed(HERE, THERE), *of(HERE, groups=2), *of(THERE)]
    assert run(database, old, at="2026-01-01T00:00:00Z", accept_older=True).changes["deleted"] == 1


@pytest.mark.parametrize(
    "there",
    [
        "CREATE (:Movie {title: 'x'})",
        "CREATE (:Entity {name: 'x'})",
        "CREATE (:SyncRun {id: 'x', seq: 1, tenant: 'another'})",
        "CREATE (:Entity:azure_account {_key: 'another', id: 'another'})",
        "CREATE ({title: 'no label'})",
    ],
)
def test_what_is_loaded_alone_is_not_mixed_into_anything(database: Database, there: str) -> None:
    """The demo, that is."""
    database.write(lambda transaction: transaction.run(there))
    with pytest.raises(UsageError, match="holds something else"):
        run(database, BOTH, only_alone=True)
    assert database.read("MATCH (n) RETURN count(n) AS n") == [{"n": 1}]


def test_what_is_loaded_alone_goes_into_its_own_graph_again(database: Database) -> None:
    run(database, BOTH, only_alone=True)
    assert run(database, BOTH, only_alone=True).status == "complete"
