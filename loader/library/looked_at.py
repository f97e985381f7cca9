"""What a query looked among: so that no result says of what there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader.coverage.steps import EVERYTHING, HISTORY
from loader.library.definitions import Query

if TYPE_CHECKING:
    from loader.graph import Database

# How many types a sentence tells.
_TOLD = 6
# What azgraph itself writes, by what people call it.
_REMEMBERED = {"changes": "Change", "runs": "SyncRun", "alerts": "Alert"}


def nothing_found(database: Database, query: Query, given: dict[str, str]) -> str:
    """Sentences for an empty answer: which question has none, and among how much of what was looked."""
    asked = ", ".join(f"{name}={value}" for name, value in given.items())
    told = [f"Nothing fits{f' {asked}' if asked else ''}."]
    types = sorted({need.partition(".")[0] for need in query.needs} - {EVERYTHING, HISTORY})
    if HISTORY in query.needs:
        counts = {name: _labelled(database, label) for name, label in _REMEMBERED.items()}
    else:
        counts = _counts(database, types) if types else {"entities": _labelled(database, "Entity")}
    if not any(counts.values()):
        told.append(f"The graph has none of what the question is about: {', '.join(list(counts)[:_TOLD])}.")
        return " ".join(told)
    there = sorted(((count, name) for name, count in counts.items() if count), reverse=True)
    looked = ", ".join(f"{count:,} {name}" for count, name in there[:_TOLD])
    more = f" and {len(there) - _TOLD} more types" if len(there) > _TOLD else ""
    told.append(f"Looked among {looked}{more}.")
    if lacking := [name for name, count in counts.items() if not count]:
        told.append(f"The graph has no {', '.join(lacking[:_TOLD])}{' …' if len(lacking) > _TOLD else ''}.")
    return " ".join(told)


def _counts(database: Database, types: list[str]) -> dict[str, int]:
    """Names come from `needs`, which the library holds to the model's types."""
    parts = [f"MATCH (n:`{name}`) WHERE n._stub IS NULL RETURN '{name}' AS type, count(n) AS count" for name in types]
    counted = {row["type"]: row["count"] for row in database.read(" UNION ALL ".join(parts))}
    return {name: counted.get(name, 0) for name in types}


def _labelled(database: Database, label: str) -> int:
    return int(database.read(f"MATCH (n:{label}) WHERE n._stub IS NULL RETURN count(n) AS count")[0]["count"])
