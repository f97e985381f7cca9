"""What is too old or too many goes, in batches, and not before it is written down; what is still needed stays."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest

from loader.graph import Database, Run
from loader.graph import retention as module
from loader.graph.archive import Archive
from loader.graph.retention import Kept, Retention

# Six runs, a day apart, the last one today; each with two changes. Run 2 is broken, run 1 is another tenant's.
HISTORY = """
UNWIND range(1, 6) AS seq
CREATE (r:SyncRun {id: 'run' + seq, seq: seq, status: 'complete', derived: true, tenant: 't',
                   startedAt: datetime() - duration({days: 6 - seq})})
CREATE (:PackResult {pack: 'x', runSeq: seq})
FOREACH (n IN [1, 2] | CREATE (r)-[:RECORDED]->(:Change {id: seq + '-' + n, runSeq: seq, at: r.startedAt, op: 'created',
                                                        entityName: 'ä"\\n'}))
WITH seq, r
FOREACH (_ IN CASE seq WHEN 2 THEN [1] ELSE [] END | SET r.linksPending = true)
FOREACH (_ IN CASE seq WHEN 1 THEN [1] ELSE [] END | SET r.tenant = 'other')
CREATE (:Alert {id: 'resolved' + seq, state: 'resolved', resolvedAt: r.startedAt})
CREATE (:Alert {id: 'open' + seq, state: 'open'})
"""


@pytest.fixture
def history(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(module, "_BATCH", 3)
    database.write(lambda transaction: transaction.run(HISTORY))
    return database


def finish(database: Database, retention: Retention) -> Run:
    with Run.start(database, loader_version="1", tenant="t", retention=retention) as run:
        run.finish("complete")
    return run


def left(database: Database, label: str, name: str) -> list[object]:
    return database.read(f"MATCH (n:{label}) RETURN collect(n.{name}) AS found")[0]["found"]


def test_by_age(history: Database) -> None:
    finish(history, Retention(changes=Kept(days=2), runs=Kept(days=3), resolved_alerts=Kept(days=4)))
    assert set(left(history, "Change", "runSeq")) == {5, 6}
    # 1 is the newest of its tenant, 2 has to be repaired (which this run does, so the next one may take it).
    assert set(left(history, "SyncRun", "seq")) == {1, 4, 5, 6, 7} | ({2} & set(left(history, "SyncRun", "seq")))
    assert set(left(history, "Alert", "id")) == {f"open{n}" for n in range(1, 7)} | {
        "resolved3",
        "resolved4",
        "resolved5",
        "resolved6",
    }


def test_by_count(history: Database) -> None:
    finish(history, Retention(changes=Kept(count=3), runs=Kept(count=2), resolved_alerts=Kept(count=1)))
    assert set(left(history, "Change", "runSeq")) == {5, 6}, "the changes of one run go together"
    assert {1, 5, 6, 7} <= set(left(history, "SyncRun", "seq")), "a run with changes stays"
    assert not {3, 4} & set(left(history, "SyncRun", "seq"))
    assert not {3, 4} & set(left(history, "PackResult", "runSeq"))
    assert [one for one in left(history, "Alert", "id") if str(one).startswith("resolved")] == ["resolved6"]


def test_the_default_keeps_ninety_days_of_changes_and_all_else(history: Database) -> None:
    history.write(
        lambda transaction: transaction.run(
            "MATCH (r:SyncRun) WHERE r.seq < 3 SET r.startedAt = datetime('2020-01-01')"
        )
    )
    finish(history, Retention())
    assert set(left(history, "Change", "runSeq")) == {3, 4, 5, 6}
    assert set(left(history, "SyncRun", "seq")) == {1, 2, 3, 4, 5, 6, 7}
    assert len(left(history, "Alert", "id")) == 12


def test_a_run_whose_clock_was_wrong_takes_no_younger_ones_along(history: Database) -> None:
    history.write(lambda t: t.run("MATCH (r:SyncRun {seq: 5}) SET r.startedAt = datetime('1970-01-01')"))
    history.write(lambda t: t.run("MATCH (c:Change) DETACH DELETE c"))
    finish(history, Retention(runs=Kept(days=4)))
    assert {3, 4, 5, 6, 7} <= set(left(history, "SyncRun", "seq"))


def test_changes_are_written_down_before_they_go(history: Database, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    finish(history, Retention(changes=Kept(days=2), archive=folder))
    lines = [
        json.loads(line)
        for path in sorted(folder.glob("changes-*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    assert sorted(one["id"] for one in lines) == [f"{seq}-{n}" for seq in range(1, 5) for n in (1, 2)]
    assert lines[0]["entityName"] == 'ä"\n'
    assert lines[0]["at"].startswith("20")
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_cannot_be_written_down_stays(history: Database, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file")
    run = finish(history, Retention(changes=Kept(days=2), archive=tmp_path / "archive"))
    assert len(left(history, "Change", "id")) == 12
    assert "archive cannot be written" in run.notes[0]


def test_half_a_write_leaves_the_archive_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    archive = Archive(tmp_path)
    archive.add([{"id": "1"}])
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        archive.add([{"id": "2"}])
    monkeypatch.undo()
    archive.add([{"id": "3"}])
    text = gzip.decompress((tmp_path / "changes-unknown.jsonl.gz").read_bytes())
    assert [json.loads(line)["id"] for line in text.splitlines()] == ["1", "3"]
