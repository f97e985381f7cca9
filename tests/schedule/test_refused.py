"""A load that Azure refuses before it begins is a failed run with its reason; nothing is deleted or resolved by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from loader.graph import Database
from tests.azure.contoso import TENANT, two_pages
from tests.e2e.support import Azgraph, dump
from tests.fakeazure import FakeAzure, Fault
from tests.fakeazure.entra import expired_secret, no_tenant
from tests.fakeazure.server import CLIENT, SECRET
from tests.schedule.test_process import azgraph, azure

__all__ = ["azgraph", "azure"]
pytestmark = pytest.mark.slow

RUNS = """
MATCH (r:SyncRun) RETURN r.status AS status, r.reason AS reason, r.tenant AS tenant, r.instance AS instance,
  r.refused AS refused ORDER BY r.seq
"""
ALERT = "MATCH (a:Alert {ruleId: 'run-failed'}) RETURN a.state AS state, a.entityKey AS of"
FORBIDDEN = Fault(status=403, body=json.dumps({"error": {"code": "AuthorizationFailed", "message": "No."}}))


def _expired(azure: FakeAzure, _folder: Path) -> None:
    status, body = expired_secret(CLIENT)
    azure.refuse_sign_in(body, status)


def _no_tenant(azure: FakeAzure, _folder: Path) -> None:
    status, body = no_tenant(TENANT)
    azure.refuse_sign_in(body, status)


def _no_secret(_azure: FakeAzure, folder: Path) -> None:
    (folder / "secret").unlink()


def _no_list(azure: FakeAzure, _folder: Path) -> None:
    azure.break_next("management.azure.com/subscriptions", *[FORBIDDEN] * 5)


# What goes wrong, the code of the command, and what the reason names.
REFUSALS: list[tuple[Callable[[FakeAzure, Path], None], int, str]] = [
    (_expired, 4, "expired"),
    (_no_tenant, 4, "tenant"),
    (_no_secret, 2, "secret"),
    (_no_list, 4, "The subscriptions could not be listed"),
]


def test_the_graph_knows_of_each_refusal(
    azgraph: Azgraph, azure: FakeAzure, database: Database, tmp_path: Path
) -> None:
    def mend() -> None:
        azure.serve(two_pages())
        azure.refuse_sign_in("")
        (tmp_path / "secret").write_text(f"{SECRET}\n")
        (tmp_path / "secret").chmod(0o600)

    def whole() -> None:
        mend()
        assert azgraph.here("sync").code in (0, 3)

    whole()
    (first,) = database.read(RUNS)
    graph = dump(database, stamps=True)
    for refuse, code, named in REFUSALS:
        refuse(azure, tmp_path)
        told = azgraph.here("sync")
        assert told.code == code, told.err
        last = database.read(RUNS)[-1]
        assert (last["status"], last["refused"], last["tenant"]) == ("failed", True, first["tenant"])
        assert last["instance"] == first["instance"] == "contoso"
        assert named in last["reason"], last
        assert SECRET not in last["reason"]
        assert last["reason"] in told.err, "what the graph keeps is what was said"
        mend()
    assert len(database.read(RUNS)) == 1 + len(REFUSALS)
    assert dump(database, stamps=True) == graph
    assert not database.read("MATCH (l:SyncLease) WHERE l.holder IS NOT NULL RETURN l")

    assert "could not be listed" in azgraph.here("runs", "show").out
    assert "5 failed: what changed there may not be told yet" in azgraph.here("changes").err
    assert azgraph.here("alerts", "evaluate", "--rule", "run-failed").code == 0
    assert [row["state"] for row in database.read(ALERT)] == ["open"]

    whole()
    changed = database.read("MATCH (c:Change) WHERE c.runSeq > 1 RETURN c")
    assert changed == [], "after refusals nothing is new"
    assert azgraph.here("alerts", "evaluate", "--rule", "run-failed").code == 0
    assert [row["state"] for row in database.read(ALERT)] == ["resolved"]


def test_what_was_never_loaded_is_told_too(azgraph: Azgraph, azure: FakeAzure, database: Database) -> None:
    _expired(azure, Path())
    assert azgraph.here("sync").code == 4
    assert [(row["status"], row["tenant"]) for row in database.read(RUNS)] == [("failed", None)]
    assert azgraph.here("alerts", "evaluate", "--rule", "run-failed").code == 0
    assert database.read(ALERT) == [{"state": "open", "of": "azgraph"}]
    assert azgraph.here("sync", "--only", "azure_vnet", "-s", "no-such").code == 4
    azure.refuse_sign_in("")
    assert azgraph.here("sync", "-s", "no-such").code == 2
    assert len(database.read(RUNS)) == 2, "a slip of the command line is no fault of a load"


def test_a_refusal_does_not_disturb_the_load_that_is_at_work(
    azgraph: Azgraph, azure: FakeAzure, database: Database
) -> None:
    from loader.graph import Run

    with Run.start(database, loader_version="1") as run:
        _expired(azure, Path())
        told = azgraph.here("sync")
        assert told.code == 4
        assert "expired" in told.err
        assert "The graph does not know of it: Another azgraph" in told.err
        run.finish("complete")
    assert [row["status"] for row in database.read(RUNS)] == ["complete"]


def test_a_load_that_hangs_ends_as_failed_and_deletes_nothing(
    azgraph: Azgraph, azure: FakeAzure, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert azgraph.here("sync").code in (0, 3)
    graph = dump(database, stamps=True)
    monkeypatch.setattr("loader.config.model.Instance.longest", timedelta(seconds=2))
    azure.break_next("/virtualnetworks", *[Fault(silent=True)] * 5)
    told = azgraph.here("sync")
    assert told.code == 4
    assert "did not end within its time limit" in told.err
    last = database.read(RUNS)[-1]
    assert (last["status"], last["refused"]) == ("failed", None)
    assert last["reason"] in told.err
    assert dump(database, stamps=True) == graph
    assert not database.read("MATCH (l:SyncLease) WHERE l.holder IS NOT NULL RETURN l")
