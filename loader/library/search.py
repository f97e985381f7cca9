"""Finding queries by words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loader.errors import UsageError
from loader.library.definitions import Query
from loader.library.library import Library


def find_queries(library: Library, *, area: str | None = None, words: str | None = None) -> list[Query]:
    """The queries of an area whose id, title or description holds all the words, whatever their case.

    Raises UsageError for an area that does not exist.
    """
    areas = sorted({query.area for query in library.queries.values()})
    if area is not None and area not in areas:
        raise UsageError(f"There is no area {area!r}. Areas: {', '.join(areas)}.")
    wanted = (words or "").lower().split()
    found = []
    for query in library.queries.values():
        text = f"{query.id} {query.title} {query.description or ''}".lower()
        if area in (None, query.area) and all(word in text for word in wanted):
            found.append(query)
    return sorted(found, key=lambda query: (query.area, query.id))


def described(query: Query, file: Path) -> dict[str, Any]:
    """A query as JSON has it, without its examples; file: where it stands; overridden: what is not as in that file."""
    return {
        **query.model_dump(mode="json", exclude={"examples"}),
        "file": str(file),
        "overridden": [change.as_json() for change in query.overridden],
    }
