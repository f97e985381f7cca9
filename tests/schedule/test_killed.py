"""`azgraph watch` killed at random moments: an undisturbed turn afterwards ends in the graph of an undisturbed one.

No alert is lost, and none is told twice. Moments are those of fetching, of loading, of bookkeeping and of what follows
(evaluating rules, telling people); killed is the watch alone, or it with
what it had at work, as when the machine loses its power. AZGRAPH_TEST_LONG kills twenty times, AZGRAPH_TEST_SEED says
when.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from loader.azure.transport.wire import Exchange
from loader.cli.main import app
from loader.config import settings
from loader.demo import exchanges
from loader.graph import Database
from tests.e2e.support import Dump, changes, clean_environment, dump, wipe
from tests.fakeazure import FakeAzure, PlayedTenant
from tests.schedule.two_tenants import SECRETS, environment, one_instance, played, write_secrets
from tests.schedule.watched import Said, start

pytestmark = pytest.mark.slow

KILLS = 20 if os.environ.get("AZGRAPH_TEST_LONG") else 3
WAIT = 300
# The configured interval is a second, so that each start finds its instance due.
WEEK = 7 * 24 * 3600
_ALERTS = "MATCH (a:Alert) RETURN a.ruleId AS rule, coalesce(a.entityKey, '') AS entity, a.state AS state"
# Alerts about a change are one for each change: of those of an earlier round nothing can be expected.
_CHANGE_ALERTS = """
MATCH (n:Alert) WHERE n.identity =~ '\\\\["[0-9a-f]{32}"\\\\]' DETACH DELETE n
"""
_TELLING = """
notify:
  channels:
    - {{name: lines, file: {{path: {path}}}}}
  routes:
    - {{name: everything, channels: [lines], events: [opened, reopened, reminded, resolved, closed]}}
"""
_DELIVERIES = "MATCH (d:Delivery) RETURN d.state AS state, d.messageId AS message, count(*) AS n"
_RUNNING = "MATCH (r:SyncRun {status: 'running'}) RETURN count(r) AS n"
_BROKEN = """
MATCH (n) WHERE n:SyncRun AND (n.status = 'running' OR n.linksPending) OR n:SyncLease AND n.holder IS NOT NULL
RETURN labels(n) AS labels, properties(n) AS p
"""


@pytest.fixture
def tenant() -> PlayedTenant:
    return played()["contoso"]


@pytest.fixture
def azure(tenant: PlayedTenant) -> Iterator[FakeAzure]:
    with FakeAzure(tenants=[tenant]) as fake:
        yield fake


@pytest.fixture
def variables(
    database: Database, neo4j_connection: Any, tmp_path: Path, azure: FakeAzure, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """What leads commands to a configuration, the test's empty database and the played Azure; they hold here too."""
    (tmp_path / "azgraph.yaml").write_text(one_instance(_TELLING.format(path=tmp_path / "told.jsonl")))
    write_secrets(tmp_path, SECRETS.items())
    uri, user, password = neo4j_connection
    home = {"AZGRAPH_HOME": str(tmp_path / "home"), "AZGRAPH_CONFIG": str(tmp_path / "azgraph.yaml")}
    made = {"NEO4J_URI": uri, "NEO4J_USER": user, "NEO4J_PASSWORD": password, **home, **environment(azure)}
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield clean_environment(**made)
    settings.cache_clear()


@dataclass(frozen=True)
class State:
    """What a turn leaves in the graph, apart from times and numbers of runs."""

    entities: Dump
    changes: list[tuple[str, str, str]]
    alerts: list[tuple[str, str, str]]


def state(database: Database) -> State:
    alerts = database.read(_ALERTS)
    return State(
        dump(database), changes(database), sorted((one["rule"], one["entity"], one["state"]) for one in alerts)
    )


def messages(told: Path) -> list[str]:
    """The ids of the messages that arrived, in their order."""
    return [json.loads(line)["id"] for line in told.read_text().splitlines()] if told.exists() else []


