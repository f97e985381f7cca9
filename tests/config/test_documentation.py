"""The configurations and commands that the documentation shows are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from loader.config import Known, read_configuration
from loader.services import entity_types

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("configuration.md", "schedule.md", "connect.md", "notify.md", "operating.md")
PACKS = {path.stem for path in (DOCS.parent / "queries" / "packs").glob("*.yaml")}


def blocks(name: str, kind: str) -> list[str]:
    """The pieces of code of a kind that a page shows, with broken lines joined."""
    text = (DOCS / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def numbered(kind: str) -> list[Any]:
    return [
        pytest.param(block, id=f"{name}-{number}") for name in PAGES for number, block in enumerate(blocks(name, kind))
    ]


@pytest.mark.parametrize("block", numbered("yaml"))
def test_configurations_are_right(block: str, tmp_path: Path) -> None:
    path = tmp_path / "azgraph.yaml"
    path.write_text(block)
    read_configuration(path, Known(types=entity_types(), packs=PACKS))
