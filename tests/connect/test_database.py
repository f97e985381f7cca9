"""What `azgraph doctor` says of Neo4j: of a real one, and of the errors that the driver really raises."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from neo4j.exceptions import Neo4jError

from loader.connect import database as examined
from loader.connect.database import examine_database, failed
from loader.connect.finding import Diagnosis, Finding, State
from loader.errors import ExitCode
from loader.graph import Database
from loader.graph.refusals import refusal


def exit_code(findings: list[Finding]) -> ExitCode:
    return Diagnosis(findings).exit_code


@contextmanager
def given(database: Any):
    yield database


def test_a_database_that_is_well(database: Database, tmp_path: Path) -> None:
    found = examine_database(lambda: given(database), tmp_path)
    assert {one.state for one in found} == {State.FINE}
    assert [one.subject for one in found] == ["Neo4j disk", "Neo4j", "Neo4j writes", "Neo4j memory"]
    assert database.uri in found[1].says
    # It looked and left nothing behind.
    assert database.read("MATCH (n) RETURN count(n) AS n") == [{"n": 0}]


def test_little_memory_little_disk_an_old_version(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examined, "LEAST_HEAP", 2**50)
    monkeypatch.setattr(examined, "LEAST_VERSION", (9999, 1))
    monkeypatch.setattr(examined.shutil, "disk_usage", lambda _: SimpleNamespace(free=2**20))
    found = examine_database(lambda: given(database), tmp_path / "not" / "there")
    topics = [one.topic for one in found if one.state is State.MISSING]
    assert topics == ["Disk of Neo4j", "An old Neo4j", "Memory of Neo4j"]
    assert exit_code(found) == ExitCode.PARTIAL


@pytest.mark.parametrize(
    ("user", "password", "uri", "topic"),
    [
        (None, "wrong", None, "Neo4j refuses the user"),
        (None, None, "bolt://127.0.0.1:1", "Neo4j cannot be reached"),
    ],
)
def test_a_database_that_is_away_or_refuses_us(
    database: Database, neo4j_connection: Any, user: str | None, password: str | None, uri: str | None, topic: str
) -> None:
    told, name, secret = neo4j_connection
    found = examine_database(lambda: Database(uri or told, user or name, password or secret), None)
    assert [(one.state, one.topic) for one in found] == [(State.FAILED, topic)]
    assert exit_code(found) == ExitCode.UNREACHABLE
    assert (password or secret) not in found[0].says


# https://neo4j.com/docs/status-codes/current/errors/all-errors/
@pytest.mark.parametrize(
    ("code", "message", "topic"),
    [
        (
            "Neo.ClientError.Security.Forbidden",
            "Create node with labels 'SyncRun' on database 'neo4j' is not allowed for user 'ada' with roles [PUBLIC].",
            "Neo4j refuses the user",
        ),
        (
            "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
            "No write operations are allowed on this database. This is a read only Neo4j instance.",
            "Neo4j is read only",
        ),
        (
            "Neo.ClientError.Cluster.NotALeader",
            "No write operations are allowed directly on this database. Writes must pass through the leader.",
            "Neo4j is read only",
        ),
        (
            "Neo.DatabaseError.Transaction.TransactionCommitFailed",
            "Could not append transaction to log: No space left on device",
            "Disk of Neo4j",
        ),
    ],
)
def test_what_neo4j_refuses(code: str, message: str, topic: str) -> None:
    error = Neo4jError._hydrate_neo4j(code=code, message=message)
    assert refusal(error) is not None
    found = failed(error)
    assert (found.state, found.topic) == (State.FAILED, topic)
