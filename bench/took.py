"""What work takes: seconds by the clock, and seconds of processor time of azgraph, its commands and Neo4j together."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.server import Server


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds. processor: what the clock would say, about, on a machine that does nothing else."""

    clock: float
    processor: float


def took(server: Server, work: Callable[[], object], times: int = 1) -> Took:
    """The medians of doing it several times."""
    found = [_once(server, work) for _ in range(times)]
    return Took(statistics.median(one.clock for one in found), statistics.median(one.processor for one in found))


def worst(found: Sequence[Took]) -> Took:
    """The one that took most of the processor."""
    return max(found, key=lambda one: one.processor)


def _once(server: Server, work: Callable[[], object]) -> Took:
    clock, processor = time.perf_counter(), _processor(server)
    work()
    return Took(time.perf_counter() - clock, _processor(server) - processor)


def _processor(server: Server) -> float:
    own, neo4j = os.times(), server.process.cpu_times()
    return own.user + own.system + own.children_user + own.children_system + neo4j.user + neo4j.system
