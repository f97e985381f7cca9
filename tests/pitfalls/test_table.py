"""The tests that README.md names exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", (Path(__file__).parent / "README.md").read_text(encoding="utf-8"))


def test_the_named_tests_exist() -> None:
    assert len(NAMED) > 40
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if not (ROOT / file).is_file()
        or not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_every_pitfall_names_a_test() -> None:
    rows = [line for line in (Path(__file__).parent / "README.md").read_text().splitlines() if line.startswith("| ")]
    assert [row for row in rows if "`" not in row and row != "| Pitfall | Test |"] == []
