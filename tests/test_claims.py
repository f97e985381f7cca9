"""What README.md and the pages claim, they claim with the names of tests; the tests, and the claims, are there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
CLAIMS = (TESTS / "claims.md").read_text(encoding="utf-8")
# A test by file and function, or a whole file, as `graph/test_lease.py::test_…` or `graph/test_lease.py`.
NAMED = re.compile(r"`((?:[\w-]+/)*test_\w+\.py)(?:::(\w+))?`")

PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{page.name}" for page in ROOT.glob("docs/*.md"))]


@cache
def source(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def missing_in(text: str) -> list[str]:
    return [
        f"{file}::{name}" if name else file
        for file, name in NAMED.findall(text)
        if not re.search(rf"^(async )?def {name or 'test_'}", source(TESTS / file.removeprefix("tests/")), re.MULTILINE)
    ]


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))]
)
def test_the_tests_that_a_page_names_exist(page: str) -> None:
    assert missing_in(source(ROOT / page)) == []


def test_each_claim_of_the_readme_stands_there_and_has_its_test() -> None:
    rows = [line.strip("| ").split(" | ") for line in CLAIMS.splitlines() if line.startswith("| ")][1:]
    readme = plain(source(ROOT / "README.md"))
    assert len(rows) > 20
    assert [claim for claim, _ in rows if plain(claim) not in readme] == []
    assert [claim for claim, tests in rows if not NAMED.search(tests)] == []
    assert missing_in(CLAIMS) == []


def test_pages_agree_on_the_size_of_the_demo() -> None:
    """The README's is held by `demo/test_graph.py`."""
    told = re.findall(r"([\d,]+) entities", source(ROOT / "docs/demo-tenant.md"))
    assert told
    assert [one for one in told if f"{one} entities" not in source(ROOT / "README.md")] == []


def test_what_azgraph_promises_names_a_test_in_every_section() -> None:
    sections = source(ROOT / "docs/trust.md").split("\n## ")[1:]
    assert [section.partition("\n")[0] for section in sections if not NAMED.search(section)] == []
