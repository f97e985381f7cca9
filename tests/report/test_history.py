"""The totals of each run, kept for the trend."""

from __future__ import annotations

from dataclasses import replace

import pytest
from neo4j.exceptions import Neo4jError

from loader.graph import Database
from loader.graph.database import Transaction
from loader.packs import PackResult, Verdict
from loader.packs.history import store, trend

pytestmark = pytest.mark.packs


def sync_run(database: Database, number: int, *, finished: bool = True) -> None:
    at = f"2026-01-{number:02d}T03:04:05Z" if finished else None
    query = "CREATE (:SyncRun {id: $id, seq: $seq, finishedAt: datetime($at)})"
    database.write(lambda transaction: transaction.run(query, id=f"run-{number}", seq=number, at=at))


def test_each_run_is_a_point_and_a_second_look_at_it_is_none(database: Database, bare: PackResult, result: PackResult):
    for number, one in ((7, bare), (8, result), (8, result)):
        if not database.read("MATCH (r:SyncRun {seq: $seq}) RETURN r.id", {"seq": number}):
            sync_run(database, number)
        store(database, replace(one, run=f"run-{number}"))
    points = trend(database, "some-pack")
    assert [(one.at, one.score, one.counts[Verdict.EXCEPTED]) for one in points] == [
        ("2026-01-07T03:04:05Z", 33, 0),
        ("2026-01-08T03:04:05Z", 50, 1),
    ]
    assert points[1].counts == result.summary
    assert trend(database, "other-pack") == []


def test_the_latest_look_at_a_run_counts(database: Database, bare: PackResult, result: PackResult):
    sync_run(database, 7)
    store(database, bare)
    store(database, result)
    assert [one.score for one in trend(database, "some-pack")] == [50]


def test_nothing_is_kept_without_a_finished_run_and_it_is_no_entity(database: Database, bare: PackResult):
    store(database, replace(bare, run=None))
    sync_run(database, 7, finished=False)
    store(database, bare)
    assert trend(database, "some-pack") == []
    sync_run(database, 8)
    store(database, replace(bare, run="run-8"))
    assert database.read("MATCH (n:Entity) RETURN n") == []


def test_only_the_latest_runs_are_shown_oldest_first(database: Database, bare: PackResult):
    for number in range(1, 6):
        sync_run(database, number)
        store(database, replace(bare, run=f"run-{number}"))
    assert [one.at[8:10] for one in trend(database, "some-pack", limit=3)] == ["03", "04", "05"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("Neo.ClientError.Security.Forbidden", "Neo4j refused to write them"),
        ("Neo.ClientError.Database.DatabaseReadOnly", "is read-only"),
        ("Neo.TransientError.General.StorageExhausted", "can write nothing more"),
    ],
)
def test_a_report_needs_no_write(
    database: Database, bare: PackResult, monkeypatch: pytest.MonkeyPatch, code: str, words: str
):
    def refused(_self: Transaction, *_: object) -> None:
        raise Neo4jError._hydrate_neo4j(code=code, message="no")

    monkeypatch.setattr(Transaction, "apply", refused)
    monkeypatch.setattr(database, "patience", 0)
    assert words in str(store(database, bare))
