"""What becomes of a user's file that names what does not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loader.errors import UsageError

Tell = Callable[[str], None]


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
