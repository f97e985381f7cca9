"""`azgraph watch` as a process, with a real Neo4j and an Azure that is played over HTTPS."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loader.graph import Database
from tests.azure.contoso import TENANT, two_pages
from tests.e2e.support import Azgraph, clean_environment
from tests.fakeazure import FakeAzure, Fault
from tests.fakeazure.server import CLIENT, SECRET
from tests.schedule.watched import Said, ask

pytestmark = pytest.mark.slow

CONFIGURATION = f"""\
instances:
  - name: contoso
    interval: 1d
    tenant: {TENANT}
    client_id: {CLIENT}
    secret: {{file: secret}}
    tag_account_name: true
    types: {{only: [azure_vnet]}}
    ingest_directory: false
watch: {{listen: "127.0.0.1:0", jitter: 0}}
"""
RUNS = "MATCH (r:SyncRun) RETURN r.status AS status ORDER BY r.seq"


@pytest.fixture
def azure() -> Iterator[FakeAzure]:
    with FakeAzure(two_pages()) as fake:
        yield fake


@pytest.fixture
def azgraph(database: Database, neo4j_connection: Any, tmp_path: Path, azure: FakeAzure) -> Azgraph:
    """The command with a configuration, on the test's empty database."""
    (tmp_path / "azgraph.yaml").write_text(CONFIGURATION)
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    uri, user, password = neo4j_connection
    proxied = {name: value for name, value in azure.proxied_environment.items() if not name.startswith("AZURE_CLIENT")}
    return Azgraph(
        clean_environment(
            NEO4J_URI=uri,
            NEO4J_USER=user,
            NEO4J_PASSWORD=password,
            AZGRAPH_HOME=str(tmp_path / "home"),
            AZGRAPH_CONFIG=str(tmp_path / "azgraph.yaml"),
            **proxied,
        )
    )


def test_a_day_of_a_watch(azgraph: Azgraph, azure: FakeAzure, database: Database, tmp_path: Path) -> None:
    azure.break_next("/virtualnetworks", *[Fault(silent=True)] * 5)
    with azgraph.start("watch") as process:
        said = Said(process)
        said.until(lambda: any("virtualNetworks" in one for one in azure.requests))
        refused = azgraph("watch", "--once")
        assert refused.code == 2
        assert "Another `azgraph watch`" in refused.err
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, said.lines
        assert time.monotonic() - began < 15
    assert [row["status"] for row in database.read(RUNS)] == ["failed"], "a stop in the middle is told"
    assert not database.read("MATCH (l:SyncLease) WHERE l.holder IS NOT NULL RETURN l")

    azure.serve(two_pages())
    with azgraph.start("watch") as process:
        said = Said(process)
        address = said.address
        assert ask(address, "/healthz") == (200, "ok\n")
        assert ask(address, "/nothing")[0] == 404
        said.until(lambda: 'azgraph_runs_total{account="contoso"' in ask(address, "/metrics")[1])
        status, ready = ask(address, "/readyz")
        assert status == 200, "what was stopped is made up for at once"
        assert json.loads(ready)["instances"]["contoso"]["status"] in ("complete", "partial")
        said.until(lambda: 'azgraph_alerts{severity="critical"}' in ask(address, "/metrics")[1])
        metrics = ask(address, "/metrics")[1]
        assert 'azgraph_entities{account="contoso"} ' in metrics
        file = tmp_path / "azgraph.yaml"
        file.write_text(CONFIGURATION.replace("interval: 1d", "interval: 1y"))
        process.send_signal(signal.SIGHUP)
        said.until(lambda: said.says("is not used"))
        assert said.says("'y' is no unit of time")
        file.write_text(CONFIGURATION.replace("interval: 1d", "interval: 2d"))
        process.send_signal(signal.SIGHUP)
        said.until(lambda: said.says("was read again. Watching contoso"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    text = "\n".join(said.lines)
    assert SECRET not in text
    assert "Traceback" not in text
    names = database.read("MATCH (n:azure_vnet) RETURN n.name AS name, n.`tag.AccountName` AS account ORDER BY name")
    assert names == [{"name": "one", "account": "contoso"}, {"name": "two", "account": "contoso"}]
