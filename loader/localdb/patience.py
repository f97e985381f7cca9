"""Waiting for as long as it takes, and saying so: a busy machine may need minutes for what takes seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST_WORD_SECONDS = 10.0
NEXT_WORD_SECONDS = 30.0
_POLL_SECONDS = 0.2


class Patience:
    """One wait. `pause()` between two looks; it says `what` after ten seconds and every half a minute from then on."""

    def __init__(self, say: Callable[[str], None], what: str) -> None:
        self._say, self._what = say, what
        self._began = time.monotonic()
        self._next = self._began + FIRST_WORD_SECONDS

    def pause(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._say(f"{self._what} ({now - self._began:.0f} seconds so far).")
            self._next = now + NEXT_WORD_SECONDS
        time.sleep(_POLL_SECONDS)
