"""Evidence that is older than the latest run: every format tells its age, and a check may refuse it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from loader.coverage import Coverage
from loader.errors import UsageError
from loader.graph import Database
from loader.library import Library
from loader.library.definitions import Query
from loader.library.library import load_library
from loader.library.running import run_query
from loader.packs import Verdict, evaluate_check, evaluate_pack
from loader.packs.basis import assess
from loader.report import as_csv, as_html, as_json, as_junit, as_markdown, as_ocsf, as_sarif
from tests.packs.test_verdicts import check, pack_of, place

pytestmark = pytest.mark.packs
STEP = "azure_storage_container"
NOW = datetime.now(UTC)
OLD = NOW - timedelta(hours=20)
STAMP = f"{STEP} as of {OLD:%Y-%m-%d %H:%M} UTC"


def accounts(**more):
    return check(
        resource="azure_storage_account",
        needs=[STEP],
        cypher="MATCH (n:azure_storage_account) "
        "RETURN n._key AS key, n.name AS name, n.good AS passed, 'So.' AS reason",
        **more,
    )


@pytest.fixture
def graph(database: Database) -> Database:
    """Two storage accounts that are good; the containers of one were read in the latest run, those of the other not."""
    node = {"type": "azure_storage_account", "properties": {"good": True}}
    keys = place(database, {"old": node, "new": node}, needs=("azure_storage_account", STEP))

    def age(transaction) -> None:
        transaction.run(
            "MATCH (s:SyncScope {step: $step}) SET s.olderAt = $at, s.older = 1, s.seq = 2, s.lastCompleteSeq = 2, "
            "s.lastCompleteAt = $now CREATE (:SyncReading {id: 'x', scope: s.id, step: s.step, area: s.area, "
            "key: $key, at: $at, seq: 1}), (:SyncReading {id: 'y', scope: s.id, step: s.step, area: s.area, "
            "key: $other, at: $now, seq: 2})",
            step=STEP, at=OLD, now=NOW - timedelta(hours=1), key=keys["old"], other=keys["new"],
        )  # fmt: skip

    database.write(age)
    return database


def told(database: Database, one) -> dict[str, tuple[Verdict, str]]:
    result = evaluate_check(database, one, Coverage.read(database))
    return {each.name: (each.verdict, each.reason) for each in result.resources}


def test_only_the_resource_whose_part_is_older_says_so(graph: Database) -> None:
    assert told(graph, accounts()) == {"old": (Verdict.PASS, f"So. ({STAMP}.)"), "new": (Verdict.PASS, "So.")}


def test_a_check_may_demand_an_age(graph: Database) -> None:
    demanding = told(graph, accounts(max_age={STEP: "6h"}))
    assert demanding["new"] == (Verdict.PASS, "So.")
    verdict, reason = demanding["old"]
    assert verdict is Verdict.NOT_EVALUATED
    assert reason.startswith(f"{STEP} was read {OLD:%Y-%m-%d %H:%M} UTC, 20 hours ago, and this check allows 6 hours")
    assert "azgraph sync --fresh --only azure_storage_container" in reason
    # Also what the latest run has read may be too old by now.
    assert {one for one, _ in told(graph, accounts(max_age={STEP: "30m"})).values()} == {Verdict.NOT_EVALUATED}
    assert {one for one, _ in told(graph, accounts(max_age={STEP: "24h"})).values()} == {Verdict.PASS}


def test_every_format_tells_the_age(graph: Database) -> None:
    one = accounts()
    library = Library(checks={one.id: one}, packs={"p": pack_of(one.id)})
    result = evaluate_pack(graph, library, library.packs["p"])
    for text in (make(result) for make in (as_json, as_csv, as_html, as_markdown, as_junit, as_ocsf, as_sarif)):
        assert f"{OLD:%Y-%m-%d %H:%M} UTC" in text or f"{OLD:%Y-%m-%dT%H:%M}" in text
    assessed = assess(graph, Coverage.read(graph), library, library.packs["p"])
    assert [STEP in sentence for sentence in assessed.older] == [True]
    assert datetime.fromisoformat(assessed.data.oldest) <= OLD + timedelta(seconds=1)


def test_the_answer_of_a_query_tells_the_age(graph: Database) -> None:
    query = Query.model_validate(
        {
            "id": "q",
            "title": "Which?",
            "area": "data",
            "needs": ["azure_storage_account", STEP],
            "identity": ["key"],
            "cypher": "MATCH (n:azure_storage_account) RETURN n._key AS key",
            "examples": [{"name": "none", "graph": {}, "returns": []}],
        }
    )
    (sentence,) = run_query(graph, query).older
    assert f"as of {OLD:%Y-%m-%d %H:%M} UTC for 1 of its resources" in sentence


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("max_age: {azure_storage_container: soon}", "is no span of time"),
        ("max_age: {azure_vm: 6h}", "the check does not read azure_vm"),
    ],
)
def test_an_age_that_cannot_be_demanded_is_refused_with_its_line(tmp_path, written: str, said: str) -> None:
    path = tmp_path / "checks" / "data" / "mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "id: mine\ntitle: Mine\nseverity: low\nresource: azure_storage_account\nneeds: [azure_storage_container]\n"
        f"{written}\n"
        "cypher: MATCH (n:azure_storage_account) RETURN n._key AS key, n.name AS name, true AS passed, 'a' AS reason\n"
        "remediation: {portal: None}\nexamples: [{name: none, graph: {}}]\n",
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match=said) as refused:
        load_library([tmp_path])
    assert f"{path}:6" in str(refused.value)
