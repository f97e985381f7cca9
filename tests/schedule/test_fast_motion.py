"""A day of `azgraph watch` in fast motion: two tenants, and what happens to them, on a real Neo4j."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loader.graph import Database
from tests.e2e.support import SANDBOX, Azgraph, changes, clean_environment, dump
from tests.fakeazure import FakeAzure, PlayedTenant
from tests.schedule.two_tenants import (
    CLIENTS,
    NEXT_SECRET,
    SECRETS,
    configuration,
    contoso,
    environment,
    played,
    write_secrets,
)
from tests.schedule.watched import Said, metrics, ready, start

pytestmark = pytest.mark.slow

# Half an hour is a second: whoever has run is due again.
PACE = 1800
ROUNDS = 3 if os.environ.get("AZGRAPH_TEST_LONG") else 1
PACKS = "after_run: {packs: [{pack: mcsb-1, output: 'reports/{instance}.html'}]}\n"
WAIT = 300
_RUNS = """
MATCH (r:SyncRun) RETURN r.seq AS seq, r.tenant AS tenant, r.status AS status ORDER BY seq
"""
_FROM = "MATCH (n:Entity) WHERE n.`tag.AccountName` = $name RETURN count(n) AS n"


@pytest.fixture(scope="module")
def tenants() -> dict[str, PlayedTenant]:
    return played()


@pytest.fixture
def azure(tenants: dict[str, PlayedTenant]) -> Iterator[FakeAzure]:
    with FakeAzure(tenants=tenants.values()) as fake:
        yield fake


@pytest.fixture
def azgraph(database: Database, neo4j_connection: Any, tmp_path: Path, azure: FakeAzure) -> Azgraph:
    """The command with both instances configured, on the test's empty database."""
    (tmp_path / "azgraph.yaml").write_text(configuration(more=PACKS if ROUNDS > 1 else ""))
    write_secrets(tmp_path, [*SECRETS.items(), ("fabrikam-next", NEXT_SECRET)])
    uri, user, password = neo4j_connection
    home = {"AZGRAPH_HOME": str(tmp_path / "home"), "AZGRAPH_CONFIG": str(tmp_path / "azgraph.yaml")}
    neo4j = {"NEO4J_URI": uri, "NEO4J_USER": user, "NEO4J_PASSWORD": password}
    return Azgraph(clean_environment(**neo4j, **home, **environment(azure)))


class Day:
    """One watch of the day."""

    def __init__(self, said: Said) -> None:
        self.said = said

    def ended(self, name: str, *statuses: str) -> float:
        """How many runs of an instance ended so, whatever else follows them."""
        told = metrics(self.said)
        return sum(told.get(f'runs_total{{account="{name}",status="{one}"}}', 0) for one in statuses)

    def runs(self, name: str, *statuses: str, more: int) -> None:
        """Waits for so many more of them."""
        before = self.ended(name, *statuses)
        self.said.until(lambda: self.ended(name, *statuses) >= before + more, WAIT)

    def stop(self) -> str:
        """Ends it; gives all that it said."""
        self.said.process.send_signal(signal.SIGTERM)
        assert self.said.process.wait(40) == 0, self.said.lines
        return self.said.all()


def test_a_day(azgraph: Azgraph, tenants: dict[str, PlayedTenant], database: Database, tmp_path: Path) -> None:
    # --- the morning: both are loaded, each as its licences allow
    with start(azgraph.environment, pace=PACE) as process:
        day = Day(Said(process))
        day.runs("fabrikam", "complete", more=ROUNDS)
        assert day.ended("contoso", "complete") >= ROUNDS
        told = metrics(day.said)
        assert told['steps{account="contoso",status="unavailable"}'] == 0
        assert told['steps{account="fabrikam",status="unavailable"}'] == 2, "premium is not bought, which is no failure"
        for name in CLIENTS:
            assert told[f'entities{{account="{name}"}}'] > 50
            assert told[f'failed_runs_in_a_row{{account="{name}"}}'] == 0
            assert 0 <= told[f'last_whole_run_age_seconds{{account="{name}"}}'] < WAIT
        morning = day.stop()
    assert "contoso: complete after" in morning
    assert "fabrikam: complete after" in morning
    loaded = {name: database.read(_FROM, {"name": name})[0]["n"] for name in CLIENTS}
    assert all(loaded.values())
    before = dump(database)
    assert changes(database) == []

    # --- at noon Fabrikam's secret expires, and nobody pays for Contoso's sandbox; the watch was down for a moment
    tenants["fabrikam"].applications[CLIENTS["fabrikam"]].secrets = {SECRETS["fabrikam"]: False}
    tenants["contoso"].serve(contoso(sandbox_disabled=True))
    with start(azgraph.environment, pace=PACE) as process:
        day = Day(Said(process))
        day.runs("fabrikam", "failed", more=ROUNDS)
        day.runs("contoso", "complete", more=ROUNDS)
        told = metrics(day.said)
        assert told['failed_runs_in_a_row{account="fabrikam"}'] >= ROUNDS
        assert told['failed_runs_in_a_row{account="contoso"}'] == 0
        assert told['last_whole_run_age_seconds{account="fabrikam"}'] > 0
        assert ready(day.said)["fabrikam"]["status"] == "failed"
        assert told['steps{account="contoso",status="unavailable"}'] > 0
        assert {name: database.read(_FROM, {"name": name})[0]["n"] for name in CLIENTS} == loaded
        assert dump(database).nodes.keys() == before.nodes.keys(), "nothing is deleted"
        assert dump(database).edges == before.edges
        sandbox = f"/subscriptions/{SANDBOX}"
        assert [one for one in changes(database) if one[1] != sandbox] == []

        # --- in the evening somebody writes the new secret into the configuration, and Contoso off
        tenants["fabrikam"].applications[CLIENTS["fabrikam"]].secrets[NEXT_SECRET] = True
        (tmp_path / "azgraph.yaml").write_text(
            configuration(intervals=("DISABLED", "30m"), secret="fabrikam-next.secret")
        )
        process.send_signal(signal.SIGHUP)
        day.said.until(lambda: day.said.says("was read again. Watching fabrikam."), WAIT)
        day.runs("fabrikam", "complete", more=ROUNDS)
        told = metrics(day.said)
        assert told['failed_runs_in_a_row{account="fabrikam"}'] == 0
        assert set(ready(day.said)) == {"fabrikam"}
        noon = day.stop()
    assert "AADSTS7000222" in noon
    assert "the client secret has expired" in noon
    assert "fabrikam.secret, which is `secret` of instance 'fabrikam'" in noon
    assert "fabrikam: failed after" in noon
    for text in (morning, noon):
        assert "Traceback" not in text
        assert not [secret for secret in (*SECRETS.values(), NEXT_SECRET) if secret in text]

    # --- at the end of the day the graph is what it would be without all this, and its runs tell of it
    assert dump(database).nodes.keys() == before.nodes.keys()
    told_runs = azgraph.here("runs", "list", "--format", "json")
    assert told_runs.code == 0, told_runs.err
    runs = database.read(_RUNS)
    assert {one["status"] for one in runs} <= {"complete", "failed"}
    assert [one["run"] for one in json.loads(told_runs.out)] == [one["seq"] for one in reversed(runs)]
    assert not database.read("MATCH (l:SyncLease) WHERE l.holder IS NOT NULL RETURN l")
