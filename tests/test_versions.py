"""Which versions of Neo4j the tests ask, and what stays on one worker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loader.localdb import known_versions
from tests.versions import asked_of, pytest_xdist_make_scheduler, unit_of

ROOT = Path(__file__).parents[1]
BOTH = ["5.26.18", "2026.05.0"]


@pytest.mark.parametrize(
    ("room", "marks", "expected"),
    [
        ("graph", {"graph"}, BOTH),
        ("library", {"packs", "parametrize"}, BOTH),
        ("graph", {"graph", "slow"}, BOTH[:1]),
        ("library", {"packs", "first_neo4j"}, BOTH[:1]),
        ("demo", set(), BOTH[:1]),
        ("e2e", {"slow"}, BOTH[1:]),
        ("schedule", {"slow", "graph"}, BOTH[1:]),
    ],
)
def test_a_test_asks_the_versions_that_its_marks_say(room: str, marks: set[str], expected: list[str]) -> None:
    assert asked_of(room, marks, BOTH) == expected
    assert asked_of(room, marks, BOTH[:1]) == BOTH[:1]


def test_a_version_stays_on_one_server_and_a_file_on_one_worker() -> None:
    tests = ["tests/a/test_b.py::test_c[neo4j-5.26.18-d]", "tests/e/test_f.py::test_g[neo4j-5.26.18]"]
    assert {unit_of(one, ["5.26.18"], workers=1) for one in tests} == {"5.26.18 0"}
    assert unit_of("tests/e/test_f.py::test_g[neo4j-2026.05.0]", BOTH, workers=3) == "2026.05.0 0"
    assert unit_of("tests/a/test_b.py::test_h[5.26.18]", BOTH, workers=3) == "tests/a/test_b.py"
    shares = {unit_of(f"tests/a/test_{number}.py::test_c[neo4j-5.26.18]", BOTH, workers=8) for number in range(99)}
    assert shares == {f"5.26.18 {share}" for share in range(4)}


def test_another_way_to_share_the_tests_that_is_asked_for_holds(pytestconfig: pytest.Config) -> None:
    class Asked:
        def getoption(self, name: str) -> str:
            assert name == "dist"
            return "worksteal"

    assert pytest_xdist_make_scheduler(Asked(), None) is None  # type: ignore[arg-type]


# docs/benchmarks.md says of what it was measured with.
NAMING = [
    "Makefile",
    "CONTRIBUTING.md",
    "README.md",
    "docker-compose.yml",
    *sorted(f"docs/{page.name}" for page in ROOT.glob("docs/*.md") if page.stem != "benchmarks"),
]


@pytest.mark.parametrize("name", NAMING)
def test_the_versions_of_neo4j_that_are_named_are_those_that_are_tested(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"(?<![\w.-])(?:5\.26\.\d+|20\d\d\.\d\d\.\d+)(?![\w.-]*\d)", text)
    assert set(named) <= {*known_versions()}
