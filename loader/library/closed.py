"""Which properties a check compares whose values are known: it does not judge what has another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from loader.library.definitions import Check
from loader.services import entity_types

_LITERAL = re.compile(r"""'([^']*)'|"([^"]*)\"""")


def compared(check: Check) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The properties of its resources that the check's Cypher names: entity type, name, known values."""
    text = "\n".join(check.texts.values())
    for name in check.resource:
        declared = entity_types().get(name)
        for one in declared.properties if declared else ():
            if one.name in text and re.search(rf"\.`?{re.escape(one.name)}`?(?![\w.])", text):
                yield name, one.name, one.values


def closed_properties(check: Check) -> dict[str, frozenset[str]]:
    """The known values, in lower case, of each property of its resources that the check compares with one of them.

    A property that the check only shows, or looks for in vain, says nothing about its verdict.
    """
    found: dict[str, frozenset[str]] = {}
    for _, name, values in compared(check):
        known = frozenset(value.lower() for value in values)
        if mentions(check, known):
            found[name] = found.get(name, frozenset()) | known
    return found


def mentions(check: Check, values: Iterable[str]) -> bool:
    """Whether one of the values, in any casing, is a text in the check's Cypher."""
    texts = {(one or other).lower() for one, other in _LITERAL.findall("\n".join(check.texts.values()))}
    return bool(texts & {value.lower() for value in values})
