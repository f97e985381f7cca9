"""Two loaders on one graph never overlap."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from loader.errors import AzgraphError, ExitCode, UnreachableError, UsageError
from loader.graph import Database, Run, bookkeeping
from loader.graph.holder import Holder
from loader.model import Outcome, Status
from tests.graph.tenant import AREA, WHOLE, load, vm

pytestmark = pytest.mark.graph
_NOTES = """
MATCH (n) WHERE n:SyncRun OR n:SyncScope OR n:Entity
RETURN properties(n) AS notes ORDER BY coalesce(n.id, n._key, '')
"""


def _hold(database: Database, *, host: str, pid: int, seconds: int, machine: str = "", began: float = 0) -> None:
    database.write(
        lambda transaction: transaction.run(
            "MERGE (l:SyncLease {id: 'sync'}) SET l.holder = 'other', l.host = $host, l.machine = $machine, "
            "l.pid = $pid, l.began = $began, l.since = datetime(), "
            "l.expiresAt = datetime() + duration({seconds: $seconds})",
            host=host,
            machine=machine,
            pid=pid,
            began=began,
            seconds=seconds,
        )
    )


def _write_a_step(run: Run) -> None:
    writer = run.step("azure_vm", AREA)
    writer.write("", [vm(1)])
    writer.finish({"": WHOLE})


def test_the_second_loader_ends_with_a_sentence(database: Database) -> None:
    with Run.start(database, loader_version="1") as first:
        with pytest.raises(AzgraphError, match=rf"process {os.getpid()} on {socket.gethostname()}") as refused:
            Run.start(database, loader_version="1")
        assert refused.value.exit_code == ExitCode.UNREACHABLE
        assert "--wait" in str(refused.value)
        first.finish("complete")
    assert load(database, {"azure_vm": [vm(1)]}).status == "complete"
    assert database.read("MATCH (r:SyncRun) RETURN count(r) AS n") == [{"n": 2}]


def test_the_second_loader_waits_when_it_is_told_to(database: Database) -> None:
    first = Run.start(database, loader_version="1")
    threading.Timer(0.6, lambda: first.finish("complete")).start()
    started = time.monotonic()
    with Run.start(database, loader_version="1", wait_seconds=30) as second:
        assert time.monotonic() - started > 0.4
        assert second.seq == first.seq + 1
        second.finish("complete")


def test_an_expired_lease_is_taken_and_a_living_one_is_not(database: Database) -> None:
    load(database, {})
    _hold(database, host="elsewhere.contoso.example", pid=1, seconds=60)
    with pytest.raises(AzgraphError, match=r"process 1 on elsewhere\.contoso\.example"):
        Run.start(database, loader_version="1")
    _hold(database, host="elsewhere.contoso.example", pid=1, seconds=-1)
    assert load(database, {}).status == "complete"


def test_a_lease_of_a_clock_that_was_ahead_is_taken(database: Database) -> None:
    """Else a loader that was killed before the clock was set back would hold all others off for as long."""
    _hold(database, host="elsewhere", pid=1, seconds=365 * 24 * 3600)
    with Run.start(database, loader_version="1") as run:
        run.finish("complete")


def test_the_lease_of_a_dead_process_of_this_machine_is_taken_at_once(database: Database) -> None:
    load(database, {})
    mine = Holder.this_process()
    _hold(database, host=socket.gethostname(), pid=2**22 + 1, seconds=600, machine=mine.machine, began=mine.began)
    assert load(database, {}).status == "complete"
    # The number of a dead process was given again: to this very process, as in containers, where it is always 1.
    _hold(database, host=socket.gethostname(), pid=mine.pid, seconds=600, machine=mine.machine, began=mine.began - 60)
    assert load(database, {}).status == "complete"


def test_a_living_process_that_only_looks_like_ours_keeps_its_lease(database: Database) -> None:
    """Containers have one host name and one process number for all of them, and another kernel's process table."""
    mine = Holder.this_process()
    load(database, {})
    for machine, began in ((f"{mine.machine}:other-namespace", mine.began), ("", 0.0), (mine.machine, 0.0)):
        _hold(database, host=socket.gethostname(), pid=mine.pid, seconds=60, machine=machine, began=began)
        with pytest.raises(AzgraphError, match="has been writing"):
            Run.start(database, loader_version="1")


def test_a_run_of_this_process_that_could_not_give_its_lease_back_is_in_nobodys_way(database: Database) -> None:
    lost = Run.start(database, loader_version="1")
    with pytest.raises(AzgraphError, match="has been writing"):
        Run.start(database, loader_version="1")
    lost._lease.stop()  # what is left of `release` while the database is away
    assert load(database, {}).status == "complete"


