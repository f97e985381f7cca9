"""Killed at any point, the next run ends in the same graph as one that was never killed, and tells no change twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loader.graph import Database
from tests.graph.killed_child import records
from tests.graph.tenant import changes, dump, load

pytestmark = [pytest.mark.graph, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
# At other points in each run; AZGRAPH_TEST_LONG kills often enough for one run to say it all.
KILLS = 20 if os.environ.get("AZGRAPH_TEST_LONG") else 6
Kill = Callable[[str, float], bool]


@pytest.fixture
def kill(neo4j_connection: Any) -> Kill:
    """Starts a loader and kills it some seconds after it began; tells whether it was still at work."""

    def run(day: str, delay: float) -> bool:
        command = [sys.executable, "-m", "tests.graph.killed_child", *neo4j_connection, day]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
            return child.wait() == -signal.SIGKILL

    return run


def _duration(database: Database, day: str) -> float:
    start = time.monotonic()
    load(database, records(day))
    return time.monotonic() - start


def _forget_changes(database: Database) -> None:
    database.write(lambda transaction: transaction.run("MATCH (c:Change) DETACH DELETE c"))


def test_killed_at_random_points(database: Database, kill: Kill) -> None:
    rng = random.Random()
    wiped = "MATCH (n) DETACH DELETE n"
    for day in ("first", "next"):
        load(database, records(day))  # a server that has not planned it yet takes many times as long
    database.write(lambda transaction: transaction.run(wiped))
    took = {"first": _duration(database, "first")}
    graph = {"first": dump(database)}
    took["next"] = _duration(database, "next")
    graph["next"], forward = dump(database), changes(database)
    _forget_changes(database)
    load(database, records("first"))
    told = {"next": forward, "first": changes(database)}
    assert forward, "the next day must differ"
    at_work = 0

    for _ in range(KILLS // 3):
        database.write(lambda transaction: transaction.run(wiped))
        at_work += kill("first", rng.uniform(0, took["first"]))
        load(database, records("first"))
        assert dump(database) == graph["first"]
        assert changes(database) == []

    for number in range(KILLS - KILLS // 3):
        day = ("next", "first")[number % 2]
        _forget_changes(database)
        at_work += kill(day, rng.uniform(0, took[day]))
        load(database, records(day))
        assert dump(database) == graph[day]
        assert changes(database) == told[day]
    assert at_work >= KILLS // 2, "the kills came too late to prove anything"
    running = database.read("MATCH (r:SyncRun) WHERE r.status = 'running' OR r.linksPending RETURN r")
    assert running == []


def test_a_run_left_running_is_marked_failed(database: Database, kill: Kill) -> None:
    kill("first", 0.3)
    load(database, records("first"))
    statuses = [row["status"] for row in database.read("MATCH (r:SyncRun) RETURN r.status AS status ORDER BY r.seq")]
    assert statuses[-1] == "complete"
    assert "running" not in statuses


def test_links_of_a_killed_run_are_repaired(database: Database) -> None:
    """The narrow window by hand: nodes are committed, their deferred links are not."""
    load(database, records("first"))
    graph = dump(database)
    database.write(
        lambda t: t.run(
            "MATCH (:azure_vm)-[r:USES]->() DELETE r WITH count(*) AS _ MATCH (s:SyncRun) SET s.linksPending = true"
        )
    )
    assert dump(database) != graph
    repaired = load(database, records("first"))
    assert dump(database) == graph
    assert sum(repaired.changes.values()) == 0
    assert load(database, records("first")).counters.total == 0
