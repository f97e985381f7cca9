"""Which versions of Neo4j the tests ask, and what stays on one worker."""

from __future__ import annotations

import pytest

from tests.versions import asked_of, unit_of

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
