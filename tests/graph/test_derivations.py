"""Derived relationships: computed over the graph, redone where an input changed, only differences written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import ServiceUnavailable

from loader.graph import Database, Run
from loader.graph.update import Updater
from loader.model import Derivation, DerivedLink, Link, Outcome, Record, Status, Target
from tests.graph.tenant import WHOLE, entity, key, load, vm

pytestmark = pytest.mark.graph


class Pairs:
    """Machines of one size share a host; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
        self.asked += 1
        for row in rows:
            yield DerivedLink(row["a"], "SHARES", row["b"], properties={"size": row["size"]})


def _derivation(rows: Pairs) -> Derivation:
    return Derivation(
        name="pairs",
        inputs=("azure_vm",),
        relationships=(("azure_vm", "SHARES", "azure_vm"),),
        query="MATCH (a:azure_vm), (b:azure_vm) WHERE a._key < b._key AND a.size = b.size "
        "RETURN a._key AS a, b._key AS b, a.size AS size",
        rows=rows,
    )


def _pairs(database: Database) -> list[tuple[str, str, str]]:
    rows = database.read(
        "MATCH (a)-[r:SHARES {_derivation: 'pairs'}]->(b) RETURN a.name AS a, b.name AS b, r.size AS size ORDER BY a, b"
    )
    return [(*sorted((row["a"], row["b"])), row["size"]) for row in rows]


def test_derived_once_and_again_where_an_input_changed(database: Database) -> None:
    rows = Pairs()
    derive = {"before_end": lambda run: run.derive([_derivation(rows)])}
    machines = [vm(1, size="s"), vm(2, size="s"), vm(3, size="m")]
    first = load(database, {"azure_vm": machines}, **derive)
    assert _pairs(database) == [("vm-1", "vm-2", "s")]
    assert first.relationships["azure_vm|SHARES|azure_vm"] == 1
    assert load(database, {"azure_vm": machines}, **derive).counters.total == 0
    load(database, {"azure_vm": machines, "azure_nic": [entity("nic", 9)]}, **derive)
    assert rows.asked == 1, "no input changed"
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="m"), vm(3, size="m")]}, **derive)
    assert _pairs(database) == [("vm-2", "vm-3", "m")]
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="m")]}, **derive)
    assert _pairs(database) == []
    assert rows.asked == 3


def test_a_run_that_did_not_derive_leaves_it_to_the_next(database: Database) -> None:
    rows = Pairs()
    machines = [vm(1, size="s"), vm(2, size="s")]
    load(database, {"azure_vm": machines}, before_end=lambda run: None)
    load(database, {"azure_vm": machines}, before_end=lambda run: run.derive([_derivation(rows)]))
    assert len(_pairs(database)) == 1
    load(database, {"azure_vm": machines}, before_end=lambda run: None)
    load(database, {"azure_vm": machines}, before_end=lambda run: run.derive([]))
    assert _pairs(database) == [], "a derivation that is no longer declared takes its relationships along"


def test_a_changed_record_keeps_its_derived_relationships_and_a_gone_one_becomes_no_stub_for_them(
    database: Database,
) -> None:
    rows = Pairs()
    derive = {"before_end": lambda run: run.derive([_derivation(rows)])}
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="s")]}, **derive)
    load(database, {"azure_vm": [vm(1, size="s", new=1), vm(2, size="s")]}, **derive)
    assert len(_pairs(database)) == 1
    load(database, {"azure_vm": [vm(1, size="s", new=1)]}, before_end=lambda run: None)
    assert database.read("MATCH (n {_key: $key}) RETURN n", {"key": key("vm", 2)}) == []


def _disks(rows: Any = None, **more: Any) -> Derivation:
    """Which machine holds which disk; it reads the machines' own answers only."""
    told: dict[str, Any] = {
        "name": "disks",
        "inputs": ("azure_vm",),
        "relationships": (("azure_vm", "HOLDS", "azure_disk"),),
        "query": "MATCH (a:azure_vm)-[:USES]->(b:azure_disk) RETURN a._key AS `from`, b._key AS `to`",
        "rows": rows,
    }
    return Derivation(**{**told, **more})


def _held(database: Database) -> int:
    return int(database.read("MATCH (:azure_vm)-[r:HOLDS]->(:azure_disk) RETURN count(r) AS n")[0]["n"])


