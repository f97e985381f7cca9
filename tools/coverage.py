"""What recordings give nothing for: docs/coverage.yaml as a table for docs/data-model.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[1] / "docs" / "coverage.yaml"


def entries() -> list[dict[str, Any]]:
    """The entries of the file: {why, entities, relationships}."""
    return [{"entities": [], "relationships": [], **one} for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))]


def listed(kind: str) -> list[str]:
    """What is missing of a kind, "entities" or "relationships"."""
    return [one for entry in entries() for one in entry[kind]]


def table() -> str:
    """A section: what is missing, and why."""
    lines = [
        "\n## What recordings cover\n",
        "Of the 95 entity types and 142 relationships that azgraph began with, the recorded answers of a test tenant",
        "(2019 to 2024) give all but these. The demo tenant has every one of them.\n",
        "| not recorded | why |\n|---|---|",
    ]
    for entry in entries():
        named = [f"`{one}`" for one in entry["entities"]]
        for relationship in entry["relationships"]:
            start, verb, end = relationship.split()
            named.append(f"`{start}` **{verb}** `{end}`")
        lines.append(f"| {'<br>'.join(named)} | {entry['why']} |")
    return "\n".join(lines)
