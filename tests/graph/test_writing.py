"""Only what differs is written: first load, second load, changes, stubs, labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loader.alerts.scopes import last_run
from loader.changes.span import span_of
from loader.coverage.runs import list_runs
from loader.errors import AzgraphError, UnreachableError, UsageError
from loader.graph import Database, Run
from loader.model import Link, Outcome, Record, Status, Target
from tests.graph.tenant import (
    AREA,
    TYPES,
    WHOLE,
    changes,
    dump,
    entity,
    group_key,
    groups,
    key,
    load,
    next_day,
    node,
    tenant,
    vm,
)
from tests.names import make_schema

pytestmark = pytest.mark.graph


def test_second_sync_touches_nothing(database: Database) -> None:
    records = tenant(60)
    first = load(database, records)
    assert first.counters.nodes_created > 180
    before = dump(database)
    second = load(database, records)
    assert second.counters.total == 0
    assert sum(second.changes.values()) == 0
    assert dump(database) == before
    stamps = database.read(
        "MATCH (n:Entity) WHERE n._changedRun <> $seq AND n._stub IS NULL RETURN n", {"seq": first.seq}
    )
    assert stamps == []


def test_order_of_lists_and_steps_does_not_matter(database: Database) -> None:
    records = tenant(40)
    load(database, records)
    before = dump(database)
    again = load(database, {name: reversed(records[name]) for name in reversed(records)})
    assert again.counters.total == 0
    database.write(lambda t: t.run("MATCH (n) DETACH DELETE n"))
    load(database, {name: reversed(records[name]) for name in reversed(records)})
    assert dump(database) == before


def test_a_node_without_a_hash_is_written_anew(database: Database) -> None:
    """Somebody else's tool, or a hand in Browser, may have taken it off."""
    records = tenant(20)
    load(database, records)
    before = dump(database)
    database.write(lambda t: t.run("MATCH (n:Entity {_key: $key}) REMOVE n._hash, n.size", key=key("vm", 3)))
    load(database, records)
    assert dump(database) == before


def test_first_load_is_a_baseline_and_the_next_one_tells_what_changed(database: Database) -> None:
    records = tenant(30)
    assert load(database, records).changes == dict.fromkeys(("created", "updated", "deleted", "linked", "unlinked"), 0)
    summary = load(database, next_day(records))
    assert summary.changes == {"created": 4, "updated": 5, "deleted": 2, "linked": 0, "unlinked": 0}
    told = [change for change in changes(database) if change[0] == "updated"]
    assert told[0][2:] == ("size", "small", "large")
    of_entity = database.read(
        "MATCH (:SyncRun {seq: 2})-[:RECORDED]->(c)-[:CHANGE_OF]->(n:Entity) RETURN count(*) AS n"
    )
    assert of_entity == [{"n": 9}]


def test_properties_are_replaced_whole_and_first_seen_stays(database: Database) -> None:
    load(database, {"azure_vm": [vm(1, old="x", size="small")]})
    load(database, {"azure_vm": [vm(1, size="small", new=True)]})
    stored = node(database, key("vm", 1))
    assert stored is not None
    assert "old" not in stored
    assert stored["new"] is True
    assert (stored["_firstSeenRun"], stored["_changedRun"]) == (1, 2)


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (False, 0), (1, 1.0), ("1", 1), ([1], [True]), ([0, 1], [0.0, 1.0]), (["a"], "a"), ("", [])],
)
def test_a_value_that_python_holds_for_equal_is_stored_as_it_is(database: Database, before: Any, after: Any) -> None:
    load(database, {"azure_vm": [vm(1, odd=before, size="small")]})
    load(database, {"azure_vm": [vm(1, odd=after, size="large")]})
    stored = (node(database, key("vm", 1)) or {})["odd"]
    assert repr(stored) == repr(after)


def test_of_a_changed_node_only_what_differs_is_set(database: Database) -> None:
    properties = {f"p{number}": number for number in range(500)}
    load(database, {"azure_vm": [vm(1, **properties)]})
    summary = load(database, {"azure_vm": [vm(1, **properties | {"p7": 8})]})
    assert summary.counters.properties_set < 50


