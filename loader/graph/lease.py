"""One loader at a time: a lease in the database, kept alive by a heartbeat, lost by who stops breathing."""

from __future__ import annotations

import logging
import socket
import threading
import time
import uuid
from typing import Any, ClassVar

from loader.errors import AzgraphError, UnreachableError
from loader.graph.database import Database, Transaction
from loader.graph.holder import Holder

logger = logging.getLogger(__name__)

TTL_SECONDS = 60.0
# The lease of those who load.
SYNC = "sync"
_POLL_SECONDS = 0.5

# A lease that is good for longer was written before the clock was set back: its holder would have renewed it by now.
_LONGEST = 10

# Taking the write lock on the lease before looking at it makes two takers stand in a queue.
_TAKE = """
MERGE (l:SyncLease {id: $name}) SET l.touched = datetime()
WITH l WHERE l.holder IS NULL OR l.holder = $holder OR l.expiresAt < datetime() OR l.holder = $dead
  OR l.expiresAt > datetime() + duration({milliseconds: $longest})
SET l.holder = $holder, l.host = $host, l.machine = $machine, l.pid = $pid, l.began = $began, l.since = datetime(),
    l.expiresAt = datetime() + duration({milliseconds: $ttl})
RETURN l.holder AS holder
"""
_LOOK = """
MATCH (l:SyncLease {id: $name}) WHERE l.holder IS NOT NULL
RETURN l.holder AS holder, l.host AS host, l.machine AS machine, l.pid AS pid, l.began AS began, l.since AS since
"""
_RENEW = """
MATCH (l:SyncLease {id: $name}) WHERE l.holder = $holder
SET l.expiresAt = datetime() + duration({milliseconds: $ttl}) RETURN l.holder AS holder
"""
_HELD = "MATCH (l:SyncLease {id: $name}) WHERE l.holder = $holder RETURN l.holder AS holder"
_RELEASE = (
    "MATCH (l:SyncLease {id: $name}) WHERE l.holder = $holder "
    "REMOVE l.holder, l.expiresAt, l.host, l.machine, l.pid, l.began, l.since"
)


# What the others do that there is a lease for, by its name.
_DOING = {"notify": "telling people of alerts"}


class HeldError(AzgraphError):
    """Another one has the lease; the sentence names it."""


class Lease:
    """The right to write. `acquire` takes it or raises; a thread renews it every third of `ttl` seconds.

    name: what else only one may do at a time has a lease of its own.
    A holder that was killed loses it when its time is over, or at once where it certainly lives no more; so does a
    run of this very process that ended while the database was away and could not give its lease back.
    """

    _living: ClassVar[set[str]] = set()

    def __init__(self, database: Database, *, ttl: float = TTL_SECONDS, name: str = SYNC) -> None:
        self._database, self._ttl, self._name = database, ttl, name
        self.holder = uuid.uuid4().hex
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self, wait_seconds: float = 0) -> None:
        """Takes the lease, waiting for another loader to end. Raises HeldError that names the other one."""
        deadline = time.monotonic() + wait_seconds
        # Before the first try: another thread must not take a lease for abandoned that was taken a moment ago.
        self._living.add(self.holder)
        try:
            while not self._try():
                if time.monotonic() >= deadline:
                    raise HeldError(self._who())
                self._stop.wait(min(_POLL_SECONDS, max(0.05, deadline - time.monotonic())))
        except BaseException:
            self._living.discard(self.holder)
            raise
        self._thread = threading.Thread(target=self._beat, name="azgraph-lease", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Gives the lease back."""
        self.stop()
        self._database.write(lambda transaction: transaction.run(_RELEASE, name=self._name, holder=self.holder))

    def stop(self) -> None:
        """Ends the heartbeat; a lease that cannot be given back because the database is away expires."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._living.discard(self.holder)

    def check(self, transaction: Transaction) -> None:
        """Ends a write whose run has lost the lease, as after a suspended laptop wakes up."""
        if not transaction.run(_HELD, name=self._name, holder=self.holder):
            raise AzgraphError("Another azgraph has taken over this graph while this run stood still; start it again.")

    def _try(self) -> bool:
        mine = Holder.this_process()
        parameters: dict[str, Any] = {
            "name": self._name,
            "holder": self.holder,
            "host": socket.gethostname(),
            "machine": mine.machine,
            "pid": mine.pid,
            "began": mine.began,
            "ttl": int(self._ttl * 1000),
            "longest": int(max(self._ttl, TTL_SECONDS) * 1000 * _LONGEST),
            "dead": self._dead_holder(),
        }
        return bool(self._database.write(lambda transaction: transaction.run(_TAKE, **parameters))[0])

    def _dead_holder(self) -> str:
        for row in self._database.read(_LOOK, {"name": self._name}):
            # A lease of an earlier azgraph does not say enough of its holder: it expires.
            if not (row["machine"] and row["began"]):
                continue
            holder = Holder(row["machine"], row["pid"], row["began"])
            ended_here = holder == Holder.this_process() and row["holder"] not in self._living
            if ended_here or holder.is_dead():
                return str(row["holder"])
        return ""

    def _who(self) -> str:
        rows = self._database.read(_LOOK, {"name": self._name})
        if not rows:
            return f"Another azgraph was {_DOING.get(self._name, 'writing to this graph')}; start this one again."
        row = rows[0]
        doing = _DOING.get(self._name, "writing to this graph")
        return (
            f"Another azgraph (process {row['pid']} on {row['host']}) has been {doing} since "
            f"{row['since']:%Y-%m-%d %H:%M:%S} UTC; wait for it to end, or let this one wait with --wait."
        )

    def _beat(self) -> None:
        while not self._stop.wait(self._ttl / 3):
            try:
                self._database.write(
                    lambda transaction: transaction.run(
                        _RENEW, name=self._name, holder=self.holder, ttl=int(self._ttl * 1000)
                    )
                )
            except UnreachableError as error:
                # The writes meet the same trouble and say so; every one of them checks the lease.
                logger.warning("The lease could not be renewed: %s", error)