def test_the_heartbeat_keeps_a_short_lease_alive(database: Database) -> None:
    with Run.start(database, loader_version="1", lease_seconds=1.5) as run:
        time.sleep(2.5)
        with pytest.raises(AzgraphError):
            Run.start(database, loader_version="1")
        run.finish("complete")


def test_a_run_that_lost_its_lease_writes_nothing_more(database: Database) -> None:
    run = Run.start(database, loader_version="1")
    _hold(database, host="elsewhere.contoso.example", pid=1, seconds=60)
    with pytest.raises(AzgraphError, match="taken over"):
        _write_a_step(run)
    with pytest.raises(AzgraphError, match="taken over"):
        run.__exit__(None)
    assert database.read("MATCH (n:Entity) RETURN n") == []
    held = database.read("MATCH (l:SyncLease) RETURN l.holder AS holder")
    assert held == [{"holder": "other"}], "the other one's lease is not given back by us"


def test_a_wrong_password_and_a_wrong_address_are_sentences(neo4j_connection: tuple[str, str, str]) -> None:
    uri, user, _ = neo4j_connection
    with pytest.raises(UnreachableError, match="refused the user") as refused:
        Database(uri, user, "wrong-one")
    assert refused.value.exit_code == ExitCode.UNREACHABLE
    with pytest.raises(UsageError, match="not an address"):
        Database("htp://contoso.example", user, "x")
    with pytest.raises(UnreachableError, match="cannot be reached"):
        Database("bolt://127.0.0.1:9", user, "x")


@pytest.mark.parametrize("deed", ["entities", "record", "links", "derive", "end", "remove", "remove what is empty"])
def test_a_run_that_lost_its_lease_notes_nothing_more(database: Database, deed: str) -> None:
    """A laptop that wakes up: what the newer run has said of steps, of runs and of subscriptions stands."""
    load(database, {"azure_vm": [] if deed == "remove what is empty" else [vm(1)]}, tenant="t")
    run = Run.start(database, loader_version="1", tenant="t", accept_deletions=True)
    _hold(database, host="elsewhere.contoso.example", pid=1, seconds=60)
    before = database.read(_NOTES)
    forbidden = Outcome(Status.FORBIDDEN, "no")
    if deed == "record":
        run.record_step("azure_vm", AREA, forbidden)
    deeds: dict[str, Callable[[], object]] = {
        "entities": lambda: run._writer.write(lambda transaction: transaction.run("CREATE (:Entity {_key: 'x'})")),
        "record": run._log.flush,
        "links": lambda: bookkeeping.links_written(run._writer, run.id, frozenset()),
        "derive": lambda: run.derive([]),
        "end": lambda: bookkeeping.end_run(run._writer, run.id, status="complete", counts="{}", notes=[], report=None),
        "remove": lambda: run.remove_areas(set()),
        "remove what is empty": lambda: run.remove_areas(set()),
    }
    with pytest.raises(AzgraphError, match="taken over"):
        deeds[deed]()
    run._lease.stop()
    assert database.read(_NOTES) == before


def test_an_older_run_never_overwrites_what_a_newer_one_said(database: Database) -> None:
    """Though it holds the lease: a clock that was set back, a lease that was taken by hand."""
    run = Run.start(database, loader_version="1")
    database.write(
        lambda transaction: transaction.run(
            "CREATE (:SyncScope {id: $id, step: 'azure_vm', area: $area, status: 'forbidden', seq: 99})",
            id=f"azure_vm|{AREA}",
            area=AREA,
        )
    )
    run.record_step("azure_vm", AREA, WHOLE)
    run.finish("complete")
    (scope,) = database.read("MATCH (s:SyncScope) RETURN s.status AS status, s.seq AS seq, s.lastCompleteSeq AS whole")
    assert scope == {"status": "forbidden", "seq": 99, "whole": None}


def test_process_tables_of_other_containers_are_other_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Holder.this_process()
    other = tmp_path / "pid"
    other.symlink_to("pid:[4026532999]")
    monkeypatch.setattr("loader.graph.holder._NAMESPACE", other)
    theirs = Holder.this_process()
    assert theirs.machine != mine.machine
    assert (theirs.pid, theirs.began) == (mine.pid, mine.began)
    gone = Holder(mine.machine, 2**22 + 1, mine.began)
    assert not gone.is_dead(), "of another process table nothing is certain"
    monkeypatch.undo()
    assert gone.is_dead()
