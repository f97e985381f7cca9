"""What has a value that nobody here knows is not judged: the check was written before Azure had it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from loader.library.closed import closed_properties
from loader.library.definitions import Check
from loader.library.running import read
from loader.packs.results import ResourceResult, Verdict

if TYPE_CHECKING:
    from loader.graph import Database


def judged_by_known_values(
    database: Database, check: Check, results: list[ResourceResult], timeout: float
) -> list[ResourceResult]:
    """The results, those of resources with an unknown value of a compared property not evaluated, the value named."""
    closed = closed_properties(check)
    keys = [one.key for one in results]
    if not closed or not keys:
        return results
    names = sorted(closed)
    columns = ", ".join(f"resource[$names[{index}]] AS value{index}" for index in range(len(names)))
    rows = read(
        database,
        f"The check {check.id}",
        f"MATCH (resource:{'|'.join(check.resource)}) WHERE resource._key IN $keys "
        f"RETURN resource._key AS key, {columns}",
        {"keys": keys, "names": names},
        timeout,
    )
    unknown = {row["key"]: reason for row in rows if (reason := _unknown(row, names, closed))}
    return [
        replace(one, verdict=Verdict.NOT_EVALUATED, reason=unknown[one.key]) if one.key in unknown else one
        for one in results
    ]


def _unknown(row: Mapping[str, Any], names: list[str], closed: Mapping[str, frozenset[str]]) -> str:
    """A sentence for each property whose value is none of the known ones. An empty value is no value."""
    said: list[str] = []
    for index, name in enumerate(names):
        value = row[f"value{index}"]
        said.extend(
            f"Azure answers {one!r} for {name}, which this check does not know, so it cannot tell."
            for one in (value if isinstance(value, list) else [value])
            if one not in (None, "") and str(one).lower() not in closed[name]
        )
    return " ".join(said)
