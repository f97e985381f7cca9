"""Reading wire JSON where a path alone does not do: Azure may leave a field out, or answer null for it."""

from __future__ import annotations

from loader.model import Json


def part(answer: object, *names: str) -> Json:
    """The object at `answer[name][name]…`; empty where anything on the way is missing, null or no object."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) else {}


def parts(answer: object, *names: str) -> list[Json]:
    """The objects in the list at `answer[name]…[last name]`; none where there is no list. Nulls in it are left out."""
    items = part(answer, *names[:-1]).get(names[-1])
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