def test_noise_is_stored_without_a_change(database: Database) -> None:
    load(database, {"azure_vm": [vm(1, etag="a", provisioningState="Updating", timesStarted=1)]})
    summary = load(database, {"azure_vm": [vm(1, etag="b", provisioningState="Succeeded", timesStarted=2)]})
    assert sum(summary.changes.values()) == 0
    stored = node(database, key("vm", 1)) or {}
    assert (stored["etag"], stored["timesStarted"]) == ("b", 2)


def test_the_casing_of_ids_and_of_names_in_them_is_no_change(database: Database) -> None:
    """Azure varies it from answer to answer; anything else that changes its casing is told."""
    first = vm(1, id="/subscriptions/s/vm/Web", name="Web", disks=["/subscriptions/s/disks/A"], note="Keep")
    second = vm(1, id="/subscriptions/S/VM/web", name="web", disks=["/subscriptions/s/disks/a"], note="keep")
    load(database, {"azure_vm": [first]})
    assert load(database, {"azure_vm": [second]}).changes["updated"] == 1
    assert [path for _, _, path, _, _ in changes(database)] == ["note"]


def test_lost_and_new_links_of_a_record(database: Database) -> None:
    load(database, {"azure_vm": [vm(1)]})
    moved = replace(vm(1), links=(*vm(1).links[:1], Link("USES", Target(key("nic", 7), "azure_nic"))))
    summary = load(database, {"azure_vm": [moved]})
    assert (summary.changes["linked"], summary.changes["unlinked"]) == (1, 2)
    assert summary.relationships == {"azure_resource_group|HAS|azure_vm": 1, "azure_vm|USES|azure_nic": 1}
    assert node(database, key("nic", 1)) is None, "a stub nobody points at goes"


def test_changed_properties_of_a_link(database: Database) -> None:
    link = Link("ALLOWS", Target("internet", "internet", {"name": "Internet"}), key="rule-1", properties={"port": 22})
    load(database, {"azure_vm": [entity("vm", 1, link)]})
    load(database, {"azure_vm": [entity("vm", 1, replace(link, properties={"port": 443}))]})
    rows = database.read("MATCH ()-[r:ALLOWS]->() RETURN r.port AS port, r._key AS key")
    assert rows == [{"port": 443, "key": "rule-1"}]


def test_parallel_links_and_links_both_ways(database: Database) -> None:
    far = Target("internet", "internet", {"name": "Internet", "displayName": "Internet"})
    links = [Link("ALLOWS", far, key=name, incoming=way) for name in ("a", "b") for way in (True, False)]
    load(database, {"azure_vm": [entity("vm", 1, *links)]})
    assert database.read("MATCH ()-[r:ALLOWS]->() RETURN count(r) AS n") == [{"n": 4}]
    assert (node(database, "internet") or {})["displayName"] == "Internet"


def test_the_same_record_twice_in_a_run_is_written_once(database: Database) -> None:
    load(database, {"azure_vm": [vm(1), vm(2), vm(1)]})
    assert database.read("MATCH (:Entity)-[r]->(:Entity) RETURN count(r) AS n") == [{"n": 6}]


def test_a_link_of_an_entity_to_itself(database: Database) -> None:
    load(database, {"azure_vm": [entity("vm", 1, Link("TRUSTS", Target(key("vm", 1), "azure_vm")))]})
    assert load(database, {"azure_vm": [entity("vm", 1, Link("TRUSTS", Target(key("vm", 1))))]}).counters.total == 0


def test_stub_is_taken_over_and_becomes_one_again(database: Database) -> None:
    load(database, {"azure_vm": [vm(1)]})
    stub = node(database, key("nic", 1))
    assert stub is not None
    assert stub["_stub"] is True
    assert (stub["_type"], stub["_class"], stub["name"]) == ("azure_nic", ["NetworkInterface"], "nic-1")
    taken = load(database, {"azure_vm": [vm(1)], "azure_nic": [entity("nic", 1, fast=True)]})
    stored = node(database, key("nic", 1))
    assert stored is not None
    assert "_stub" not in stored
    assert stored["fast"] is True
    assert taken.relationships["azure_vm|USES|azure_nic"] == 1
    load(database, {"azure_vm": [vm(1)], "azure_nic": []})
    again = node(database, key("nic", 1))
    assert again is not None
    assert again["_stub"] is True
    assert "fast" not in again
    load(database, {"azure_vm": []}, accept_deletions=True)
    assert database.read("MATCH (n:Entity) RETURN n") == []


