"""docs/coverage.yaml says what a replay of the recordings gives nothing for; `tests/e2e/test_recordings.py` replays."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.config import cache_dir
from tests.model.promised import rows
from tools.coverage import entries, listed
from tools.generate_docs import PAGES


def test_the_table_names_what_is_promised_once_and_says_why() -> None:
    promised = {
        "entities": {row["type"] for row in rows("entities.csv")},
        "relationships": {f"{row['from']} {row['verb']} {row['to']}" for row in rows("relationships.csv")},
    }
    for kind, names in promised.items():
        named = listed(kind)
        assert len(named) == len(set(named))
        assert set(named) <= names
    assert all(len(entry["why"]) > 20 for entry in entries())


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_name_nothing_of_this_machine(page: str) -> None:
    text = PAGES[page]()
    machine = {str(Path.cwd()), str(Path.home()), str(cache_dir()), "//127.0.0.1", "/tmp/"}
    assert [one for one in machine if len(one) > 1 and one in text] == []
