"""The promised model, and what of it a summary shows."""

from __future__ import annotations

import csv
from pathlib import Path

from loader.model import ANY_PRINCIPAL, ANY_RESOURCE, ANY_SCOPE
from loader.sync import Summary

ANY = {ANY_SCOPE, ANY_RESOURCE, ANY_PRINCIPAL}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of entities.csv or relationships.csv."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def missing_entities(summary: Summary) -> set[str]:
    """The promised types of which the graph has no entity."""
    return {row["type"] for row in rows("entities.csv") if not summary.entities.get(row["type"])}


def missing_relationships(summary: Summary) -> set[str]:
    """The promised relationships, "from VERB to", of which the graph has none. An ANY_… end is of whatever type."""
    found = [tuple(name.split("|")) for name, count in summary.relationships.items() if count]
    return {
        f"{row['from']} {row['verb']} {row['to']}"
        for row in rows("relationships.csv")
        if not any(
            verb == row["verb"] and row["from"] in {*ANY, start} and row["to"] in {*ANY, end}
            for start, verb, end in found
        )
    }
