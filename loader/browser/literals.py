"""Parameters written into Cypher as literals, for texts that stand alone: links, favourites, guides.

Everywhere else values travel as parameters. Here a text is all that Neo4j Browser is given, so a value must not be
able to end its literal, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from neo4j.time import Duration

from loader.library.parameters import Bound
from loader.placeholders import replaced

_ESCAPES = {"\\": r"\\", "'": r"\'", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Characters that an editor or an address would lose or refuse.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def literal(value: Bound) -> str:
    """A value as a Cypher expression: text, number, boolean, list of texts or duration."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # In brackets: `3-$x` with x = -1 must not become `3--1`.
        return str(value) if value >= 0 else f"({value})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Duration):
        return f"duration('{value.iso_format()}')"
    return _text(value)


def _text(value: str) -> str:
    """A text in single quotes.

    Neo4j may resolve `\\uXXXX` before it reads literals, so a text with a backslash before a `u` is cut between the
    two: a value that says `\\u0027` must not become a quote that ends the literal.
    """
    escaped = "".join(_ESCAPES.get(one, one) for one in value)
    escaped = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", escaped.replace(r"\\u", r"\\' + 'u"))
    return f"('{escaped}')" if "' + '" in escaped else f"'{escaped}'"


def fill_in(cypher: str, values: Mapping[str, Bound]) -> str:
    """The text with its parameters written in. Those that `values` lacks stay; so do strings and comments."""
    return replaced(cypher, lambda name: literal(values[name]) if name in values else None)
