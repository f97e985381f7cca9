"""What has a value that nobody here knows is not judged: the check was written before Azure had it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from loader.packs.results import ResourceResult
from loader.packs.rows import Row
from loader.verdicts import Verdict

Closed = Mapping[str, frozenset[str]]


def columns(names: Iterable[str]) -> str:
    """What the query for a population returns besides: the values of the properties that checks compare."""
    return "".join(f",\n  resource.`{name}` AS `{_column(name)}`" for name in sorted(names))


def _column(name: str) -> str:
    return f"value of {name}"


def judged_by_known_values(
    population: Iterable[Row], closed: Closed, results: list[ResourceResult]
) -> list[ResourceResult]:
    """The results, those of resources with an unknown value of a compared property not evaluated, the value named.

    closed: the known values by property, as the types declare them.
    """
    if not closed:
        return results
    unknown = {row["key"]: reason for row in population if (reason := _unknown(row, closed))}
    return [
        replace(one, verdict=Verdict.NOT_EVALUATED, reason=unknown[one.key]) if one.key in unknown else one
        for one in results
    ]


def _unknown(row: Mapping[str, Any], closed: Closed) -> str:
    """A sentence for each property whose value is none of the known ones. An empty value is no value."""
    said: list[str] = []
    for name in sorted(closed):
        value = row[_column(name)]
        said.extend(
            f"Azure answers {one!r} for {name}, which this check does not know, so it cannot tell."
            for one in (value if isinstance(value, list) else [value])
            if one not in (None, "") and str(one).lower() not in closed[name]
        )
    return " ".join(said)
