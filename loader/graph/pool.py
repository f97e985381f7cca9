"""Writes in the background: two sessions, and no more batches waiting than memory should hold."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

# Two sessions are as fast as four on Neo4j's side, and deadlock less.
SESSIONS = 2
_WAITING = 3


class WritePool:
    """Runs writes in `SESSIONS` threads; `submit` blocks while enough of them are waiting.

    closing: what runs is the last that is written.
    """

    def __init__(self) -> None:
        self.closing = False
        self._threads = ThreadPoolExecutor(SESSIONS, thread_name_prefix="azgraph-write")
        self._slots = threading.Semaphore(SESSIONS + _WAITING)

    def submit(self, work: Callable[[], None]) -> Future[None]:
        """Runs `work` as soon as a session is free."""
        self._slots.acquire()
        try:
            future = self._threads.submit(work)
        except RuntimeError:
            self._slots.release()
            raise
        future.add_done_callback(lambda _: self._slots.release())
        return future

    @property
    def full(self) -> bool:
        """Whether so much is waiting to be written that more must wait."""
        free = self._slots.acquire(blocking=False)
        if free:
            self._slots.release()
        return not free

    def close(self) -> None:
        """Waits for what runs, and drops what was waiting."""
        self.closing = True
        self._threads.shutdown(wait=True, cancel_futures=True)
