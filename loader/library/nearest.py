"""Names that do not exist: which were perhaps meant, and what becomes of what names them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from loader.errors import UsageError

Tell = Callable[[str], None]

_TOLD = 3


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The few known names that are most like `name`: those that hold its words first, then those spelled alike."""
    names = list(known)
    words = [word for word in name.lower().replace("_", "-").split("-") if word]
    holding = [one for one in names if words and all(word in one for word in words)]
    close = difflib.get_close_matches(name.lower(), names, n=_TOLD, cutoff=0.6)
    return list(dict.fromkeys([*close, *holding]))[:_TOLD]


def perhaps(name: str, known: Iterable[str], command: str) -> str:
    """The end of a sentence: "Perhaps: a, b." or, where nothing is like it, where the names are listed."""
    near = nearest(name, known)
    return f"Perhaps: {', '.join(near)}." if near else f"`{command}` lists them."


class VanishedError(UsageError):
    """A user's file names what the library does not have, or has no longer."""


@contextmanager
def passing_over(tell: Tell | None, what: str) -> Iterator[None]:
    """Passes over what names something that does not exist, and says so; without `tell` it is refused.

    A check that a new version of azgraph renamed must not end every command that reads the file.
    """
    try:
        yield
    except VanishedError as error:
        if tell is None:
            raise
        tell(f"{error} {what} is passed over.")
