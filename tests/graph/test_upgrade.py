"""Today's azgraph over a graph that an earlier one wrote: nothing is lost, and no change told that nobody made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loader.demo import exchanges
from loader.graph import Database
from tests.e2e.support import Azgraph, changes, clean_environment, dump, load, path_of
from tests.graph import older

pytestmark = [pytest.mark.graph, pytest.mark.slow]

_ALERTS = "MATCH (a:Alert) RETURN a.id AS id, properties(a) AS p ORDER BY id"
_RUNS = "MATCH (r:SyncRun) WHERE r.seq <= 2 RETURN r.seq AS seq, r.id AS id, r.status AS status ORDER BY seq"
_COUNTS = "MATCH (r:SyncRun) RETURN r.counts AS counts ORDER BY r.seq DESC LIMIT 1"
_WRITTEN_BY_HAND = "CREATE (:Person:Note {name: 'Ada'})-[:WROTE]->(:Note {text: 'kept'})"


def todays_answers() -> list[Any]:
    """What Azure said on that day; of calls that the earlier azgraph did not make, what it says today."""
    told = older.answers()
    known = {path_of(one) for one in told}
    return [*told, *(one for one in exchanges(2) if path_of(one) not in known)]


# What has the same id in every tenant is known by the tenant's as well.
_SAME_IN_ALL = (
    "/providers/microsoft.aadiam/diagnosticsettings/entra-to-logs",
    "/providers/microsoft.intune/diagnosticsettings/intune-to-logs",
    "/providers/microsoft.subscription/policies/default",
)
# What the earlier azgraph said without having been told: no addresses are no word about being public.
_NO_LONGER_SAID = {"azure_api_management_service": {"public"}}


def test_an_older_graph_goes_on(database: Database, neo4j_connection: Any) -> None:
    older.restore(database)
    database.write(lambda transaction: transaction.run(_WRITTEN_BY_HAND))
    before, history = dump(database), changes(database)
    alerts, runs = database.read(_ALERTS), database.read(_RUNS)
    assert len(before.nodes) > 800
    assert history
    assert {one["p"]["state"] for one in alerts} >= {"open", "acknowledged"}

    told = load(database, todays_answers())
    assert told.status in ("complete", "partial"), told
    assert [step for step in told.steps if str(step.status) == "failed"] == []
    assert sum(told.changes.values()) == 0, told.changes
    assert any("written by another version" in note for note in told.notes), told.notes
    assert changes(database) == history
    after = dump(database)
    tenant = database.read("MATCH (a:azure_account) RETURN a._key AS key")[0]["key"]
    known_by = {key: f"{tenant}{key}" for key in _SAME_IN_ALL}
    edges = {tuple(known_by.get(part, part) for part in edge[:3]) for edge in before.edges}
    assert edges <= {edge[:3] for edge in after.edges}
    for key, (labels, properties) in before.nodes.items():
        there, now = after.nodes[known_by.get(key, key)]
        assert set(labels) <= set(there), key
        expected = ({"webLink"} if key in known_by else set()).union(*(_NO_LONGER_SAID.get(one, ()) for one in labels))
        assert properties.keys() - now.keys() <= expected, key
    assert database.read(_ALERTS) == alerts
    assert database.read(_RUNS) == runs
    assert database.read("MATCH (:Person)-[:WROTE]->(n:Note) RETURN n.text AS text") == [{"text": "kept"}]

    # Once more, and nothing at all is touched.
    again = load(database, todays_answers())
    assert not any("another version" in note for note in again.notes)
    assert set(json.loads(database.read(_COUNTS)[0]["counts"]).values()) == {0}

    uri, user, password = neo4j_connection
    azgraph = Azgraph(clean_environment(NEO4J_URI=uri, NEO4J_USER=user, NEO4J_PASSWORD=password))
    evaluated = azgraph.here("alerts", "evaluate", "--format", "json")
    assert evaluated.code in (0, 1), evaluated.err
    now = {one["id"]: one["p"] for one in database.read(_ALERTS)}
    for one in alerts:
        kept = now[one["id"]]
        assert kept["openedAt"] == one["p"]["openedAt"]
        assert (kept.get("note"), kept.get("mutedUntil")) == (one["p"].get("note"), one["p"].get("mutedUntil"))
    listed = azgraph.here("changes", "--format", "json")
    assert listed.code == 0, listed.err
