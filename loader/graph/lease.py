"""One loader at a time: a lease in the database, kept alive by a heartbeat, lost by who stops breathing."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from typing import Any

from loader.errors import AzgraphError, UnreachableError
from loader.graph.database import Database, Transaction

logger = logging.getLogger(__name__)

TTL_SECONDS = 60.0
_POLL_SECONDS = 0.5
_OURS: set[str] = set()

# Taking the write lock on the lease before looking at it makes two takers stand in a queue.
_TAKE = """
MERGE (l:SyncLease {id: 'sync'}) SET l.touched = datetime()
WITH l WHERE l.holder IS NULL OR l.holder = $holder OR l.expiresAt < datetime() OR l.holder = $dead
SET l.holder = $holder, l.host = $host, l.pid = $pid, l.since = datetime(),
    l.expiresAt = datetime() + duration({milliseconds: $ttl})
RETURN l.holder AS holder
"""
_LOOK = "MATCH (l:SyncLease {id: 'sync'}) RETURN l.holder AS holder, l.host AS host, l.pid AS pid, l.since AS since"
_RENEW = """
MATCH (l:SyncLease {id: 'sync'}) WHERE l.holder = $holder
SET l.expiresAt = datetime() + duration({milliseconds: $ttl}) RETURN l.holder AS holder
"""
_HELD = "MATCH (l:SyncLease {id: 'sync'}) WHERE l.holder = $holder RETURN l.holder AS holder"
_RELEASE = (
    "MATCH (l:SyncLease {id: 'sync'}) WHERE l.holder = $holder REMOVE l.holder, l.expiresAt, l.host, l.pid, l.since"
)


class Lease:
    """The right to write. `acquire` takes it or raises; a thread renews it every third of `ttl` seconds.

    A holder that was killed loses it when its time is over, or at once where it was a process of this very machine.
    """

    def __init__(self, database: Database, *, ttl: float = TTL_SECONDS) -> None:
        self._database, self._ttl = database, ttl
        self.holder = uuid.uuid4().hex
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self, wait_seconds: float = 0) -> None:
        """Takes the lease, waiting for another loader to end. Raises AzgraphError that names the other one."""
        deadline = time.monotonic() + wait_seconds
        while not self._try():
            if time.monotonic() >= deadline:
                raise AzgraphError(self._who())
            self._stop.wait(min(_POLL_SECONDS, max(0.05, deadline - time.monotonic())))
        _OURS.add(self.holder)
        self._thread = threading.Thread(target=self._beat, name="azgraph-lease", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Gives the lease back."""
        self.stop()
        self._database.write(lambda transaction: transaction.run(_RELEASE, holder=self.holder))

    def stop(self) -> None:
        """Ends the heartbeat; a lease that cannot be given back because the database is away expires."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        _OURS.discard(self.holder)

    def check(self, transaction: Transaction) -> None:
        """Ends a write whose run has lost the lease, as after a suspended laptop wakes up."""
        if not transaction.run(_HELD, holder=self.holder):
            raise AzgraphError("Another azgraph has taken over this graph while this run stood still; start it again.")

    def _try(self) -> bool:
        parameters: dict[str, Any] = {
            "holder": self.holder,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "ttl": int(self._ttl * 1000),
            "dead": self._dead_holder(),
        }
        return bool(self._database.write(lambda transaction: transaction.run(_TAKE, **parameters))[0])

    def _dead_holder(self) -> str:
        rows = self._database.read(_LOOK)
        if not rows or rows[0]["host"] != socket.gethostname():
            return ""
        return str(rows[0]["holder"]) if _is_dead(rows[0]["pid"], rows[0]["holder"]) else ""

    def _who(self) -> str:
        rows = self._database.read(_LOOK)
        if not rows or rows[0]["holder"] is None:
            return "Another azgraph was writing to this graph; start this one again."
        row = rows[0]
        return (
            f"Another azgraph (process {row['pid']} on {row['host']}) has been writing to this graph since "
            f"{row['since']:%Y-%m-%d %H:%M:%S} UTC; wait for it to end, or let this one wait with --wait."
        )

    def _beat(self) -> None:
        while not self._stop.wait(self._ttl / 3):
            try:
                self._database.write(
                    lambda transaction: transaction.run(_RENEW, holder=self.holder, ttl=int(self._ttl * 1000))
                )
            except UnreachableError as error:
                # The writes meet the same trouble and say so; every one of them checks the lease.
                logger.warning("The lease could not be renewed: %s", error)


def _is_dead(pid: int, holder: str) -> bool:
    if pid == os.getpid():
        # The number of a dead process is given again, always so in containers.
        return holder not in _OURS
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
