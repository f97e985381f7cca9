"""Ctrl-C and SIGTERM during a load: said at once, ended cleanly, and what the next run will do."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from loader.cli.common import say

T = TypeVar("T")

_STOPPED = 130
_SAID = (
    "Stopping: what is being written is finished first (once more ends at once). What was loaded stays. Checks, "
    "queries and alerts take nothing of this run for whole until the next `azgraph sync` has come to its end."
)


async def stoppable(work: Awaitable[T]) -> T:
    """Does the work; a signal to stop is answered within a second and ends it with KeyboardInterrupt.

    The graph is whole after a kill at any point, so a second signal ends the process where it stands.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop() -> None:
        if task.cancelling() or task.done():
            os._exit(_STOPPED)
        say(_SAID)
        task.cancel()

    with suppress(NotImplementedError):  # Windows' loops take no handlers; there Python's own ends the run
        for kind in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(kind, stop)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