def test_unknown_stub_learns_its_type_and_unknown_ends_count_as_the_model_says(database: Database) -> None:
    unknown = entity("vm", 1, Link("USES", Target("/x/1")))
    summary = load(database, {"azure_vm": [unknown]})
    assert summary.relationships == {"azure_vm|USES|ANY_SCOPE": 1}
    typed = entity("vm", 2, Link("USES", Target("/x/1", "azure_disk")))
    summary = load(database, {"azure_vm": [unknown, typed]})
    assert summary.relationships == {"azure_vm|USES|azure_disk": 2}
    assert summary.entities == {"azure_vm": 2}
    resolved = load(
        database, {"azure_nic": [entity("nic", 1, Link("USES", Target("/y/1")))]}, resolve_type=lambda _: "azure_vm"
    )
    assert resolved.relationships["azure_nic|USES|azure_vm"] == 1


def test_type_change_cleans_labels(database: Database) -> None:
    load(database, {"azure_disk": [replace(entity("disk", 1), key="/d")]})
    load(database, {"azure_disk": [], "azure_vm": [replace(entity("vm", 1), key="/d")]})
    labels = database.read("MATCH (n:Entity {_key: '/d'}) RETURN labels(n) AS labels")
    assert sorted(labels[0]["labels"]) == ["Entity", "Host", "azure_vm"]


def test_a_node_that_moved_to_another_scope_is_taken_over(database: Database) -> None:
    load(database, {"azure_vm": [vm(1), vm(2)]})
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        other = run.step("azure_vm", "shared")
        other.write("", [vm(1, size="big")])
        other.finish({"": WHOLE})
        first = run.step("azure_vm", AREA)
        first.write("", [vm(2)])
        first.finish({"": WHOLE})
        run.derive([])
        summary = run.finish("complete")
    stored = node(database, key("vm", 1))
    assert stored is not None
    assert (stored["_scope"], stored["_firstSeenRun"], stored["size"]) == ("azure_vm|shared|", 1, "big")
    assert summary.changes["deleted"] == 0
    assert summary.entities["azure_vm"] == 2


def test_what_two_areas_list_stays_where_it_is(database: Database) -> None:
    for _ in range(3):
        with Run.start(database, loader_version="1", entity_types=TYPES) as run:
            for area in ("b", "a"):
                writer = run.step("azure_vm", area)
                writer.write("", [vm(1)])
                writer.finish({"": WHOLE})
            run.derive([])
            summary = run.finish("complete")
    assert summary.counters.total == 0
    assert (node(database, key("vm", 1)) or {})["_scope"] == "azure_vm|b|"


def test_unknown_details_keep_what_the_graph_has(database: Database) -> None:
    whole = vm(1, size="small", auditing=True)
    load(database, {"azure_vm": [whole]})
    kept = whole.links[:1]
    partial = Record(
        whole.key,
        whole.type,
        {name: value for name, value in whole.properties.items() if name != "auditing"},
        kept,
        unknown=frozenset({"auditing"}),
        unknown_verbs=frozenset({"USES"}),
    )
    before = dump(database)
    assert load(database, {"azure_vm": [partial]}).counters.total == 0
    summary = load(database, {"azure_vm": [replace(partial, properties={**partial.properties, "size": "large"})]})
    assert summary.changes == {"created": 0, "updated": 1, "deleted": 0, "linked": 0, "unlinked": 0}
    assert (node(database, key("vm", 1)) or {})["auditing"] is True
    assert dump(database)[1] == before[1]
    back = load(database, {"azure_vm": [vm(1, size="large", auditing=False)]})
    assert [change[2:] for change in changes(database) if change[2] == "auditing"] == [("auditing", "true", "false")]
    assert back.changes["updated"] == 1


