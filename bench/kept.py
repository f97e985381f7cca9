"""What an earlier, broken-off `make bench` measured: one file for each part, so that nothing is measured twice."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from bench.report import Section

FOLDER = Path(__file__).parents[1] / "build" / "bench"
_SECTIONS = TypeAdapter(list[Section])


def keep(name: str, sections: list[Section]) -> None:
    """Writes what was measured. name: the part, and the size it was measured at."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_bytes(_SECTIONS.dump_json(sections, indent=2))


def kept(name: str) -> list[Section] | None:
    """What a run that was broken off measured under that name, or None."""
    file = FOLDER / f"{name}.json"
    return _SECTIONS.validate_json(file.read_bytes()) if file.exists() else None


def forget() -> None:
    """Deletes all of it."""
    for file in FOLDER.glob("*.json"):
        file.unlink()
