"""Two workers load a played Azure; one is killed in the middle, and the graph is the truth all the same."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import psutil
import pytest

from bench.azure.made import SIZES
from bench.azure.server import Play, Simulated
from bench.azure.truth import compare
from bench.azure.world import World
from loader.azure import sessions
from loader.cluster.engine import Engine, on_this_machine
from loader.cluster.orders import Source, Where
from loader.graph import Database
from loader.model import Status
from loader.sync import Options, StepReport, Summary, sync

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")


def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    database: Database, neo4j_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri, user, password = neo4j_connection
    world = World(SIZES["tiny"])
    world.prepare()
    with Simulated(world, Play()) as azure:
        environment = {**azure.environment, "HTTPS_PROXY": azure.proxied_environment["HTTPS_PROXY"]}
        environment |= {"NO_PROXY": "localhost", "NEO4J_USER": user, "NEO4J_PASSWORD": password}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        summary, arguments = asyncio.run(_killing_one(database, Where(uri)))
    assert [one for one in summary.steps if one.status is not Status.COMPLETE] == []
    assert summary.status == "complete"
    assert any("begun again" in note for note in summary.notes)
    difference = compare(database, world.truth())
    assert not difference, difference
    assert not database.read("MATCH (n) WHERE n:SyncPart OR n:SyncRun AND n.linksPending RETURN n")
    secrets = {password, os.environ["AZURE_CLIENT_SECRET"]}
    assert len(arguments) >= 2
    assert not [one for one in arguments if any(secret in one for secret in secrets)]


async def _killing_one(database: Database, where: Where) -> tuple[Summary, list[str]]:
    """The run's summary, and how its workers were started."""
    engines: list[Engine] = []
    arguments: list[str] = []

    def told(_step: StepReport) -> None:
        if not arguments:
            arguments.extend(" ".join(one.cmdline()) for one in psutil.Process().children(recursive=True))
            first = engines[0].sent[0]
            os.kill(int(first.process.split()[1]), signal.SIGKILL)

    async with sessions.live() as session, on_this_machine(2, Source(), where) as engine:
        engines.append(engine)
        return await sync(session, database, Options(), told, elsewhere=engine), arguments
