"""CONTRIBUTING.md says where things are decided: each of these files is there, and has what is to be looked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from loader.services.shared.addresses import MUCH_OF_THE_INTERNET

ROOT = Path(__file__).parents[1]
_PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_TABLE = _PAGE.split("## Where it is decided")[1].split("\n## ")[0]
_ROWS = re.findall(r"^\| (?!what is decided)([^|]+) \| (`[^|]+) \| ([^|]+) \|$", _TABLE, re.MULTILINE)


@pytest.mark.parametrize(("what", "files", "names"), _ROWS, ids=[row[0] for row in _ROWS])
def test_it_is_decided_there(what: str, files: str, names: str) -> None:
    paths = [ROOT / "loader" / name for name in re.findall(r"`([^`]+)`", files)]
    assert [path for path in paths if not path.exists()] == []
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())
    made = r"^\s*(?:async )?(?:def |class )?{}(?:\(|:| =|$)"
    assert [
        name for name in re.findall(r"`(\w+)`", names) if not re.search(made.format(name), text, re.MULTILINE)
    ] == []


def test_the_table_is_read() -> None:
    assert len(_ROWS) > 15


def test_checks_take_the_same_part_of_the_internet_for_all_of_it() -> None:
    """They say it themselves, since whoever runs them may change it."""
    found = {}
    for path in (ROOT / "queries").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if "internet_percent:" in text:
            found[path.name] = yaml.safe_load(text)["parameters"]["internet_percent"]["default"]
    assert len(found) > 5
    assert set(found.values()) == {MUCH_OF_THE_INTERNET * 100}
