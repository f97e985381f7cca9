"""Ctrl-C and SIGTERM: said at once, ended cleanly, and what that means for what is stored."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Timer, current_thread, main_thread
from types import FrameType
from typing import NoReturn, TypeVar

from loader.cli.common import say
from loader.errors import ExitCode

T = TypeVar("T")

# Seconds for what is broken off, and what shows the cursor that progress hid.
_GRACE, _CURSOR = 0.4, "\x1b[?25h"


class StoppedError(BaseException):
    """Somebody stopped a command, and has been told what that means.

    No KeyboardInterrupt: Typer ends the process on those itself, and then threads that wait for the server hold it up.
    """


@contextmanager
def stop_says(sentence: str, *, at_once: bool = True) -> Iterator[None]:
    """While the block runs, a signal to stop is answered with this sentence at once, and ends it with StoppedError.

    A second signal ends the process where it stands. at_once: so does half a second, whatever is still being put away.
    """
    if current_thread() is not main_thread():
        yield  # only the main thread hears signals
        return

    heard = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        heard.set()
        for kind in before:
            signal.signal(kind, lambda *_: os._exit(ExitCode.STOPPED))
        say(sentence)
        # What is broken off is put away, but nobody waits for it: the driver would, for the end of a query.
        late = Timer(_GRACE, leave)
        late.daemon = True
        if at_once:
            late.start()
        raise StoppedError

    before = {kind: signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)}
    for kind in before:
        signal.signal(kind, stop)
    try:
        yield
    except BaseException as error:
        # What is broken off in the middle of an answer may fail once more while it is closed.
        if heard.is_set():
            raise StoppedError from error
        raise
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def leave() -> NoReturn:
    """Ends the process without waiting for threads whose questions the server is still answering."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if stream.isatty():
                stream.write(_CURSOR)
            stream.flush()
    os._exit(ExitCode.STOPPED)


_SAID = (
    "Stopping: what is being written is finished first (once more ends at once). What was loaded stays. Checks, "
    "queries and alerts take nothing of this run for whole until the next `azgraph sync` has come to its end."
)


async def stoppable(work: Awaitable[T]) -> T:
    """Does the work; a signal to stop is answered within a second and ends it with KeyboardInterrupt.

    The graph is whole after a kill at any point, so a second signal ends the process where it stands.
    """
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop() -> None:
        if task.cancelling() or task.done():
            os._exit(ExitCode.STOPPED)
        say(_SAID)
        task.cancel()

    with suppress(NotImplementedError):  # Windows' loops take no handlers; there Python's own ends the run
        for kind in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(kind, stop)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
