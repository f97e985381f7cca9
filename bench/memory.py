"""How much memory azgraph takes while rows stream through it, above what it takes before the first one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.server import Server

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (10^6 bytes) of resident memory of one process. idle: connected, with nothing loaded yet."""

    idle: float
    peak: float

    @property
    def growth(self) -> float:
        """What the rows took."""
        return self.peak - self.idle


def measure(server: Server, entities: int) -> dict[str, Memory]:
    """A first load and an unchanged re-sync of a tenant that is made up row by row, each in a process of its own."""
    server.empty()
    found = {}
    for name in ("first load", "unchanged re-sync"):
        found[name] = _once(server, entities)
        print(f"Memory, {name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def _once(server: Server, entities: int) -> Memory:
    told = subprocess.run(
        [sys.executable, "-m", "bench.memory_process", server.database.uri, server.database.user, str(entities)],
        cwd=ROOT,
        env={**os.environ, "NEO4J_PASSWORD": server.password},
        stdout=subprocess.PIPE,
        check=True,
    )
    idle, peak = json.loads(told.stdout)
    return Memory(idle / 1e6, peak / 1e6)
