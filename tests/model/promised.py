"""The promised model, and what of it a summary shows."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from loader.model import ANY_TYPES


def rows(name: str) -> list[dict[str, str]]:
    """The rows of entities.csv or relationships.csv."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def missing_entities(entities: Mapping[str, int]) -> set[str]:
    """The promised types of which the graph has no entity. entities: a summary's."""
    return {row["type"] for row in rows("entities.csv") if not entities.get(row["type"])}


def missing_relationships(relationships: Mapping[str, int]) -> set[str]:
    """The promised relationships, "from VERB to", of which the graph has none. An ANY_… end is of whatever type.

    relationships: a summary's.
    """
    found = [tuple(name.split("|")) for name, count in relationships.items() if count]
    return {
        f"{row['from']} {row['verb']} {row['to']}"
        for row in rows("relationships.csv")
        if not any(
            verb == row["verb"] and row["from"] in {*ANY_TYPES, start} and row["to"] in {*ANY_TYPES, end}
            for start, verb, end in found
        )
    }
