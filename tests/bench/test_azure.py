"""The simulated Azure: with faults in every tenth answer nothing is lost, and nothing is doubled."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from bench.azure.made import SIZES, Size
from bench.azure.server import Play, Simulated
from bench.azure.truth import compare
from bench.azure.world import World
from bench.azure_runs import Run, section
from bench.report import Report
from loader import services
from loader.azure import sessions
from loader.azure.settings import AzureSettings
from loader.azure.transport.retry import RetryPolicy
from loader.graph import Database
from loader.model import Status
from loader.sync import Options, Summary, sync
from loader.sync.standing import Standing

TINY = SIZES["tiny"]


def test_nothing_is_lost_and_nothing_doubled(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is concluded from all that was loaded is no matter of faults, and takes longer than loading it.
    monkeypatch.setattr("loader.sync.run.derivations", services.derivations)
    monkeypatch.setattr("loader.sync.run.namings", tuple)
    world = World(TINY)
    world.prepare()
    with Simulated(world, Play(throttled=13, failing=23, cut=31)) as azure:
        environment = {**azure.environment, "HTTPS_PROXY": azure.proxied_environment["HTTPS_PROXY"]}
        for name, value in {**environment, "NO_PROXY": "localhost"}.items():
            monkeypatch.setenv(name, value)
        summary = _load(database)
        assert azure.asked > 150
    assert summary.http["throttled"] > 10
    assert summary.http["retried"] > 20
    assert [one for one in summary.steps if one.status is not Status.COMPLETE] == []
    difference = compare(database, world.truth())
    assert not difference, difference


def test_the_graph_is_the_same_with_each_saving_and_costs_less(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of Microsoft Graph, and details that may be a day old, against the truth of the tenant each time."""
    world = World(TINY)
    world.prepare()
    aged = Options(standing=Standing(freshness={"all": timedelta(hours=24)}))
    with Simulated(world, Play(buckets=False)) as azure:
        environment = {**azure.environment, "HTTPS_PROXY": azure.proxied_environment["HTTPS_PROXY"]}
        for name, value in {**environment, "NO_PROXY": "localhost"}.items():
            monkeypatch.setenv(name, value)
        with monkeypatch.context() as patch:
            patch.setattr("loader.azure.transport.batching.MOST", 1)
            alone = _load(database, aged)
        assert not (difference := compare(database, world.truth())), difference
        unchanged = _load(database, aged)
        assert not (difference := compare(database, world.truth())), difference
        together = _load(database, replace(aged, fresh=True))
        assert not (difference := compare(database, world.truth())), difference
    for summary in (alone, unchanged, together):
        assert [one for one in summary.steps if one.status is not Status.COMPLETE] == []
        assert summary.changes == dict.fromkeys(summary.changes, 0)
    assert alone.http["sent"] == alone.http["calls"] == together.http["calls"]
    assert together.http["sent"] < together.http["calls"]
    # In so small a tenant most calls are lists of whole subscriptions.
    assert unchanged.http["calls"] * 3 < alone.http["calls"] * 2
    assert any("as of" in note for note in unchanged.notes)
    assert not any("as of" in note for note in together.notes)


def _load(database: Database, options: Options | None = None) -> Summary:
    settings = AzureSettings.from_environment(os.environ)
    # Long enough to try again, short enough for a test.
    settings = replace(settings, retry=RetryPolicy(tries=9, first_wait=0.01, longest_wait=0.02, total_wait=60))

    async def run() -> Summary:
        async with sessions.live(settings) as session:
            return await sync(session, database, options or Options(), lambda _step: None)

    return asyncio.run(run())


def test_the_page_tells_what_was_measured_and_how_busy_the_machine_was() -> None:
    told = {"calls": 200, "sent": 160, "entities": 150, "cpu": 0.5, "bare": 0.000625, "loop": 0.3, "peak": 301_000_000}
    told |= {"allowed": 0.0, "seconds": 2.0}
    runs = [Run("tiny", "first", told, 0, 1.25), Run("tiny", "with faults", told | {"allowed": 1.6}, 1, 2.5)]
    page = Report("2026-01-02", [], [section(runs)]).as_markdown()
    assert "| 2 subscriptions, first: processor time a call | at most 1.5 ms | 2.5 ms |  | **no** |" in page
    assert "| 2 subscriptions, first: times the processor time of bare requests |  | 5 |  |  |" in page
    assert "| 2 subscriptions, first: peak memory | at most 300 MB | 301 MB |  | **no** |" in page
    assert "| 2 subscriptions, first: lost, invented or doubled | at most 0 | 0 |  | yes |" in page
    assert "| 2 subscriptions, with faults: lost, invented or doubled | at most 0 | 1 |  | **no** |" in page
    assert "| 2 subscriptions, with faults: time against what the buckets allow |  | 1.25 |  |  |" in page
    assert "1.2 (tiny, first), 2.5 (tiny, with faults)" in page


def test_a_tenant_follows_from_its_seed() -> None:
    truth, again, other = World(TINY).truth(), World(TINY).truth(), World(replace(TINY, seed=2)).truth()
    assert (truth.nodes, truth.links) == (again.nodes, again.links)
    assert len(truth.nodes) == len(other.nodes)
    assert truth.nodes.keys().isdisjoint(key for key in other.nodes if key.startswith("/subscriptions"))


def test_most_subscriptions_lack_most_types() -> None:
    world = World(Size(8, 10, 4))
    per_subscription = [
        sum(key.startswith(f"/subscriptions/{one}/") for key in world.truth().nodes) for one in world._subscriptions
    ]
    assert 400 < sorted(per_subscription)[4] < 800
    assert len(set(world.truth().nodes.values())) < 40
