"""Streams a tenant through azgraph once; prints idle and peak resident memory in bytes as JSON.

`python -m bench.memory_process URI USER ENTITIES`, the password in NEO4J_PASSWORD.
"""

from __future__ import annotations

import json
import os
import sys
import threading

import psutil

from bench.loading import record_of, sync
from bench.tenant import KINDS, Tenant
from loader.graph import Database

_EVERY_SECONDS = 0.02


class _Watch:
    """Looks at this process's memory all the time: the system's own peak would count what came before, too."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.idle = self.peak = self._now()
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            self.peak = max(self.peak, self._now())

    def _now(self) -> int:
        return int(self._process.memory_info().rss)


def main(uri: str, user: str, entities: str) -> None:
    tenant = Tenant(int(entities))
    with Database(uri, user, os.environ["NEO4J_PASSWORD"]) as database:
        watch = _Watch()
        sync(database, ((kind.type, (record_of(kind, row) for row in tenant.rows(kind))) for kind in KINDS))
        watch.end()
    print(json.dumps([watch.idle, watch.peak]))


if __name__ == "__main__":
    main(*sys.argv[1:])
