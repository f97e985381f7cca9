"""What the graph has within a subscription, by entity type: stored or only named by something else."""

from __future__ import annotations

from collections.abc import Iterable

from loader.graph.database import Database

_HELD = """
MATCH (n:Entity) WHERE n._key STARTS WITH $prefix
UNWIND [label IN labels(n) WHERE label IN $types] AS type
RETURN type, collect(CASE WHEN type IN $keyed THEN n._key END) AS keys
"""


def held_in(
    database: Database, subscription: str, types: Iterable[str], keyed: Iterable[str]
) -> dict[str, frozenset[str]]:
    """The types among `types` of which the graph has anything, each with the keys of it where it is in `keyed`."""
    asked = {"prefix": f"/subscriptions/{subscription}/", "types": sorted(types), "keyed": sorted(keyed)}
    return {row["type"]: frozenset(row["keys"]) for row in database.read(_HELD, asked)}
