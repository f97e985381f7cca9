"""Waiting for another loader of the same graph, in which a signal to stop is heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from loader.graph.lease import HeldError

T = TypeVar("T")
_POLL_SECONDS = 1.0


async def begun(begin: Callable[[], T], seconds: float) -> T:
    """What `begin` gives once it is not held up by another loader any more.

    Raises HeldError where that takes longer than so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return begin()
        except HeldError:
            left = deadline - time.monotonic()
            if left <= 0:
                raise
        await asyncio.sleep(min(_POLL_SECONDS, left))
