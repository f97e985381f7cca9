"""Parts of a run in other processes: the graph is that of one process, also where a part is begun again."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from contextlib import nullcontext

import neo4j
import pytest
from neo4j.exceptions import ServiceUnavailable

from loader.errors import AzgraphError, UsageError
from loader.graph import Database, Run
from loader.graph.bookkeeping import read_scopes
from loader.graph.part import PartEnd, RunPart
from loader.model import Outcome, Record, Status
from tests.graph.tenant import AREA, TYPES, WHOLE, changes, dump, load, tenant, vm

pytestmark = pytest.mark.graph

OTHER = "22222222-2222-2222-2222-222222222222"
SIZE = 30


def part(database: Database, run: Run, area: str = AREA) -> RunPart:
    schema = run.token.schema
    return RunPart(database, run.token, area, run.scopes_of(area), schema_version=schema, entity_types=TYPES)


def write(writing: RunPart | Run, steps: Mapping[str, list[Record]], area: str = AREA) -> None:
    for name, records in steps.items():
        writer = writing.step(name, area)
        writer.write("", records)
        writer.finish({"": WHOLE})


def sent(end: PartEnd) -> PartEnd:
    """As it comes out of another process."""
    return pickle.loads(pickle.dumps(end))


def halves(size: int = SIZE) -> list[dict[str, list[Record]]]:
    """A tenant in two areas: the links of the first lead into the second."""
    everything = tenant(size)
    return [{"azure_vm": everything.pop("azure_vm")}, everything]


def in_parts(database: Database, first: dict[str, list[Record]], second: dict[str, list[Record]]) -> None:
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        for area, steps in ((AREA, first), (OTHER, second)):
            one = part(database, run, area)
            write(one, steps, area)
            run.take_part(sent(one.finish()))
        assert run.finish("complete").status == "complete"


def in_one(database: Database, first: dict[str, list[Record]], second: dict[str, list[Record]]) -> None:
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        write(run, first)
        write(run, second, OTHER)
        assert run.finish("complete").status == "complete"


def test_parts_come_to_the_graph_of_one_process_and_so_do_their_deletions(database: Database) -> None:
    first, second = halves()
    fewer = {"azure_vm": [vm(n, size="large") for n in range(SIZE - 2)]}
    moved = {**second, "azure_vm": [vm(SIZE - 1, size="small")]}
    found = []
    for way in (in_one, in_parts):
        database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
        for steps in ((first, second), (fewer, second), (fewer, moved)):
            way(database, *steps)
        found.append((dump(database), changes(database)))
        assert not database.read("MATCH (n) WHERE n:SyncPart OR n:SyncRun AND n.linksPending RETURN n")
    assert found[0] == found[1]
    assert found[0][1]


def test_a_part_that_is_begun_again_loses_and_doubles_nothing(database: Database) -> None:
    first, second = halves()
    in_one(database, first, second)
    expected, told = dump(database), changes(database)
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        lost = part(database, run)
        write(lost, first)
        still = part(database, run)
        # Who was only taken for dead writes nothing any more.
        with pytest.raises(AzgraphError, match="may write to the graph no more"):
            write(lost, second)
        lost.close()
        write(still, first)
        end = sent(still.finish())
        assert end.again
        run.take_part(end)
        other = part(database, run, OTHER)
        write(other, second, OTHER)
        run.take_part(sent(other.finish()))
        run.finish("complete")
    assert (dump(database), changes(database)) == (expected, told)


def test_two_processes_that_write_the_same_link_it_once(database: Database) -> None:
    first, second = halves(3)
    in_one(database, first, second)
    expected = dump(database)
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        both = [part(database, run, area) for area in ("a", "b")]
        for one in both:
            write(one, first)
            one.close()
        write(run, second, OTHER)
        run.give_up_part("b")
        run.finish("partial")
    # What was left to a process that is lost comes with the next run, as after a kill.
    in_one(database, first, second)
    assert dump(database) == expected


def test_links_of_a_dead_process_are_repaired_where_the_next_could_not_read_its_list(database: Database) -> None:
    first, second = halves()
    in_one(database, first, second)
    expected = dump(database)
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        dead = part(database, run)
        write(dead, first)
        dead.close()
        again = part(database, run)
        again.step("azure_vm", AREA).finish({"": Outcome(Status.FAILED, "429")})
        run.take_part(sent(again.finish()))
        other = part(database, run, OTHER)
        write(other, second, OTHER)
        run.take_part(sent(other.finish()))
        run.finish("partial")
    assert dump(database) != expected
    in_one(database, first, second)
    assert dump(database)[1] == expected[1]


def test_many_links_whose_ends_are_not_there_are_not_held(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.graph.part._MOST_LEFT", 5)
    first, second = halves()
    in_one(database, first, second)
    expected = dump(database)
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        one, other = part(database, run), part(database, run, OTHER)
        write(one, first)
        end = sent(one.finish())
        assert end.links == []
        run.take_part(end)
        write(other, second, OTHER)
        run.take_part(sent(other.finish()))
        run.finish("complete")
    assert dump(database) == expected


def test_whose_part_was_given_up_writes_nothing_any_more(database: Database) -> None:
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        slow = part(database, run)
        run.give_up_part(AREA)
        run.record_lost("azure_vm", AREA, Outcome(Status.FAILED, "lost"))
        with pytest.raises(AzgraphError, match="no more"):
            write(slow, {"azure_vm": [vm(1)]})
        slow.close()
        run.finish("partial")
    (state,) = read_scopes(database).values()
    assert (state.step, state.whole) == ("azure_vm", None)


@pytest.mark.parametrize("end", ["lost", "left out"])
def test_of_a_step_that_nobody_read_not_some_parents_are_unread_but_all(database: Database, end: str) -> None:
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        writer = run.step("azure_vm", AREA)
        writer.write("/vault/1", [vm(1)])
        writer.finish({"/vault/1": Outcome(Status.FAILED, "503"), "/vault/2": WHOLE})
        run.finish("partial")
    assert [one.incomplete for one in read_scopes(database).values()] == [{"/vault/1"}]
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        record = run.record_lost if end == "lost" else run.record_left_out
        record("azure_vm", AREA, Outcome(Status.FAILED, "lost"))
        run.finish("partial")
    assert [one.incomplete for one in read_scopes(database).values()] == [frozenset()]


def test_that_a_part_is_begun_again_is_not_forgotten_with_a_lost_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loader.graph.database._wait", lambda _: 0.001)
    commit = neo4j.Transaction.commit
    lost: list[bool] = []

    def cut(self: neo4j.Transaction) -> None:
        commit(self)
        if not lost:
            lost.append(True)
            raise ServiceUnavailable("the connection was cut")

    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        part(database, run).close()
        monkeypatch.setattr(neo4j.Transaction, "commit", cut)
        again = part(database, run)
        assert lost
        assert again.finish().again
        run.finish("complete")


def test_a_part_of_a_run_that_ended_or_of_another_version_writes_nothing(database: Database) -> None:
    with Run.start(database, loader_version="1", entity_types=TYPES) as run:
        with pytest.raises(UsageError, match="another version"):
            RunPart(database, run.token, AREA, {}, schema_version="other")
        late, later = part(database, run), part(database, run, OTHER)
        expire = "MATCH (l:SyncLease) SET l.expiresAt = datetime() - duration($for)"
        for how_long, may in (("PT1M", True), ("PT6M", False)):
            database.write(lambda transaction, how_long=how_long: transaction.run(expire, **{"for": how_long}))
            with nullcontext() if may else pytest.raises(AzgraphError, match="no more"):
                write(late, {"azure_nic": []})
                late.finish()
        run.finish("complete")
    with pytest.raises(AzgraphError, match="has ended"):
        part(database, run)
    with pytest.raises(AzgraphError, match="no more"):
        write(later, {"azure_vm": [vm(1)]}, OTHER)
    later.close()
    assert load(database, {}).status == "complete"