def test_a_detail_that_was_never_known_is_no_change_when_it_comes(database: Database) -> None:
    partial = replace(vm(1), unknown=frozenset({"auditing"}), unknown_verbs=frozenset({"PROTECTS"}))
    load(database, {"azure_vm": [partial]})
    assert load(database, {"azure_vm": [partial]}).counters.total == 0
    whole = vm(1, auditing=True)
    summary = load(database, {"azure_vm": [replace(whole, links=(*whole.links, Link("PROTECTS", Target("/nsg"))))]})
    assert sum(summary.changes.values()) == 0
    assert (node(database, key("vm", 1)) or {})["auditing"] is True
    assert "_unknown" not in (node(database, key("vm", 1)) or {})


def test_a_changed_mapping_rewrites_without_changes(database: Database) -> None:
    records = tenant(20)
    load(database, records, schema_version="one")
    summary = load(database, next_day(records), schema_version="two")
    assert summary.rebaseline
    assert sum(summary.changes.values()) == 0
    hashes = database.read("MATCH (n:Entity) WHERE n._hash STARTS WITH 'one:' RETURN count(n) AS n")
    assert hashes == [{"n": 0}]
    after = load(database, records, schema_version="two")
    assert not after.rebaseline
    assert after.changes["created"] == 2


def test_bookkeeping_of_runs_and_steps(database: Database) -> None:
    def details(run: Run) -> None:
        refused = Outcome(Status.FORBIDDEN, "Grant the Reader role.")
        run.record_step("azure_vm.auditing", AREA, refused, permission="Contoso/auditing/read", calls=3)
        run.derive([])

    load(database, {"azure_vm": [vm(1)]}, before_end=details)
    load(database, {"azure_vm": []}, outcome=Outcome(Status.FAILED, "Cut."), before_end=details)
    scopes = {row["s"]["id"]: row["s"] for row in database.read("MATCH (s:SyncScope) RETURN properties(s) AS s")}
    assert set(scopes) == {f"azure_vm|{AREA}", f"azure_vm.auditing|{AREA}"}
    step = scopes[f"azure_vm|{AREA}"]
    assert (step["status"], step["reason"], step["seq"], step["lastCompleteSeq"]) == ("failed", "Cut.", 2, 1)
    detail = scopes[f"azure_vm.auditing|{AREA}"]
    assert (detail["status"], detail["permission"], detail["calls"]) == ("forbidden", "Contoso/auditing/read", 3)
    runs = database.read("MATCH (r:SyncRun) RETURN r.status AS status ORDER BY r.seq")
    assert runs == [{"status": "complete"}, {"status": "complete"}]


def test_groups_of_different_labels(database: Database) -> None:
    load(database, {"azure_resource_group": groups(2)})
    found = database.read("MATCH (n:Entity:azure_resource_group:Group) RETURN n._key AS key ORDER BY key")
    assert [row["key"] for row in found] == [group_key(0), group_key(1)]


def test_nodes_that_are_not_ours_are_neither_counted_nor_touched(database: Database) -> None:
    theirs = "MATCH (n) WHERE n._key IS NULL AND (n:Entity OR n:Movie) RETURN properties(n) AS p, labels(n) AS labels"
    database.write(
        lambda transaction: transaction.run(
            "CREATE (:Entity {name: 'theirs'}), (:Entity:azure_vm {name: 'theirs too'}), (:Movie {title: 'x'})"
        )
    )
    before = database.read(theirs)
    assert load(database, {"azure_vm": [vm(1)]}).entities == {"azure_vm": 1}
    assert load(database, {"azure_vm": []}).changes["deleted"] == 1
    assert database.read(theirs) == before


_BOOKS = ("SyncScope", "SyncLease", "SyncPart", "SyncReading", "Change", "Alert", "AlertRule", "Notice", "Delivery")


