"""A run that is planned, that leaves parts out, that is broken off, and what is told of it afterwards."""

from __future__ import annotations

import csv
import io
import json
import signal
import time
from typing import Any

import pytest
from typer.testing import CliRunner

from loader.azure.transport.wire import Exchange
from loader.cli.main import app
from loader.config import settings
from loader.coverage import Coverage
from loader.coverage.runs import difference, find_run
from loader.errors import UsageError
from loader.graph import Database
from loader.library import shipped_library
from loader.packs.check_verdicts import evaluate_check
from loader.verdicts import Verdict
from tests.e2e.support import PRODUCTION, SANDBOX, Azgraph, changes, dump, ended, load
from tests.fakeazure import FakeAzure

PARTS = ("Storage", "Virtual networks", "azure_user")
CHECK = "storage-cross-tenant-replication"


def test_what_is_left_out_stays_as_it_was(database: Database, contoso: list[Exchange]) -> None:
    check = shipped_library().check(CHECK)
    load(database, contoso, only=PARTS)
    graph, whole = dump(database), evaluate_check(database, check, Coverage.read(database), {}).verdict
    assert whole is not Verdict.NOT_EVALUATED

    told = load(database, contoso, only=PARTS, skip=["Storage", "Contoso Sandbox"])
    assert told.status == "complete"
    assert not ended(told)
    assert {"azure_storage_account", "azure_storage_container", "azure_vm"} <= set(told.left_out["types"])
    assert told.left_out["subscriptions"] == [SANDBOX]
    assert dump(database) == graph
    assert changes(database) == []
    # A part that was refreshed makes nothing else unknown: what was whole before is judged as of then.
    coverage = Coverage.read(database)
    assert evaluate_check(database, check, coverage, {}).verdict is whole
    assert coverage.gaps(["azure_storage_account", "azure_vnet"], PRODUCTION) == []
    assert coverage.gaps(["azure_vm"], PRODUCTION) != []

    load(database, contoso, only=PARTS)
    assert evaluate_check(database, check, Coverage.read(database), {}).verdict is whole
    assert changes(database) == []
    with pytest.raises(UsageError, match="azure_user"):
        load(database, contoso, only=["azure_usr"])

    # What is kept of the runs tells the difference.
    first, second = find_run(database, "1"), find_run(database, "2")
    assert first.calls
    assert first.calls > second.calls
    rows = {row["what"]: row for row in difference(first, second)}
    assert rows["azure_storage_account: calls"]["second"] is None
    assert rows["calls"]["difference"] == second.calls - first.calls
    assert second.left_out["subscriptions"] == [SANDBOX]
    assert difference(first, first) == []


def test_plan_and_runs_from_the_command_line(
    azgraph: Azgraph, azure: FakeAzure, neo4j_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = azure.proxied_environment
    parts = [word for part in PARTS for word in ("--only", part)]
    before = azgraph.here("sync", "--plan", *parts, "--format", "json", **played)
    assert before.code == 0, before.err
    assert not before.json["fromLatestRun"]
    assert {one["step"] for one in before.json["steps"]} >= {"azure_user", "azure_vnet", "azure_storage_account"}

    ran = azgraph("sync", *parts, "--log-format", "json", "--format", "json", **played)
    assert ran.code == 0, ran.err
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert {"planned", "step"} <= {one["event"] for one in lines}
    plan = azgraph.here("sync", "--plan", *parts, "--skip", "azure_user", "--format", "json", **played).json
    assert plan["fromLatestRun"]
    assert 0 < plan["calls"] <= ran.json["http"]["calls"]
    assert plan["seconds"] > 0
    assert any(one["step"] == "azure_user" and "--skip" in one["reason"] for one in plan["notLoaded"])

    settings.cache_clear()
    for name, value in zip(("URI", "USER", "PASSWORD"), neo4j_connection, strict=True):
        monkeypatch.setenv(f"NEO4J_{name}", value)

    def runs(*arguments: str) -> str:
        told = CliRunner().invoke(app, ["runs", *arguments])
        assert told.exit_code == 0, (told.output, told.exception)
        return told.stdout

    (row,) = json.loads(runs("list", "--format", "json"))
    assert (row["run"], row["status"], row["calls"]) == (1, "complete", ran.json["http"]["calls"])
    shown = json.loads(runs("show", row["id"][:8], "--format", "json"))
    assert shown["steps"]["azure_user"]["entities"] == ran.json["entities"]["azure_user"]
    assert shown["leftOut"]["types"]
    steps = list(csv.DictReader(io.StringIO(runs("show", "--format", "csv"))))
    assert {one["status"] for one in steps} == {"complete"}
    for table in (runs("list"), runs("show"), runs("diff", "1")):
        assert max(map(len, table.splitlines())) <= 100
    assert "storage account" in runs("show")
    assert "azure\\_user" in runs("show", "last", "--format", "markdown")
    assert "They do not differ" in runs("diff", "1", "last")
    for unknown in ("77", "no-such-id", ""):
        assert isinstance(CliRunner().invoke(app, ["runs", "show", unknown]).exception, UsageError)


def test_ctrl_c_says_at_once_what_happens_and_what_was_kept(azgraph: Azgraph, azure: FakeAzure) -> None:
    with azgraph.start("sync", "--log-format", "json", **azure.proxied_environment) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(json.loads(line))
            if sum(one["event"] == "step" for one in lines) > 20:
                break
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        for line in process.stderr:
            lines.append(json.loads(line))
            if "Stopping" in lines[-1].get("message", ""):
                break
        said = time.monotonic() - began
        _, rest = process.communicate(timeout=60)
    assert said < 2  # a second, on a machine that has others to serve
    assert process.returncode == 130
    told = " ".join(json.loads(line).get("message", "") for line in rest.splitlines())
    assert "they are kept" in told
    assert "Traceback" not in told
    shown = azgraph.here("runs", "show", "--format", "json").json
    assert shown["status"] == "failed"
    assert shown["calls"] > 0
    assert len(shown["steps"]) > 15
