"""Failure is never emptiness: what deletes, and what must not."""

from __future__ import annotations

import pytest

from loader.graph import Database, Run
from loader.model import Outcome, Status
from tests.graph.tenant import AREA, TYPES, WHOLE, changes, dump, entity, key, load, node, tenant, vm

pytestmark = pytest.mark.graph


@pytest.mark.parametrize("status", [Status.FORBIDDEN, Status.UNAVAILABLE, Status.FAILED, Status.SKIPPED])
def test_a_step_that_is_not_whole_deletes_nothing(database: Database, status: Status) -> None:
    load(database, tenant(15))
    before = dump(database)
    broken = load(database, {"azure_vm": [vm(0, size="small")]}, outcome=Outcome(status, "No."), accept_deletions=True)
    assert dump(database) == before
    assert sum(broken.changes.values()) == 0


def test_what_a_broken_step_did_get_is_written(database: Database) -> None:
    load(database, {"azure_vm": [vm(1), vm(2)]})
    load(database, {"azure_vm": [vm(3)]}, outcome=Outcome(Status.FAILED, "Cut."))
    assert all(node(database, key("vm", number)) for number in (1, 2, 3))


def test_the_first_whole_load_after_broken_ones_is_still_the_baseline(database: Database) -> None:
    load(database, {"azure_vm": [vm(1)]}, outcome=Outcome(Status.FAILED, "Cut."))
    assert sum(load(database, {"azure_vm": [vm(1), vm(2)]}).changes.values()) == 0
    assert load(database, {"azure_vm": [vm(1), vm(2), vm(3)]}).changes["created"] == 1


def test_the_guard_keeps_a_large_share(database: Database) -> None:
    load(database, {"azure_vm": [vm(n) for n in range(100)]})
    kept = load(database, {"azure_vm": [vm(n) for n in range(79)]})
    assert kept.status == "partial"
    assert "21 of 100 azure_vm" in kept.notes[0]
    assert "--accept-deletions" in kept.notes[0]
    assert kept.entities["azure_vm"] == 100
    gone = load(database, {"azure_vm": [vm(n) for n in range(79)]}, accept_deletions=True)
    assert (gone.status, gone.entities["azure_vm"], gone.changes["deleted"]) == ("complete", 79, 21)


def test_twenty_may_go_whatever_their_share(database: Database) -> None:
    load(database, {"azure_vm": [vm(n) for n in range(21)]})
    assert load(database, {"azure_vm": [vm(20)]}).entities["azure_vm"] == 1


def test_a_tenth_may_go_whatever_their_number(database: Database) -> None:
    load(database, {"azure_vm": [vm(n) for n in range(300)]})
    assert load(database, {"azure_vm": [vm(n) for n in range(270)]}).entities["azure_vm"] == 270


def test_a_deleted_entity_is_remembered(database: Database) -> None:
    load(database, {"azure_vm": [vm(1, size="small"), vm(2)]})
    load(database, {"azure_vm": [vm(2)]})
    told = database.read("MATCH (c:Change {op: 'deleted'}) RETURN c.entityName AS name, c.before AS before")
    assert told[0]["name"] == "vm-1"
    assert '"size":"small"' in told[0]["before"]


def _secrets(
    database: Database, found: dict[str, list[int]], outcomes: dict[str, Outcome], *, whole: bool = True
) -> Run:
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        writer = run.step("azure_secret", AREA)
        for parent, numbers in found.items():
            writer.write(parent, [entity("secret", number) for number in numbers])
        writer.finish(outcomes, parents_whole=whole)
        run.derive([])
        run.finish("complete")
    return run


def test_children_of_a_parent_that_failed_stay_and_of_one_that_is_gone_go(database: Database) -> None:
    _secrets(database, {"/v1": [1, 2], "/v2": [3], "/v3": [4]}, dict.fromkeys(("/v1", "/v2", "/v3"), WHOLE))
    # v1 answers with less, v2 refuses, v3 is no longer listed.
    _secrets(database, {"/v1": [1]}, {"/v1": WHOLE, "/v2": Outcome(Status.FORBIDDEN, "No.")})
    there = {number for number in range(1, 5) if node(database, key("secret", number))}
    assert there == {1, 3}
    scope = database.read("MATCH (s:SyncScope) RETURN s.status AS status, s.incompleteParents AS parents")
    assert scope == [{"status": "forbidden", "parents": ["/v2"]}]


@pytest.mark.parametrize(("ended", "left"), [(Outcome(Status.FAILED, "Odd."), {1, 2}), (Outcome(), {1})])
def test_where_entities_alone_could_not_be_read_they_are_named(
    database: Database, ended: Outcome, left: set[int]
) -> None:
    """Nothing goes but where the list was whole all the same."""
    _secrets(database, {"": [1, 2]}, {"": WHOLE})
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        writer = run.step("azure_secret", AREA)
        writer.write("", [entity("secret", 1)])
        writer.finish({"": ended}, unread={"": [key("secret", 3)]})
        run.derive([])
        run.finish("partial")
    assert {number for number in (1, 2) if node(database, key("secret", number))} == left
    scope = database.read("MATCH (s:SyncScope) RETURN s.status AS status, s.incompleteParents AS parents")
    assert scope == [{"status": str(ended.status), "parents": [key("secret", 3)]}]


def test_children_stay_where_the_parents_were_not_listed_whole(database: Database) -> None:
    _secrets(database, {"/v1": [1], "/v2": [2]}, {"/v1": WHOLE, "/v2": WHOLE})
    _secrets(database, {"/v1": [1]}, {"/v1": WHOLE}, whole=False)
    assert node(database, key("secret", 2))


def test_a_parent_read_for_the_first_time_is_a_baseline_a_new_one_is_not(database: Database) -> None:
    refused = Outcome(Status.FORBIDDEN, "No.")
    _secrets(database, {"/v1": [1]}, {"/v1": WHOLE, "/v2": refused})
    _secrets(database, {"/v1": [1]}, {"/v1": WHOLE, "/v2": refused})
    _secrets(database, {"/v1": [1], "/v2": [2], "/v3": [3]}, dict.fromkeys(("/v1", "/v2", "/v3"), WHOLE))
    assert [change[:2] for change in changes(database)] == [("created", key("secret", 3))]


def leave_out(run: Run, visible: str) -> None:
    """What a sync does that sees one subscription only."""
    run.keep_vanished({visible})
    run.remove_areas({visible})


def test_an_area_left_out_keeps_everything_and_a_deleted_one_needs_consent(database: Database) -> None:
    other = "22222222-2222-2222-2222-222222222222"
    load(database, {"azure_vm": [vm(1)]})
    load(database, {"azure_vm": [vm(2)]}, area=other)
    assert node(database, key("vm", 1)), "a subscription left out of a run is not touched"
    kept = load(database, {"azure_vm": [vm(2)]}, area=other, before_end=lambda run: leave_out(run, other.upper()))
    assert kept.status == "partial"
    assert AREA in kept.notes[0]
    assert "--accept-deletions" in kept.notes[0]
    assert node(database, key("vm", 1))
    gone = load(
        database,
        {"azure_vm": [vm(2)]},
        area=other,
        before_end=lambda run: run.remove_areas({other}),
        accept_deletions=True,
    )
    assert (gone.status, gone.changes["deleted"]) == ("complete", 1)
    assert node(database, key("vm", 1)) is None
    assert database.read("MATCH (s:SyncScope) RETURN s.area AS area") == [{"area": other}]
