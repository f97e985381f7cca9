"""What a result says it is about, read from a real graph."""

from __future__ import annotations

import json

import pytest

from loader.coverage import Coverage
from loader.graph import Database
from loader.library import shipped_library
from loader.packs.basis import assess
from loader.packs.control_verdicts import evaluate_pack
from loader.packs.selection import Selection

pytestmark = pytest.mark.packs

TENANT, ONE, TWO = (f"c0ffee00-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
STEP = "azure_keyvault_service"
_GRAPH = """
CREATE (:SyncRun {id: 'old', seq: 1, tenant: $tenant, status: 'complete', finishedAt: datetime('2026-01-01T03:00:00Z'),
  derived: true, loaderVersion: '0.1'})
CREATE (:SyncRun {id: 'new', seq: 2, tenant: $tenant, status: 'partial', finishedAt: datetime('2026-01-02T03:00:00Z'),
  derived: true, loaderVersion: '0.2'})
CREATE (:SyncRun {id: 'replay', seq: 3, tenant: 'other', status: 'complete', derived: true, loaderVersion: '0.2',
  finishedAt: datetime('2026-01-02T04:00:00Z'), answersAt: datetime('2025-06-01T00:00:00Z')})
CREATE (:azure_account:Entity {_key: $tenant, organizationName: 'Contoso', defaultDomain: 'contoso.example'})
WITH 1 AS one UNWIND $subscriptions AS each
CREATE (:azure_subscription:Entity {_key: '/subscriptions/' + each[0], displayName: each[1], state: 'Enabled',
  _scope: 'azure_subscription|tenant:' + $tenant + '|'})
WITH DISTINCT 1 AS one UNWIND $scopes AS each
CREATE (:SyncScope {id: each[0] + '|' + each[1], step: each[0], area: each[1], status: each[2], reason: each[3],
  seq: 2, writing: 2, tenant: $tenant, lastCompleteSeq: each[4], lastCompleteAt: datetime(each[5])})
"""


@pytest.fixture
def graph(database: Database) -> Database:
    """Two subscriptions: the vaults of one were listed, those of the other were forbidden to list."""
    scopes = [
        ["azure_subscription", f"tenant:{TENANT}", "complete", "", 2, "2026-01-02T02:50:00Z"],
        [STEP, ONE, "complete", "", 2, "2026-01-02T02:55:00Z"],
        [STEP, TWO, "forbidden", "Grant the role Reader.", 1, "2026-01-01T02:55:00Z"],
    ]
    asked = {"tenant": TENANT, "subscriptions": [[ONE, "Production"], [TWO, "Sandbox"]], "scopes": scopes}
    database.write(lambda transaction: transaction.apply(_GRAPH, asked))
    return database


def test_it_tells_tenant_subscriptions_ages_runs_and_what_is_missing(graph: Database):
    library = shipped_library()
    part = Selection(control=["8.3.5"]).of_pack(library.pack("cis-azure-foundations-6.0.0"), library)
    told = assess(graph, Coverage.read(graph), library, part, parameters={"days": "30"}, folders=["contoso"])
    assert [(one.name, one.domain) for one in told.tenants] == [("Contoso", "contoso.example")]
    assert [(one.name, one.state, one.not_loaded > 0) for one in told.subscriptions] == [
        ("Production", "Enabled", False),
        ("Sandbox", "Enabled", True),
    ]
    assert [one.data.oldest[:10] for one in told.subscriptions] == ["2026-01-02", "2026-01-01"]
    assert (told.data.oldest[:16], told.data.newest[:16]) == ("2026-01-01T02:55", "2026-01-02T02:55")
    assert [(one.id, one.status, one.version) for one in told.runs] == [
        ("replay", "complete", "0.2"),
        ("new", "partial", "0.2"),
    ]
    assert [(one.step, list(one.places), one.why) for one in told.not_loaded] == [
        (STEP, ["Sandbox"], "Forbidden. Grant the role Reader.")
    ]
    assert (told.shipped, told.parameters, told.library) == (True, {"days": "30"}, ["contoso"])
    assert json.loads(json.dumps(told.as_json()))["subscriptions"][0]["id"] == ONE


def test_what_was_replayed_is_as_old_as_its_answers(graph: Database):
    graph.write(lambda transaction: transaction.apply("MATCH (s:SyncScope) SET s.lastCompleteSeq = 3", {}))
    library = shipped_library()
    told = assess(graph, Coverage.read(graph), library, library.pack("cis-azure-foundations-6.0.0"))
    assert told.data.oldest.startswith("2025-06-01")


def test_an_empty_graph_has_nothing_to_tell(database: Database):
    library = shipped_library()
    told = assess(database, Coverage.read(database), library, library.pack("cis-azure-foundations-6.0.0"))
    assert (told.tenants, told.subscriptions, told.runs, told.not_loaded) == ([], [], [], [])


def test_a_run_that_failed_before_any_step_ended_makes_nothing_younger(graph: Database):
    """A sign-in that is refused, a Ctrl-C at the beginning: a report for months would say "Loaded today"."""
    failed = "CREATE (:SyncRun {id: 'failed', seq: 4, tenant: $tenant, status: 'failed', finishedAt: datetime()})"
    graph.write(lambda transaction: transaction.apply(failed, {"tenant": TENANT}))
    library = shipped_library()
    pack = Selection(control=["8.3.5"]).of_pack(library.pack("cis-azure-foundations-6.0.0"), library)

    def told() -> tuple[str | None, list[str]]:
        runs = assess(graph, Coverage.read(graph), library, pack).runs
        return evaluate_pack(graph, library, pack).run, [one.id for one in runs]

    assert told() == ("replay", ["replay", "new"])
    graph.write(lambda transaction: transaction.apply("MATCH (s:SyncScope {area: $one}) SET s.seq = 4", {"one": ONE}))
    assert told() == ("failed", ["failed", "replay"]), "a step of it ended"
