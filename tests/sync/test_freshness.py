"""Details that may be older than the run: what is read again all the same, what is kept, and how its age is told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.errors import UsageError
from loader.graph import Database
from loader.model import Json, Status
from loader.services import entity_types
from loader.services.refreshable import refreshable
from loader.sync import Summary
from loader.sync.delta import as_stand_in
from loader.sync.freshness import sign_of, spans_of
from loader.sync.standing import Standing
from tests.e2e.support import changes, dump
from tests.sync.test_runs import ARM, HERE, _nothing_derived, answer, keys, listed, run

pytestmark = pytest.mark.graph
__all__ = ["_nothing_derived"]

DAY = timedelta(hours=24)
TYPES = ("azure_resource", "azure_storage_account", "azure_storage_container", "azure_storage_queue")
LISTS = ("azure_storage_container", "azure_storage_queue")
DETAIL = "azure_storage_account.blobServices"
AGES = {**dict.fromkeys(LISTS, DAY), DETAIL: DAY}
STORAGE = f"/subscriptions/{HERE}/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts"


def account(name: str, **properties: Any) -> Json:
    return {
        "id": f"{STORAGE}/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts",
        "kind": "StorageV2",
        "location": "westeurope",
        "properties": {"supportsHttpsTrafficOnly": True, **properties},
    }


def tenant(
    *accounts: Json,
    asked: tuple[str, ...] = ("one", "two"),
    containers: tuple[str, ...] = ("one",),
    changed: str = "",
) -> list[Exchange]:
    """Storage accounts. asked: those whose parts are answered too; whoever asks for others' meets nothing. changed: one
    of which the inventory tells a later change.
    """
    swept = [{**one, "changedTime": f"2026-0{1 + (one['name'] == changed)}-01T00:00:00Z"} for one in accounts]
    found = [
        listed(HERE),
        answer(HERE, "providers/Microsoft.Authorization/permissions", [{"actions": ["*/read"], "notActions": []}]),
        answer(HERE, "resources", swept),
        answer(HERE, "providers/Microsoft.Storage/storageAccounts", [*accounts]),
    ]
    for one in accounts:
        url = f"{ARM}{one['id']}"
        # Is read in each run.
        found.append(Exchange.of_json(f"{url}/fileServices/default", {"id": f"{one['id']}/fileServices/default"}))
        if one["name"] not in asked:
            continue
        held = [{"id": f"{one['id']}/blobServices/default/containers/{name}", "name": name} for name in containers]
        queue = {"id": f"{one['id']}/queueServices/default/queues/orders", "name": "orders"}
        kept = {"properties": {"deleteRetentionPolicy": {"enabled": True, "days": len(containers)}}}
        found += [
            Exchange.of_json(f"{url}/blobServices/default/containers", {"value": held}),
            Exchange.of_json(f"{url}/blobServices/default", {"id": f"{one['id']}/blobServices/default", **kept}),
            Exchange.of_json(f"{url}/queueServices/default/queues", {"value": [queue]}),
        ]
    return found


def ran(database: Database, answers: list[Exchange], hour: int, **options: Any) -> Summary:
    moment = f"2026-05-{1 + hour // 24:02}T{hour % 24:02}:00:00+00:00"
    standing = Standing(freshness=options.pop("ages", AGES))
    return run(database, answers, at=moment, only=options.pop("only", TYPES), standing=standing, **options)


def calls(summary: Summary) -> dict[str, int]:
    return {one.name: one.calls for one in summary.steps if one.name in AGES}


def older(database: Database) -> dict[str, tuple[int, datetime]]:
    rows = database.read(
        "MATCH (s:SyncScope) WHERE s.olderAt IS NOT NULL RETURN s.step AS step, s.older AS count, s.olderAt AS at"
    )
    return {row["step"]: (row["count"], row["at"]) for row in rows}


def wrote(database: Database, cypher: str) -> None:
    database.write(lambda transaction: transaction.run(cypher))


NOTHING, ALL = dict.fromkeys(AGES, 0), dict.fromkeys(AGES, 2)


@pytest.fixture
def loaded(database: Database) -> Database:
    """Two accounts, read whole in hour 0."""
    first = ran(database, tenant(account("one"), account("two")), 0)
    assert [one for one in first.steps if not one.outcome.accounted] == []
    assert (first.status, calls(first), older(database)) == ("complete", ALL, {})
    return database


def test_what_is_a_few_hours_old_is_not_asked_and_tells_its_age(loaded: Database) -> None:
    before = dump(loaded)
    # Nothing is there to answer: whoever asked would end as unavailable.
    told = ran(loaded, tenant(account("one"), account("two"), asked=()), 23)
    assert (told.status, calls(told)) == ("complete", NOTHING)
    assert (dump(loaded), changes(loaded)) == (before, [])
    assert {step: count for step, (count, _) in older(loaded).items()} == dict.fromkeys(AGES, 2)
    assert {f"{at:%d %H}" for _, at in older(loaded).values()} == {"01 00"}
    assert any("as of 2026-05-01 00:00 UTC" in note for note in told.notes)
    assert told.as_json()["steps"]
    coverage = Coverage.read(loaded)
    assert not coverage.gaps(LISTS, HERE)
    sentences = coverage.told_older([*LISTS, DETAIL], HERE)
    assert len(sentences) == 3
    assert all("as of 2026-05-01 00:00 UTC" in one for one in sentences)
    # A day later all of it is read, and nothing is old any more.
    after = ran(loaded, tenant(account("one"), account("two")), 24)
    assert (calls(after), older(loaded), dump(loaded)) == (ALL, {}, before)


@pytest.mark.parametrize("how", ["its own answer", "the inventory"])
def test_what_changed_is_read_at_once_and_the_rest_is_kept(loaded: Database, how: str) -> None:
    # The inventory is some minutes late, or tells of what no answer has.
    one = account("one", supportsHttpsTrafficOnly=how != "its own answer")
    changed = "one" if how == "the inventory" else ""
    answers = tenant(one, account("two"), asked=("one",), containers=("other",), changed=changed)
    told = ran(loaded, answers, 2)
    assert (told.status, calls(told)) == ("complete", dict.fromkeys(AGES, 1))
    assert f"{one['id']}/blobServices/default/containers/other".lower() in keys(loaded)
    assert f"{one['id']}/blobServices/default/containers/one".lower() not in keys(loaded)
    assert f"{STORAGE}/two/blobServices/default/containers/one".lower() in keys(loaded)
    assert {count for count, _ in older(loaded).values()} == {1}
    deleted = {key for op, key, *_ in changes(loaded) if op == "deleted"}
    assert deleted == {f"{one['id']}/blobServices/default/containers/one".lower()}


def test_what_has_lost_its_parent_is_gone_and_nothing_else(loaded: Database) -> None:
    ran(loaded, tenant(account("one"), asked=()), 1)
    assert not [key for key in keys(loaded) if "/two" in key]
    assert f"{STORAGE}/one/blobServices/default/containers/one".lower() in keys(loaded)
    # It comes back within the day, and is read.
    back = ran(loaded, tenant(account("one"), account("two"), asked=("two",)), 2)
    assert (back.status, calls(back)) == ("complete", dict.fromkeys(AGES, 1))
    assert f"{STORAGE}/two/blobServices/default/containers/one".lower() in keys(loaded)


@pytest.mark.parametrize(
    "how", ["fresh", "accept", "taken out", "killed", "another mapping", "clock", "no longer said", "failed before"]
)
def test_it_is_read_where_what_was_noted_cannot_be_trusted(
    loaded: Database, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    both, options, hour = tenant(account("one"), account("two")), {}, 1
    if how == "fresh":
        options = {"fresh": True}
    elif how == "accept":
        options = {"accept_deletions": True}
    elif how == "taken out":
        for label in (*LISTS, "azure_storage_account"):
            wrote(loaded, f"MATCH (n:{label}) DETACH DELETE n")
    elif how == "killed":
        wrote(loaded, "MATCH (r:SyncRun) SET r.linksPending = true")
    elif how == "another mapping":
        monkeypatch.setattr("loader.graph.run.version_of", lambda *_: "another0")
    elif how == "clock":
        hour, options = -1, {"accept_older": True}
    elif how == "no longer said":
        options = {"ages": {}}
    elif how == "failed before":
        refused = [
            Exchange("GET", one.url, 403, {}, '{"error": {"code": "AuthorizationFailed"}}')
            if one.url.endswith(("containers", "queues", "blobServices/default"))
            else one
            for one in both
        ]
        assert ran(loaded, refused, 30).status == "partial"
        hour = 31
    told = ran(loaded, both, hour, **options)
    assert (calls(told), older(loaded)) == (ALL, {})
    noted = loaded.read("MATCH (r:SyncReading) RETURN count(r) AS count")[0]["count"]
    assert noted == (0 if how == "no longer said" else 6)


def test_a_run_that_is_broken_off_notes_nothing(loaded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("loader.graph.run.Run.derive", killed)
        with pytest.raises(KeyboardInterrupt):
            ran(loaded, tenant(account("one"), account("two"), containers=("later",)), 25)
    rows = loaded.read("MATCH (r:SyncReading) RETURN DISTINCT r.at AS at")
    assert [f"{row['at']:%d %H}" for row in rows] == ["01 00"]


def test_only_what_costs_a_call_each_and_has_nothing_below_it_may_be_older() -> None:
    assert {*LISTS, DETAIL, "azure_user_group.members", "azure_keyvault_secret"} <= refreshable().keys()
    # Something is fetched for them; or they are one list for many.
    for name in (
        "azure_event_hub",
        "azure_storage_account",
        "azure_user",
        "azure_vm.states",
        "azure_policy_definition",
    ):
        assert name not in refreshable()
        with pytest.raises(UsageError, match="is read in each run"):
            spans_of({name: DAY})
    with pytest.raises(UsageError, match="name both"):
        spans_of({"azure_user_group.members": DAY})
    shared = spans_of({"azure_user_group.members": DAY, "azure_user_group.servicePrincipals": timedelta(hours=1)})
    assert set(shared.values()) == {timedelta(hours=1)}
    assert spans_of({"all": DAY}) == dict.fromkeys(refreshable(), DAY)
    assert spans_of({"all": DAY, DETAIL: timedelta(hours=1)})[DETAIL] == timedelta(hours=1)
    with pytest.raises(UsageError, match="Perhaps: azure_diagnostic_setting"):
        spans_of({"azure_diagnostic_settings": DAY})


def test_what_stands_in_for_a_groups_answer_has_the_sign_of_all_of_it() -> None:
    """Who is in it is not kept in memory, and tells all the same that what is listed for it may be another one."""
    group = {"id": "1", "displayName": "admins", "members": [{"id": "ada"}]}
    declared = entity_types()["azure_user_group"]
    kept = as_stand_in(declared, {**group, "@key": "1"})
    assert "members" not in kept
    assert sign_of(kept) == sign_of(group)
    assert sign_of(as_stand_in(declared, {**group, "members": [{"id": "eve"}]})) != sign_of(kept)


def test_every_status_is_told(loaded: Database) -> None:
    told = ran(loaded, tenant(account("one"), account("two"), asked=()), 1)
    kept = {one.name: one for one in told.steps if one.older.count}
    assert {one.status for one in kept.values()} == {Status.COMPLETE}
    assert set(kept) == set(AGES)
    shown = {one["step" if "step" in one else "name"]: one.get("older") for one in told.as_json()["steps"]}
    assert shown[DETAIL] == {"count": 2, "since": "2026-05-01T00:00:00+00:00"}


def test_the_page_lists_what_may_be_older() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
    listed_there = page.partition("<!-- refreshable -->")[2].partition("<!-- end -->")[0]
    assert re.findall(r"`([^`]+)`", listed_there) == list(refreshable())
