"""In which order subscriptions are loaded: the largest first, so that none of them is left alone at the end."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from loader.graph import Database
from loader.model import Json
from loader.sync.choosing import id_of

_CALLS = """
MATCH (s:SyncScope) WHERE s.tenant = $tenant AND s.area IN $areas RETURN s.area AS area, sum(s.calls) AS calls
"""


def largest_first(subscriptions: Sequence[Json], tenant: str, database: Database) -> list[Json]:
    """The subscriptions by the calls that each took in its latest run; those of which nothing is known come first.

    A new subscription may be the largest of all.
    """
    rows = database.read(_CALLS, {"tenant": tenant, "areas": [id_of(one) for one in subscriptions]})
    calls = {row["area"]: int(row["calls"] or 0) for row in rows}
    return sorted(subscriptions, key=lambda one: -calls.get(id_of(one), inf))
