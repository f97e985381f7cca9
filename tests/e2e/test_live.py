"""Live and replayed are one road: over HTTPS with sign-in, throttling and key vaults the same graph comes out."""

from __future__ import annotations

import json
import re

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from tests.e2e.support import Azgraph, changes, dump, load, wipe
from tests.fakeazure import FakeAzure, Fault

pytestmark = pytest.mark.slow


# What can only be read by a POST.
_READS_BY_POST = re.compile(
    r"POST \S+/(policystates/latest/queryresults|networkmanagers/[^/?]+/listdeploymentstatus"
    r"|microsoft.resourcegraph/resources)\b",
    re.IGNORECASE,
)


def test_a_live_sync_gives_the_graph_of_the_replay(
    azgraph: Azgraph, azure: FakeAzure, database: Database, contoso: list[Exchange]
) -> None:
    azure.break_next("/virtualnetworks", *[Fault(status=429, headers={"Retry-After": "0"})] * 2)
    told = azgraph("sync", "--format", "json", **azure.proxied_environment)
    assert told.code == 0, told.err
    summary = told.json
    assert summary["status"] == "complete"
    assert [step for step in summary["steps"] if step["status"] != "complete"] == []
    # What goes in a batch of Graph's is counted as Graph counts it; the batch itself is no call.
    batches = [one for one in azure.requests if one.endswith("/$batch")]
    calls, sent = len(azure.requests) - len(batches), summary["http"]["sent"]
    assert summary["http"] == {"calls": calls, "sent": sent, "throttled": 2, "retried": 2}
    assert batches
    assert sent < calls
    assert sum(one["throttled"] for one in summary["throttling"]) == 2
    others = {request for request in azure.requests if not request.startswith("GET ") and request not in batches}
    assert all(_READS_BY_POST.match(request) for request in others), others
    live = dump(database)
    wipe(database)
    replayed = load(database, contoso)
    assert dump(database) == live
    assert dict(replayed.entities) == summary["entities"]
    assert dict(replayed.relationships) == summary["relationships"]
    assert len(summary["entities"]) >= 45


def test_the_second_sync_touches_nothing_and_the_next_day_is_told(
    database: Database, contoso: list[Exchange], next_day: list[Exchange]
) -> None:
    load(database, contoso)
    first, stamped = dump(database), dump(database, stamps=True)
    again = load(database, contoso)
    counts = json.loads(database.read("MATCH (r:SyncRun) RETURN r.counts AS c ORDER BY r.seq DESC LIMIT 1")[0]["c"])
    assert set(counts.values()) == {0}, "Neo4j's own counters say that entities were touched"
    assert dump(database, stamps=True) == stamped
    assert sum(again.changes.values()) == 0

    there = load(database, next_day)
    assert all(there.changes.values()), "every kind of change happens on the next day"
    assert dump(database) != first
    told = changes(database)
    assert ("updated", "/subscriptions/c0705000-9a01-4d3e-8b57-61f2c4d80a11/resourcegroups/rg-app", "tag.Owner") in told
    back = load(database, contoso)
    assert dump(database) == first
    assert (back.changes["created"], back.changes["deleted"]) == (there.changes["deleted"], there.changes["created"])
    assert (back.changes["linked"], back.changes["unlinked"]) == (there.changes["unlinked"], there.changes["linked"])
