"""The shipped packs have every control of their benchmark: none missing, doubled, out of order or in the wrong section.

`data/controls.csv` holds the facts of each benchmark: pack, control id, section, level, assessment.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from loader.library import shipped_library
from loader.library.definitions import Control

pytestmark = pytest.mark.packs
LIBRARY = shipped_library()
CIS_PACKS = sorted(name for name in LIBRARY.packs if name.startswith("cis-"))
# How many controls each benchmark has: so that neither the table nor a pack can lose one unseen.
COUNTS = {
    "cis-azure-foundations-2.0.0": 151,
    "cis-azure-foundations-2.1.0": 149,
    "cis-azure-foundations-3.0.0": 159,
    "cis-azure-foundations-4.0.0": 139,
    "cis-azure-foundations-5.0.0": 155,
    "cis-azure-foundations-6.0.0": 127,
    "cis-microsoft-365-entra-7.0.0": 63,
}


def benchmarks() -> dict[str, list[tuple[str, str, str, str]]]:
    """Pack → its controls in order: id, section, level, assessment."""
    found: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    with (Path(__file__).parent / "data" / "controls.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["pack"]].append((row["id"], row["section"], row["level"], row["assessment"]))
    return found


BENCHMARKS = benchmarks()


def controls(pack: str) -> list[Control]:
    return [control for _, control in LIBRARY.pack(pack).controls()]


def test_every_benchmark_has_its_pack_and_its_table() -> None:
    assert {name: len(rows) for name, rows in BENCHMARKS.items()} == COUNTS
    assert sorted(COUNTS) == CIS_PACKS


@pytest.mark.parametrize("pack", sorted(COUNTS))
def test_a_pack_has_every_control_of_its_benchmark_in_order(pack: str) -> None:
    ours = [
        (control.id, section.id, str(control.level), control.assessment)
        for section, control in LIBRARY.pack(pack).controls()
    ]
    assert ours == BENCHMARKS[pack]


@pytest.mark.parametrize("pack", sorted(COUNTS))
def test_controls_are_in_numeric_order_without_doubles(pack: str) -> None:
    numbers = [tuple(map(int, control.id.split("."))) for control in controls(pack)]
    assert numbers == sorted(set(numbers))
    titles = [control.title for control in controls(pack)]
    assert sorted(titles) == sorted(set(titles))


def test_a_check_is_set_the_same_way_under_the_same_title() -> None:
    """The same words in two versions mean the same check, with the same parameters."""
    told: dict[str, set[tuple[str | None, str]]] = defaultdict(set)
    for pack in COUNTS:
        for control in controls(pack):
            told[control.title].add((control.check, str(sorted(control.parameters.items()))))
    assert not {title: ways for title, ways in told.items() if len(ways) > 1}


def test_titles_are_not_the_benchmarks_own() -> None:
    """The benchmark's begin with "Ensure"; its text is not ours to copy."""
    assert not [control.title for pack in COUNTS for control in controls(pack) if "ensure" in control.title.lower()]


@pytest.mark.parametrize("pack", sorted(name for name in COUNTS if "azure" in name))
def test_a_pack_agrees_with_the_catalogue(pack: str) -> None:
    catalogue = Path(__file__).parents[3] / "shared/catalogue/cis/cis.csv"
    if not catalogue.exists():
        pytest.skip("the catalogue is not at hand")
    with catalogue.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["version"] == "v" + pack.rpartition("-")[2]]
    theirs = {row["id"]: (row["level"], row["assessment"].lower(), row["title"].lower()) for row in rows}
    assert sorted(theirs) == sorted(control.id for control in controls(pack))
    for control in controls(pack):
        level, assessment, title = theirs[control.id]
        assert (str(control.level), control.assessment) == (level, assessment), control.id
        assert control.title.lower() != title, control.id
