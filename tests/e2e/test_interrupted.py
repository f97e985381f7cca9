"""Killed, cut off from its database or started twice: the next run ends in the graph of an undisturbed one."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from tests.e2e.support import Azgraph, changes, clean_environment, dump, load, recorded, wipe
from tests.relay import relayed

pytestmark = pytest.mark.slow

# Enough for every kind of change between the two days: how much is loaded makes no difference to being killed.
PARTS = ("azure_vm", "azure_nic", "azure_public_ip", "azure_security_group", "azure_user", "azure_user_group")
_RUNNING = "MATCH (r:SyncRun {status: 'running'}) RETURN count(r) AS n"
_DURATION = """
MATCH (r:SyncRun) WITH r ORDER BY r.seq DESC LIMIT 1
RETURN duration.inSeconds(r.startedAt, r.finishedAt).milliseconds / 1000.0 AS seconds
"""


def _wait_for_a_run(database: Database) -> None:
    deadline = time.monotonic() + 300
    while not database.read(_RUNNING)[0]["n"]:
        assert time.monotonic() < deadline, "no run began"
        time.sleep(0.02)


def _replaying(azgraph: Azgraph, file: Path) -> subprocess.Popen[str]:
    """The command at loading the parts from a recording."""
    return azgraph.start("sync", "--replay", file, *(word for part in PARTS for word in ("--only", part)))


def test_killed_at_random_points(
    azgraph: Azgraph, database: Database, contoso: list[Exchange], next_day: list[Exchange], tmp_path: Path
) -> None:
    rng = random.Random(3)
    days = (contoso, next_day)
    files = [recorded(answers, tmp_path / f"{day}.har") for day, answers in enumerate(days)]
    load(database, contoso, only=PARTS)
    graph, told = {}, {}
    for day in (1, 0):
        wipe(database, "n:Change")
        summary = load(database, days[day], only=PARTS)
        assert all(summary.changes.values()), "every kind of change happens"
        graph[day], told[day] = dump(database), changes(database)
    seconds = database.read(_DURATION)[0]["seconds"]
    at_work = 0
    for number in range(4):
        day = (number + 1) % 2
        wipe(database, "n:Change")
        with _replaying(azgraph, files[day]) as process:
            _wait_for_a_run(database)
            time.sleep(rng.uniform(number / 4, (number + 1) / 4) * seconds)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        at_work += process.returncode == -signal.SIGKILL and bool(database.read(_RUNNING)[0]["n"])
        load(database, days[day], only=PARTS)
        assert dump(database) == graph[day]
        assert changes(database) == told[day]
    assert at_work >= 2, "the kills came too late to prove anything"
    statuses = {row["status"] for row in database.read("MATCH (r:SyncRun) RETURN r.status AS status")}
    assert statuses == {"complete", "failed"}


def test_two_loaders_at_once(azgraph: Azgraph, database: Database, contoso: list[Exchange], tmp_path: Path) -> None:
    with _replaying(azgraph, recorded(contoso, tmp_path / "contoso.har")) as first:
        _wait_for_a_run(database)
        # Stopped for a moment, so that it is at work for sure while the others come.
        first.send_signal(signal.SIGSTOP)
        refused = azgraph.here("demo", "--format", "json")
        with azgraph.start("sync", "--wait", "300", "--replay", _empty_recording()) as waiting:
            time.sleep(1)
            first.send_signal(signal.SIGCONT)
            first.communicate(timeout=300)
            _, said = waiting.communicate(timeout=300)
    assert refused.code == 4
    assert refused.out == ""
    assert f"process {first.pid}" in refused.err
    assert "--wait" in refused.err
    assert "Traceback" not in refused.err
    assert first.returncode == 0
    assert waiting.returncode in (3, 4), said
    runs = database.read("MATCH (r:SyncRun) RETURN r.seq AS seq, r.status AS status ORDER BY seq")
    assert [row["seq"] for row in runs] == [1, 2]
    assert runs[0]["status"] == "complete"
    overlap = "MATCH (a:SyncRun {seq: 1}), (b:SyncRun {seq: 2}) RETURN a.finishedAt <= b.startedAt AS apart"
    assert database.read(overlap) == [{"apart": True}]


def _empty_recording() -> Path:
    return Path(__file__).parent / "nothing.har"


def test_the_database_is_away_in_the_middle(
    database: Database, neo4j_connection: Any, contoso: list[Exchange], tmp_path: Path
) -> None:
    """As while it restarts, which tests/graph/test_restart.py has it do."""
    file = recorded(contoso, tmp_path / "contoso.har")
    load(database, contoso, only=PARTS)
    graph = dump(database)
    wipe(database)
    uri, user, password = neo4j_connection
    with relayed(uri) as relay:
        azgraph = Azgraph(clean_environment(NEO4J_URI=relay.uri, NEO4J_USER=user, NEO4J_PASSWORD=password))
        with _replaying(azgraph, file) as process:
            _wait_for_a_run(database)
            assert relay.cut(), "it was at work"
            time.sleep(3)
            relay.restore()
            out, err = process.communicate(timeout=300)
    assert process.returncode in (0, 4)
    assert "Traceback" not in out + err
    if process.returncode == 4:
        assert "cannot be reached" in err
    load(database, contoso, only=PARTS)
    assert dump(database) == graph
    assert changes(database) == []
