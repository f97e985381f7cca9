"""Parts of a run in other processes: the graph is that of one process, also where a part is begun again."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from contextlib import nullcontext

import pytest

from loader.errors import AzgraphError, UsageError
from loader.graph import Database, Run
from loader.graph.part import PartEnd, RunPart
from loader.model import Record
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
        run.give_up_part()
        run.finish("partial")
    # What was left to a process that is lost comes with the next run, as after a kill.
    in_one(database, first, second)
    assert dump(database) == expected


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