class Asked:
    """A derivation's rows as they are; counts how often they were asked for."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
        self.times += 1
        return [DerivedLink(row["from"], "HOLDS", row["to"]) for row in rows]

    def since(self) -> int:
        times, self.times = self.times, 0
        return times


def test_what_leads_to_deriving_anew_and_what_does_not(database: Database) -> None:
    """After each of these the graph holds what deriving everything would make of it."""
    asked = Asked()
    one, two, disk = vm(1), vm(2), entity("disk", 1)
    failed = Outcome(Status.FAILED, "no")

    def run(why: str, anew: int, held: int, *, code: str = "a", died: bool = False, **steps: Any) -> None:
        outcome = steps.pop("outcome", WHOLE)

        def end(run: Run) -> None:
            if died:
                raise RuntimeError
            run.derive([_disks(asked)], code=code)

        with pytest.raises(RuntimeError) if died else nullcontext():
            load(database, steps, outcome=outcome, before_end=end, accept_deletions=True)
        assert (asked.since(), _held(database)) == (anew, held), why

    run("the first time", 1, 2, azure_vm=[one, two], azure_disk=[disk])
    run("nothing changed", 0, 2, azure_vm=[one, two], azure_disk=[disk])
    run("only what it does not read changed", 0, 2, azure_vm=[one, two], azure_disk=[entity("disk", 1, gigabytes=2)])
    run("a step failed and wrote nothing", 0, 2, azure_vm=[], outcome=failed)
    run("a step failed and wrote something", 1, 2, azure_vm=[vm(1, size="m")], outcome=failed)
    run("a step failed and left what is gone", 0, 2, azure_vm=[vm(1, size="m")], outcome=failed)
    run("the loader is another one", 1, 2, code="b", azure_vm=[vm(1, size="m"), two])
    run("the loader is the same one again", 0, 2, code="b", azure_vm=[vm(1, size="m"), two])
    run("a run was ended before it derived", 0, 2, code="b", died=True, azure_vm=[vm(1, size="m"), two, vm(3)])
    run("the run before did not derive", 1, 3, code="b", azure_vm=[vm(1, size="m"), two, vm(3)])
    run("an end went that others still speak of", 1, 3, code="b", azure_disk=[])
    run("an end came that others had spoken of", 0, 3, code="b", azure_disk=[disk])
    run("an input went", 1, 2, code="b", azure_vm=[vm(1, size="m"), two])
    run("all inputs went, and with them all ends", 0, 0, code="b", azure_vm=[])


def test_a_node_that_turns_out_to_be_of_another_type_may_concern_any(database: Database) -> None:
    asked = Asked()
    end = {"before_end": lambda run: run.derive([_disks(asked)])}
    unknown = entity("vm", 1, Link("USES", Target("somewhere")))
    load(database, {"azure_vm": [unknown]}, **end)
    assert (asked.since(), _held(database)) == (0, 0), "there is no disk"
    load(database, {"azure_disk": [Record("somewhere", "azure_disk", {"name": "it"})]}, **end)
    assert (asked.since(), _held(database)) == (1, 1)


def test_a_commit_whose_answer_was_lost_counts_as_a_change(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    end = {"before_end": lambda run: run.derive([_disks(asked)])}
    load(database, {"azure_vm": [vm(1), vm(2)]}, **end)
    commit, update = neo4j.Transaction.commit, Updater.update

    def cut(self: Any) -> None:
        commit(self)
        monkeypatch.setattr(neo4j.Transaction, "commit", commit)
        raise ServiceUnavailable("the connection was cut")

    def losing(self: Any, *given: Any) -> Any:
        monkeypatch.setattr(neo4j.Transaction, "commit", cut)
        return update(self, *given)

    monkeypatch.setattr(Updater, "update", losing)
    load(database, {"azure_vm": [vm(1, size="m"), vm(2)]}, **end)
    assert asked.since() == 2


def test_a_far_end_is_made_or_waited_for(database: Database) -> None:
    asked = Asked()

    def rows(found: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
        yield from asked(found)
        yield DerivedLink(key("vm", 1), "HOLDS", "everybody")

    end = {"before_end": lambda run: run.derive([_disks(rows)])}
    load(database, {"azure_vm": [vm(1)]}, **end)
    load(database, {"azure_vm": [vm(1)]}, **end)
    assert (asked.since(), _held(database)) == (2, 1), "it is looked for again while it is not there"
    makes = (Target("everybody", "azure_disk", {"name": "everybody"}),)
    end = {"before_end": lambda run: run.derive([_disks(rows, makes=makes)])}
    load(database, {"azure_vm": [vm(1)]}, **end)
    load(database, {"azure_vm": [vm(1)]}, **end)
    assert (asked.since(), _held(database)) == (1, 2)


def test_what_is_derived_from_derived_relationships_follows_them(database: Database) -> None:
    asked = Asked()
    later = _disks(
        asked,
        name="later",
        inputs=("azure_nic",),
        query="MATCH (a:azure_vm)-[:SHARES]->(:azure_vm)-[:USES]->(b:azure_disk) "
        "RETURN a._key AS `from`, b._key AS `to`",
        after=("pairs",),
    )
    end = {"before_end": lambda run: run.derive([_derivation(Pairs()), later])}
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="m")]}, **end)
    assert (asked.since(), _held(database)) == (1, 0)
    load(database, {"azure_vm": [vm(1, size="s"), vm(2, size="s")]}, **end)
    assert (asked.since(), _held(database)) == (1, 1)
    load(database, {"azure_vm": [vm(1, size="s", new=1), vm(2, size="s")]}, **end)
    assert asked.since() == 0, "what it follows from came to the same"


def test_what_no_entity_can_have_is_not_asked_for(database: Database) -> None:
    rows = Pairs()
    derive = {"before_end": lambda run: run.derive([_derivation(rows)])}
    load(database, {"azure_nic": [entity("nic", 9)]}, **derive)
    load(database, {"azure_nic": [entity("nic", 8)]}, **derive)
    assert rows.asked == 0, "there is no machine"
    load(database, {"azure_nic": [entity("nic", 8)], "azure_vm": [vm(1, size="s"), vm(2, size="s")]}, **derive)
    assert _pairs(database) == [("vm-1", "vm-2", "s")]
    load(database, {"azure_nic": [entity("nic", 8)], "azure_vm": []}, **derive)
    assert _pairs(database) == []


def test_one_that_makes_its_far_end_is_possible_without_it() -> None:
    to_all = (("internet", "REACHES", "azure_vm"), ("ANY_PRINCIPAL", "REACHES", "azure_nic"))
    plain = Derivation(name="reach", inputs=("azure_vm",), relationships=to_all, query="")
    assert not plain.is_possible({"azure_vm"})
    assert plain.is_possible({"azure_nic"}), "any principal is no type of its own"
    assert replace(plain, makes=(Target("internet", "internet"),)).is_possible({"azure_vm"})
