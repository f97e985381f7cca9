"""Ctrl-C in a terminal reaches every process of a run with workers: all of them end, and nothing counts as whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

import psutil
import pytest

from bench.azure.made import SIZES
from bench.azure.server import Play, Simulated
from bench.azure.subscription import subscription_id
from bench.azure.world import World
from loader.coverage import Coverage
from loader.graph import Database
from tests.e2e.support import ROOT, clean_environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")

# Answers so slow that no run is at its end when it is broken off.
SLOWLY = Play(latency=0.2)
TYPES = ["azure_vnet", "azure_vm", "azure_storage_account", "azure_keyvault", "azure_role_assignment"]


@pytest.mark.parametrize("heard", ["planned", "step"])
def test_all_processes_end_and_nothing_counts_as_whole(database: Database, neo4j_connection: Any, heard: str) -> None:
    """heard: the event after which somebody presses Ctrl-C, early and in the middle."""
    uri, user, password = neo4j_connection
    world = World(SIZES["tiny"])
    world.prepare()
    with Simulated(world, SLOWLY) as azure:
        environment = clean_environment(
            **azure.environment,
            HTTPS_PROXY=azure.proxied_environment["HTTPS_PROXY"],
            NO_PROXY="localhost",
            NEO4J_URI=uri,
            NEO4J_USER=user,
            NEO4J_PASSWORD=password,
        )
        command = [sys.executable, "-m", "loader.cli", "sync", "--workers", "2", "--log-format", "json"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stderr is not None
            told = []
            for line in process.stderr:
                told.append(line)
                if json.loads(line)["event"] == heard:
                    break
            others = psutil.Process(process.pid).children(recursive=True)
            # As a terminal does it: to all processes in the foreground.
            os.killpg(process.pid, signal.SIGINT)
            _, rest = process.communicate(timeout=120)
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert "they are kept" in rest or heard == "planned"
    assert len(others) >= 2
    _, alive = psutil.wait_procs(others, timeout=10)
    assert not alive, alive
    (run,) = database.read("MATCH (r:SyncRun) RETURN r.status AS status")
    assert run["status"] == "failed"
    coverage = Coverage.read(database)
    for number in range(SIZES["tiny"].subscriptions):
        assert coverage.gaps(TYPES, subscription_id(SIZES["tiny"], number)) != []
