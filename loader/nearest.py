"""Names that do not exist: which were perhaps meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_TOLD = 3
_FEW = 30
_SHORT = 2


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The few known names that are most like `name`: those that hold its words first, then those spelled alike."""
    names: dict[str, str] = {}
    for one in known:
        names.setdefault(one.lower(), one)
    words = [word for word in re.split(r"[-_\s]+", name.lower()) if word]
    holding = [one for one in names if words and all(word in one for word in words)]
    close = difflib.get_close_matches(name.lower(), names, n=_TOLD, cutoff=0.6)
    found = list(dict.fromkeys([*close, *holding])) or _sharing(name.lower(), words, names)
    return [names[one] for one in found[:_TOLD]]


def _sharing(name: str, words: list[str], names: Iterable[str]) -> list[str]:
    """The names that hold most of the words, if it is at least half of them; a letter or two is no word."""
    long = [word for word in words if len(word) > _SHORT]
    held = {one: sum(word in one for word in long) for one in names}
    most = max(held.values(), default=0)
    if not most or 2 * most < len(long):
        return []
    likeness = difflib.SequenceMatcher(b=name)

    def alike(one: str) -> float:
        likeness.set_seq1(one)
        return likeness.ratio()

    return sorted((one for one, count in held.items() if count == most), key=alike, reverse=True)


def perhaps(name: str, known: Iterable[str], command: str) -> str:
    """The end of a sentence: "Perhaps: a, b." or, where nothing is like it, where the names are listed."""
    near = nearest(name, known)
    return f"Perhaps: {', '.join(near)}." if near else f"`{command}` lists them."


def alternatives(name: str, known: Iterable[str]) -> str:
    """The same where no command lists the names: a few are listed all, of many the nearest or how many there are."""
    names = list(dict.fromkeys(known))
    if near := nearest(name, names):
        return f"Perhaps: {', '.join(near)}."
    if not names:
        return "There is none."
    return f"There are: {', '.join(names)}." if len(names) <= _FEW else f"None of the {len(names)} is like it."
