"""Users' own libraries are tested on an empty Neo4j: which examples, how they end, and no graph of theirs is met."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.graph import Database
from loader.library_testing import examples_of, play
from tests.alerts.conftest import STATE_RULE
from tests.library.test_playing import QUERY
from tests.packs.test_playing import CHECK


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("queries/contoso/bad-vaults.yaml", QUERY),
        ("queries/checks/contoso/vault-fine.yaml", CHECK),
        ("alertrules/contoso/vault-bad.yaml", STATE_RULE),
        ("overrides.yaml", "checks:\n  storage-secure-transfer: {severity: low}\n"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_own_entries_are_tested_and_no_shipped_ones(folder: Path) -> None:
    assert [(one.kind, one.id) for one in examples_of([folder])] == [
        ("query", "bad-vaults"),
        ("check", "vault-fine"),
        ("rule", "vault-bad"),
    ]
    assert [one.file.name for one in examples_of([folder], ["vault-bad"])] == ["vault-bad.yaml"]


def test_what_is_not_there_to_be_tested_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no query, check or rule 'vault-fin' of yours\. Perhaps: vault-fine"):
        examples_of([folder], ["vault-fin"])
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "overrides.yaml").write_text("checks:\n  storage-secure-transfer: {severity: low}\n")
    with pytest.raises(UsageError, match="nothing to test"):
        examples_of([tmp_path / "bare"])


@pytest.mark.packs
def test_each_example_meets_an_empty_database_and_a_failure_costs_only_itself(folder: Path, database: Database) -> None:
    path = folder / "queries" / "contoso" / "bad-vaults.yaml"
    path.write_text(QUERY.replace("v.why = $why RETURN v._key", "v.why = $why AND 1 / 0 = 1 RETURN v._key"))
    rows = [tested.as_json() for tested in play(database, examples_of([folder]))]
    assert [(row["id"], row["result"]) for row in rows] == [
        ("bad-vaults", "fails"),
        ("vault-fine", "holds"),
        ("vault-bad", "holds"),
    ]
    assert "The query bad-vaults failed: / by zero" in rows[0]["faults"][0]
    assert database.read("MATCH (n) RETURN count(n) AS n") == [{"n": 0}]


@pytest.mark.packs
def test_a_graph_that_is_there_is_left_alone(folder: Path, database: Database) -> None:
    database.write(lambda transaction: transaction.run("CREATE (:Somebodys)"))
    with pytest.raises(UsageError, match="only played in an empty database"):
        list(play(database, examples_of([folder])))
    assert database.read("MATCH (n:Somebodys) RETURN count(n) AS n") == [{"n": 1}]
