"""Nothing is judged by what a run has written that is not at its end."""

from __future__ import annotations

import pytest

from loader.coverage import Coverage
from loader.coverage.finished import unfinished_runs
from loader.graph import Database, Run
from loader.model import Link, Outcome, Record, Target
from loader.services import entity_types
from tests.graph.tenant import AREA, ROOT, entity, key

pytestmark = pytest.mark.graph

STEP = "azure_vm"


def machine(number: int, size: str = "small") -> Record:
    nic = Link("USES", Target(key("nic", number), "azure_nic"))
    return entity("vm", number, nic, vmSize=size)


def begin(database: Database) -> Run:
    return Run.start(database, loader_version="1", entity_types=entity_types())


def take(run: Run, *records: Record) -> None:
    step = run.step(STEP, AREA)
    step.write("", list(records))
    step.finish({"": Outcome()})
    run.record_step(STEP, AREA, Outcome())


def whole(database: Database, *, derive: bool = True, finish: bool = True) -> None:
    with begin(database) as run:
        take(run, machine(1))
        if derive:
            run.derive([])
        if finish:
            run.finish("complete")


def gaps(database: Database) -> list[str]:
    return [gap.sentence for gap in Coverage.read(database, [STEP]).gaps([STEP], AREA)]


def test_a_finished_run_is_whole(database: Database) -> None:
    whole(database)
    assert gaps(database) == []
    assert ROOT


def test_a_run_at_work_is_not(database: Database) -> None:
    with begin(database) as run:
        take(run, machine(1))
        run._log.flush()
        assert "not at its end" in gaps(database)[0]
        run.derive([])
        assert "not at its end" in gaps(database)[0]
        run.finish("complete")
    assert gaps(database) == []


def test_a_run_that_was_killed_is_not_and_the_next_makes_up_for_it(database: Database) -> None:
    run = begin(database)
    take(run, machine(1))
    run._log.flush()
    run._lease.stop()
    database.write(lambda transaction: transaction.run("MATCH (l:SyncLease) DELETE l"))
    assert "not at its end" in gaps(database)[0]
    whole(database)
    assert gaps(database) == []


def test_a_step_that_was_whole_before_is_not_whole_while_another_run_writes_it(database: Database) -> None:
    whole(database)
    run = begin(database)
    step = run.step(STEP, AREA)
    step.write("", [machine(1, "large")])
    with step._lock:
        step._flush(all_of_it=True)
        for written in step._writing:
            written.result()
    # Whoever is killed writes no more; a thread that still did would meet a connection that the test's end closes.
    run._pool.close()
    run._lease.stop()
    database.write(lambda transaction: transaction.run("MATCH (l:SyncLease) DELETE l"))
    assert "not at its end" in gaps(database)[0]


def test_a_step_that_was_met_again_unchanged_is_not_whole_before_its_run_is_at_its_end(database: Database) -> None:
    whole(database)
    with begin(database) as run:
        take(run, machine(1))
        run._log.flush()
        assert "not at its end" in gaps(database)[0]
        run.derive([])
        run.finish("complete")
    assert gaps(database) == []


@pytest.mark.parametrize(
    ("run", "later", "finished"),
    [
        ("status: 'complete', derived: true", "derived: true", True),
        ("status: 'running', derived: true", "derived: true", False),
        ("status: 'failed', derived: true, linksPending: true", "derived: true", False),
        ("status: 'failed', derived: false", "derived: true", True),
        ("status: 'failed', derived: false", "derived: false", False),
    ],
)
def test_each_sign_counts_by_itself(database: Database, run: str, later: str, finished: bool) -> None:
    """A run that is at work, one whose links wait, and one that nobody derived after."""
    database.write(
        lambda transaction: transaction.run(
            f"CREATE (:SyncRun {{seq: 1, {run}}}), (:SyncRun {{seq: 2, status: 'failed', {later}}})"
        )
    )
    assert (1 not in unfinished_runs(database)) is finished


def test_what_was_not_derived_is_not_finished(database: Database) -> None:
    whole(database, derive=False)
    assert "not at its end" in gaps(database)[0]
    whole(database)
    assert gaps(database) == []


@pytest.mark.parametrize(("quiet", "known"), [("not-offered", True), ("retired", True), ("not-licensed", False)])
def test_an_end_that_says_there_is_nothing_is_as_good_as_an_empty_list(
    database: Database, quiet: str, known: bool
) -> None:
    whole(database)
    database.write(
        lambda transaction: transaction.run(
            "MATCH (s:SyncScope {step: $step}) SET s.status = 'unavailable', s.quiet = $quiet", step=STEP, quiet=quiet
        )
    )
    assert (gaps(database) == []) is known


def test_what_was_loaded_is_asked_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole(database)
    asked = []
    read = Database.read
    monkeypatch.setattr(Database, "read", lambda *given, **named: asked.append(given) or read(*given, **named))
    known = Coverage.read(database)
    assert known.whole[STEP] == {AREA}
    assert len(asked) == 1
