"""Parameters as Neo4j gets them: in a map, so that it plans a text once.

Neo4j keeps a plan for each combination of the types of parameters, and of the sizes of texts and lists among them (0,
1, up to 10, to 100, to 1,000, more). It would plan what writes batches up to six times, for a tenth of a second and
more each time, since no two batches are of one size. Of what is in a map it looks at neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from loader.placeholders import replaced

_MAP = "given"


def in_a_map(query: str, parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text with `$given.name` in the place of each `$name`, and the parameters with what is named so in a map.

    Those that are maps themselves stay, as clauses take whole ones: `CREATE (n $properties)`. So does everything where
    the text has a parameter in backticks, or one that is called as the map is.
    """
    moved = {name: value for name, value in parameters.items() if not isinstance(value, Mapping)}
    if not moved or _MAP in parameters or "$`" in query:
        return query, dict(parameters)
    text, named = _moved(query, frozenset(moved))
    if not named:
        return query, dict(parameters)
    stay = {name: value for name, value in parameters.items() if name not in named}
    return text, {**stay, _MAP: {name: moved[name] for name in named}}


@lru_cache(maxsize=1024)
def _moved(query: str, names: frozenset[str]) -> tuple[str, frozenset[str]]:
    """The text with these parameters read from the map, and those of them that it names."""
    named = set()

    def in_it(name: str) -> str | None:
        if name not in names:
            return None
        named.add(name)
        return f"${_MAP}.{name}"

    return replaced(query, in_it), frozenset(named)
