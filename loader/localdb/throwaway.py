"""A Neo4j for a moment, which never meets the graph of the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from loader.localdb.server import BOLT_PORT, HTTP_PORT, Connection, LocalNeo4j

# Far from the ports of the user's own, which must find its own free when it is started meanwhile.
_AWAY = 10_000


@contextmanager
def throwaway(home: Path, cache: Path, say: Callable[[str], None]) -> Iterator[Connection]:
    """An empty Neo4j in a folder of its own below azgraph's home, deleted afterwards.

    One at a time; what a killed command has left there is deleted first.
    """
    folder = home.resolve() / "throwaway"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock", mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say("Another command has the throw-away Neo4j; waiting for it.")
        lock.acquire()
    local = LocalNeo4j(folder, cache, say, ports=(BOLT_PORT + _AWAY, HTTP_PORT + _AWAY))
    try:
        local.wipe()
        yield local.up()
    finally:
        local.wipe()
        lock.release()
