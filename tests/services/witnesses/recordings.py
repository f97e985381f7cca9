"""What real Azure answered: the recordings beside the repository, where there are any."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from loader.model import Json

SHARED = Path(__file__).parents[4] / "shared"
FOLDERS = ("recordings", "recordings-custodian")


def needed() -> None:
    """Skips the test where the recordings are not there."""
    if not any((SHARED / folder).is_dir() for folder in FOLDERS):
        pytest.skip(f"there are no recordings in {SHARED}")


def items(name: str) -> list[Json]:
    """The objects of all good answers in one recording: the items of lists, and single objects."""
    return [item for _, item in _read(name)]


@cache
def listed_by_arm_type() -> Mapping[str, list[Json]]:
    """The items of lists in all recordings, by ARM type in lower case."""
    found: dict[str, list[Json]] = defaultdict(list)
    for name in sorted({path.name for folder in FOLDERS for path in (SHARED / folder).glob("*.har")} - {"merged.har"}):
        for listed, item in _read(name):
            if listed:
                found[str(item.get("type")).lower()].append(item)
    return found


@cache
def _read(name: str) -> list[tuple[bool, Json]]:
    return [
        (isinstance(body.get("value"), list), item)
        for folder in FOLDERS
        if (SHARED / folder / name).exists()
        for body in _bodies(SHARED / folder / name)
        for item in (body["value"] if isinstance(body.get("value"), list) else [body])
        if isinstance(item, dict)
    ]


def _bodies(path: Path) -> Iterator[Json]:
    recording: Any = json.loads(path.read_text(encoding="utf-8"))
    for entry in recording["log"]["entries"]:
        text = entry["response"]["content"].get("text")
        if entry["response"]["status"] == 200 and text and text.lstrip().startswith("{"):
            body: Json = json.loads(text)
            yield body