def test_nodes_with_the_labels_of_azgraphs_own_books_are_left_alone_and_disturb_nothing(database: Database) -> None:
    """Of somebody else's: they lack what azgraph's have, or have something else there."""
    made = ", ".join(f"(:{label} {{theirs: 1}})-[:OF]->(r)" for label in (*_BOOKS, "PackResult"))
    other = "CREATE (:SyncRun {theirs: 2, id: 'theirs', seq: 'five', status: 'failed'})"
    for text in (f"CREATE (r:SyncRun {{theirs: 1}}), {made}", other):
        database.write(lambda transaction, text=text: transaction.run(text))  # type: ignore[misc]
    theirs = "MATCH (n) WHERE n.theirs > 0 RETURN labels(n) AS labels, properties(n) AS p, COUNT { (n)--() } AS links"
    before = database.read(theirs)
    with pytest.raises(UsageError, match="no run has finished"):
        last_run(database)
    for number in (1, 2):
        told = load(database, {"azure_vm": [vm(1)]}, tenant="t")
        assert (told.status, told.seq) == ("complete", number)
    assert [one.seq for one in list_runs(database)] == [2, 1]
    assert span_of(database, None).until == 2
    assert last_run(database).seq == 2
    assert database.read(theirs) == before


def test_somebody_elses_constraints_and_indexes(database: Database) -> None:
    """A name that is taken is no constraint of ours, an equal one is as good, and an index in its place is told."""
    theirs = {
        "azgraph_run_id": "INDEX azgraph_run_id FOR (n:Their) ON (n.name)",
        "azgraph_lease_id": "CONSTRAINT their_lease FOR (n:SyncLease) REQUIRE n.id IS UNIQUE",
        "azgraph_scope_step": "CONSTRAINT azgraph_scope_step FOR (n:Their) REQUIRE n.step IS UNIQUE",
    }

    def run(text: str) -> None:
        database.write(lambda transaction: transaction.run(text))

    def drop_all() -> None:
        for row in database.read("SHOW CONSTRAINTS YIELD name RETURN name"):
            run(f"DROP CONSTRAINT `{row['name']}`")
        for row in database.read("SHOW INDEXES YIELD name, type WHERE type = 'RANGE' RETURN name"):
            run(f"DROP INDEX `{row['name']}`")

    drop_all()
    try:
        for text in theirs.values():
            run(f"CREATE {text}")
        load(database, tenant(3))
        unique = (
            "SHOW CONSTRAINTS YIELD labelsOrTypes AS on, properties AS what WHERE on[0] STARTS WITH 'Sync' RETURN on"
        )
        names = sorted(row["on"][0] for row in database.read(unique))
        assert names == ["SyncLease", "SyncPart", "SyncReading", "SyncRun", "SyncScope"]
        steps = "SHOW INDEXES YIELD labelsOrTypes AS on, properties AS p WHERE p = ['step'] RETURN on"
        assert ["SyncScope"] in [row["on"] for row in database.read(steps)]

        drop_all()
        run("CREATE INDEX theirs FOR (n:SyncLease) ON (n.id)")
        with pytest.raises(UsageError, match=r"'theirs' on id of :SyncLease.*DROP INDEX `theirs`"):
            load(database, tenant(3))
    finally:
        drop_all()
        make_schema(database)


def test_a_run_that_is_stopped_while_it_finishes_ends_once(database: Database) -> None:
    told: list[str] = []

    def finishes_too() -> str:
        run.report = None
        with pytest.raises(AzgraphError, match="was stopped before it finished"):
            run.finish("complete")
        told.append("once")
        return "{}"

    run = Run.start(database, loader_version="1", entity_types=TYPES)
    run.report = finishes_too
    run.__exit__(KeyboardInterrupt)
    assert told == ["once"]
    assert [row["status"] for row in database.read("MATCH (r:SyncRun) RETURN r.status AS status")] == ["failed"]


def test_a_run_that_azure_ends_is_closed_while_neo4j_answers(database: Database) -> None:
    """Only where Neo4j itself is away is it left to the next run, and its lease to time."""
    run = Run.start(database, loader_version="1", entity_types=TYPES)
    error = UnreachableError("Azure cannot be reached.")
    run.__exit__(UnreachableError, error)
    rows = database.read("MATCH (r:SyncRun) RETURN r.status AS status, r.reason AS reason")
    assert rows == [{"status": "failed", "reason": str(error)}]
    assert not database.read("MATCH (l:SyncLease) WHERE l.holder IS NOT NULL RETURN l")
