"""The parameters in a Cypher text, `$name`, apart from what only looks like one in comments, quotes and backticks."""

from __future__ import annotations

import re
from collections.abc import Callable

# What a `$name` may stand in without being a parameter, and the parameter itself.
_PIECE = re.compile(
    r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:``|[^`])*`|\$(?P<name>[^\W\d]\w*)", re.DOTALL
)


def replaced(cypher: str, written: Callable[[str], str | None]) -> str:
    """The text with what is given for each parameter's name in its place; where that is None, the parameter stays."""

    def place(match: re.Match[str]) -> str:
        found = written(match["name"]) if match["name"] is not None else None
        return match[0] if found is None else found

    return _PIECE.sub(place, cypher)
