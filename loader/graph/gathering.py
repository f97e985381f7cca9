"""New records of several steps go to the graph in one transaction, where several wait to be written.

Most steps have a few records, and a transaction costs Neo4j and the driver some milliseconds whatever is in it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from loader.errors import AzgraphError
from loader.graph.pool import WritePool
from loader.graph.rows import Pending
from loader.graph.scope_log import Opening

# What a batch of one step takes.
BATCH_ROWS = 2_500
BATCH_BYTES = 4_000_000
# So many records, or bytes, go together in one transaction: more would save nothing. A batch of as many goes alone,
# beside others. Bytes that wait to go together: who brings more waits.
TOGETHER_ROWS = 500
_TOGETHER_BYTES = 1_000_000
_WAITING_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """New records of one step. size: about how many bytes they are; opening: what its run says before them."""

    records: list[Pending]
    size: int
    opening: Opening


@dataclass(frozen=True, slots=True)
class _Waiting:
    batch: Batch
    written: Future[None] = field(default_factory=Future)


class Gathering:
    """Takes batches, and writes small ones together, as many as are waiting. Safe for threads.

    write: writes batches in one transaction, each key once.
    """

    def __init__(self, pool: WritePool, write: Callable[[list[Batch]], None]) -> None:
        self._pool, self._write = pool, write
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._busy = False
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)

    def submit(self, batch: Batch) -> Future[None]:
        """Has a batch written; blocks while enough is waiting. Its own error is told by what this gives."""
        if len(batch.records) >= TOGETHER_ROWS or batch.size >= _TOGETHER_BYTES:
            return self._pool.submit(lambda: self._write([batch]))
        one = _Waiting(batch)
        with self._room:
            self._room.wait_for(lambda: self._bytes < _WAITING_BYTES)
            self._waiting.append(one)
            self._bytes += batch.size
        try:
            self._pool.submit(self._write_waiting).add_done_callback(self._drop_if_cancelled)
        except RuntimeError:
            self._drop()
            raise
        return one.written

    def _write_waiting(self) -> None:
        """In one session: while it writes, more come together."""
        with self._lock:
            if self._busy:
                return
            self._busy = True
        while True:
            with self._lock:
                group = [] if self._pool.closing else self._take()
                if not group:
                    self._busy = False
                    break
            self._write_group(group)
        if self._pool.closing:
            self._drop()

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        keys: set[str] = set()
        rows = size = 0
        while self._waiting:
            batch = self._waiting[0].batch
            rows, size = rows + len(batch.records), size + batch.size
            own = {one.key for one in batch.records}
            if group and (rows > TOGETHER_ROWS or size > _TOGETHER_BYTES or not keys.isdisjoint(own)):
                break
            keys |= own
            group.append(self._waiting.popleft())
            self._bytes -= batch.size
        self._room.notify_all()
        return group

    def _write_group(self, group: list[_Waiting]) -> None:
        # Nothing of the group is kept here beside an error, which keeps what its frames hold.
        try:
            self._write([one.batch for one in group])
        except AzgraphError as error:
            # It is of the whole graph, so each alone would meet it as well, and so would what waits.
            with self._lock:
                group += self._waiting
                self._empty()
            while group:
                group.pop().written.set_exception(error)
        except BaseException as error:  # noqa: BLE001 - it is told by the batch that it belongs to
            if len(group) == 1:
                group.pop().written.set_exception(error)
            while group:
                self._write_group([group.pop(0)])
        else:
            for one in group:
                one.written.set_result(None)

    def _drop_if_cancelled(self, task: Future[None]) -> None:
        if task.cancelled():
            self._drop()

    def _drop(self) -> None:
        with self._lock:
            dropped = list(self._waiting)
            self._empty()
        for one in dropped:
            one.written.cancel()

    def _empty(self) -> None:
        self._waiting.clear()
        self._bytes = 0
        self._room.notify_all()
