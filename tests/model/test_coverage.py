"""docs/coverage.yaml says exactly what a replay of the recordings gives nothing for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from loader.azure import sessions
from loader.config import cache_dir
from loader.graph import Database
from loader.sync import Options, Summary, sync
from tests.e2e.test_recordings import RECORDINGS
from tests.model.promised import missing_entities, missing_relationships, rows
from tools.coverage import entries
from tools.generate_docs import PAGES


def _listed(kind: str) -> list[str]:
    return [one for entry in entries() for one in entry[kind]]


def test_the_table_names_what_is_promised_once_and_says_why() -> None:
    promised = {
        "entities": {row["type"] for row in rows("entities.csv")},
        "relationships": {f"{row['from']} {row['verb']} {row['to']}" for row in rows("relationships.csv")},
    }
    for kind, names in promised.items():
        listed = _listed(kind)
        assert len(listed) == len(set(listed))
        assert set(listed) <= names
    assert all(len(entry["why"]) > 20 for entry in entries())


@pytest.mark.slow
@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not on this machine (AZGRAPH_RECORDINGS)")
def test_a_replay_of_the_recordings_gives_all_but_what_the_table_names(database: Database) -> None:
    async def replay() -> Summary:
        async with sessions.replay([RECORDINGS]) as session:
            return await sync(session, database, Options(), lambda _step: None)

    summary = asyncio.run(replay())
    assert missing_entities(summary) == set(_listed("entities"))
    assert missing_relationships(summary) == set(_listed("relationships"))


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_name_nothing_of_this_machine(page: str) -> None:
    text = PAGES[page]()
    machine = {str(Path.cwd()), str(Path.home()), str(cache_dir()), "//127.0.0.1", "/tmp/"}
    assert [one for one in machine if len(one) > 1 and one in text] == []
