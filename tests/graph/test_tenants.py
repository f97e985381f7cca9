"""Several tenants in one graph: nothing that is read of one touches another; older graphs and older answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loader.errors import AzgraphError, UsageError
from loader.graph import Database, Run
from loader.graph.foreign import holds_anything_else
from loader.model import Arm, EntityType, Record
from tests.graph.tenant import TYPES, dump, load, vm

pytestmark = pytest.mark.graph

CONTOSO, FABRIKAM = "cccccccc-0000-4000-8000-00000000000c", "ffffffff-0000-4000-8000-00000000000f"
CALL = Arm(client="a", operation="b", permission="c")
KNOWN = {
    **TYPES,
    "azure_account": EntityType(type="azure_account", resource="Account", classes=("Account",), fetch=CALL),
    "azure_user": EntityType(type="azure_user", resource="User", classes=("User",), fetch=CALL),
}


def user(name: str) -> Record:
    return Record(name, "azure_user", {"id": name, "name": name, "displayName": name})


def directory(*names: str, of: str) -> dict[str, list[Record]]:
    account = Record(of, "azure_account", {"id": of, "name": of, "displayName": of})
    return {"azure_account": [account], "azure_user": [user(name) for name in names]}


def sync(database: Database, records: dict[str, list[Record]], tenant: str, **options: object) -> object:
    return load(database, records, area="tenant", tenant=tenant, entity_types=KNOWN, **options)


def users(database: Database) -> list[str]:
    return [row["name"] for row in database.read("MATCH (u:azure_user) RETURN u.name AS name ORDER BY name")]


def test_a_second_tenant_takes_nothing_from_the_first(database: Database) -> None:
    sync(database, directory("ada", "bo", of=CONTOSO), CONTOSO)
    sync(database, directory("cy", of=FABRIKAM), FABRIKAM)
    assert users(database) == ["ada", "bo", "cy"]
    sync(database, directory("ada", of=CONTOSO), CONTOSO)
    assert users(database) == ["ada", "cy"], "each tenant's own deletions are its own"


def test_what_microsoft_has_in_every_tenant_stays_with_the_one_that_brought_it(database: Database) -> None:
    sync(database, directory("global-administrator", of=CONTOSO), CONTOSO)
    sync(database, directory("global-administrator", of=FABRIKAM), FABRIKAM)
    sync(database, directory(of=FABRIKAM), FABRIKAM)
    assert users(database) == ["global-administrator"]


def test_a_subscription_of_another_tenant_is_none_that_vanished(database: Database) -> None:
    load(database, {"azure_vm": [vm(1)]}, tenant=CONTOSO)
    told = load(
        database, {}, tenant=FABRIKAM, before_end=lambda run: (run.keep_vanished(set()), run.remove_areas(set()))
    )
    assert told.notes == []
    assert told.entities == {"azure_vm": 1}


def test_a_graph_without_tenants_is_adopted_and_loses_nothing(database: Database) -> None:
    old = directory("ada", "bo", of=CONTOSO)
    load(database, old, area="tenant", entity_types=KNOWN)
    before = dump(database)
    again = sync(database, old, CONTOSO)
    assert again.changes == {"created": 0, "updated": 0, "deleted": 0, "linked": 0, "unlinked": 0}
    scopes = database.read("MATCH (s:SyncScope) RETURN s.area AS area, s.tenant AS tenant")
    assert {(row["area"], row["tenant"]) for row in scopes} == {(f"tenant:{CONTOSO}", CONTOSO)}
    assert [name for name, _ in before[0]] == [name for name, _ in dump(database)[0]]


def test_another_tenants_run_leaves_the_old_graph_to_its_owner(database: Database) -> None:
    load(database, directory("ada", of=CONTOSO), area="tenant", entity_types=KNOWN)
    sync(database, directory("cy", of=FABRIKAM), FABRIKAM)
    assert users(database) == ["ada", "cy"]


def test_older_answers_need_consent(database: Database) -> None:
    new, old = datetime(2026, 2, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    sync(database, directory("ada", of=CONTOSO), CONTOSO, answers_at=new)
    with pytest.raises(UsageError, match=r"2026-01-01.*--accept-older"):
        sync(database, directory(of=CONTOSO), CONTOSO, answers_at=old)
    assert users(database) == ["ada"]
    sync(database, directory("bo", of=FABRIKAM), FABRIKAM, answers_at=old)
    sync(database, directory("ada", of=CONTOSO), CONTOSO, answers_at=new)
    sync(database, directory(of=CONTOSO), CONTOSO, answers_at=old, accept_older=True)
    assert users(database) == ["bo"]


def test_the_demo_sees_whatever_is_not_its_own(database: Database) -> None:
    assert not holds_anything_else(database, CONTOSO)
    sync(database, directory("ada", of=CONTOSO), CONTOSO)
    assert not holds_anything_else(database, CONTOSO)
    assert holds_anything_else(database, FABRIKAM)
    database.write(lambda transaction: transaction.run("CREATE (:Movie {title: 'x'})"))
    assert holds_anything_else(database, CONTOSO)


def test_runs_of_two_tenants_take_turns_and_share_one_number_line(database: Database) -> None:
    options = {"loader_version": "1", "entity_types": KNOWN}
    with Run.start(database, tenant=CONTOSO, **options) as first:
        with pytest.raises(AzgraphError, match="has been writing"):
            Run.start(database, tenant=FABRIKAM, **options)
        first.finish("complete")
    with Run.start(database, tenant=FABRIKAM, **options) as second:
        second.finish("complete")
    assert (first.seq, second.seq) == (1, 2)