def forget(database: Database) -> None:
    """Takes away what the rounds before told of changes."""
    wipe(database, "n:Change")
    database.write(lambda transaction: transaction.run(_CHANGE_ALERTS))


@dataclass
class Turns:
    """Turns of the watch between two days of one tenant."""

    environment: dict[str, str]
    azure: FakeAzure
    tenant: PlayedTenant
    database: Database
    rng: random.Random
    days: tuple[list[Exchange], list[Exchange]]

    def undisturbed(self, day: int) -> State:
        """The commands of a turn, in this process. What a killed watch left at work is waited for."""
        self.tenant.serve(self.days[day])
        for arguments in (("sync", "--instance", "contoso", "--wait", str(WAIT)), ("alerts", "evaluate")):
            told = CliRunner().invoke(app, [*arguments, "--format", "json"])
            assert told.exit_code == 0, (told.output, told.exception)
        return state(self.database)

    def killed(self, day: int, moment: str) -> None:
        """A turn that is killed somewhere in this part of it."""
        self.tenant.serve(self.days[day])
        asked = len(self.azure.requests)
        with start(self.environment, pace=WEEK) as process:
            said = Said(process)
            said.until(lambda: said.says("contoso: loading"), WAIT)
            if moment == "fetch":
                wanted = self.rng.randint(1, 25)
                said.until(lambda: len(self.azure.requests) >= asked + wanted, WAIT)
            elif moment == "load":
                said.until(lambda: self.database.read(_RUNNING)[0]["n"], WAIT)
                self._sleep(2)
            elif moment == "bookkeeping":
                said.until(lambda: said.says("contoso: complete") or self._quiet(), WAIT)
            else:
                said.until(lambda: said.says("contoso: complete"), WAIT)
                self._sleep(6)
            self._kill(process)

    def _quiet(self) -> bool:
        """What a run asks Azure for is answered, and what it concludes from it is being written."""
        before = len(self.azure.requests)
        time.sleep(0.3)
        return bool(self.database.read(_RUNNING)[0]["n"]) and len(self.azure.requests) == before

    def _sleep(self, most: float) -> None:
        time.sleep(self.rng.uniform(0, most))

    def _kill(self, process: subprocess.Popen[str]) -> None:
        """The watch; by chance with what it had at work."""
        at_work = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        if self.rng.random() < 0.7:
            for one in at_work:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        process.wait(30)


def test_killed_at_random_moments(
    variables: dict[str, str], azure: FakeAzure, tenant: PlayedTenant, database: Database, tmp_path: Path
) -> None:
    seed = int(os.environ.get("AZGRAPH_TEST_SEED") or random.randrange(10**6))
    print(f"AZGRAPH_TEST_SEED={seed}")
    turns = Turns(variables, azure, tenant, database, random.Random(seed), (exchanges(1), exchanges(2)))
    expected: dict[int, State] = {}
    turns.undisturbed(0)
    for day in (1, 0):
        forget(database)
        expected[day] = turns.undisturbed(day)
    assert expected[0].changes
    assert expected[1].changes
    moments = ["fetch", "load", "bookkeeping", "what follows"]
    turns.rng.shuffle(moments)
    for number in range(KILLS):
        day, moment = (1, 0)[number % 2], moments[number % 4]
        forget(database)
        began = time.monotonic()
        turns.killed(day, moment)
        killed = time.monotonic() - began
        assert turns.undisturbed(day) == expected[day], (seed, number, moment)
        assert database.read(_BROKEN) == [], (seed, number, moment)
        arrived, deliveries = messages(tmp_path / "told.jsonl"), database.read(_DELIVERIES)
        assert len(arrived) == len(set(arrived)), (seed, number, moment)
        assert {one["state"] for one in deliveries} <= {"sent", "overtaken"}, (seed, number, moment)
        assert {one["message"] for one in deliveries if one["state"] == "sent"} == set(arrived), (seed, number, moment)
        print(f"{number}: killed during {moment} after {killed:.1f} s, as an undisturbed one")
    assert messages(tmp_path / "told.jsonl"), "nobody was told of anything"
