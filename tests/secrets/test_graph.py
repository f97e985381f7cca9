"""A planted tenant in the real graph: no secret is stored, and its cleaned recording loads the same graph."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from loader.azure import sessions
from loader.demo import exchanges
from loader.graph import Database
from loader.recordings import recording_into
from loader.sync import Options, Summary, sync
from tests.azure.contoso import text_of
from tests.e2e.support import dump, everything_stored, wipe
from tests.secrets.planting import planted

pytestmark = pytest.mark.slow


def test_the_graph_of_a_planted_tenant(database: Database, tmp_path: Path) -> None:
    garden = planted(exchanges(1))
    recording = recording_into(tmp_path)

    def load(session: sessions.AzureSession) -> Summary:
        async def run() -> Summary:
            async with session as opened:
                return await sync(opened, database, Options(), lambda _step: None)

        return asyncio.run(run())

    told = load(sessions.exchanges(garden.exchanges, record_to=recording))
    stored = everything_stored(database)
    assert [where for where, needle in garden.needles.items() if needle in stored] == []
    for said in (str(told.as_json()), text_of(tmp_path)):
        assert [where for where, needle in garden.needles.items() if needle in said] == []
    assert any("tag.note0 was not stored: it looks like a secret" in note for note in told.notes)
    graph = dump(database)
    wipe(database)
    load(sessions.replay([tmp_path]))
    assert dump(database) == graph
