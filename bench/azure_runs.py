"""azgraph over a simulated Azure: calls, processor time, memory, and whether the graph is the truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.azure.made import SIZES
from bench.azure.server import Play, playing
from bench.azure.truth import compare
from bench.report import Figure, Section
from bench.server import Server

ROOT = Path(__file__).parents[1]
LATENCY = 0.03
_FAULTS = Play(LATENCY, throttled=50, failing=500, cut=2_000, again=1)


@dataclass(frozen=True, slots=True)
class Run:
    """One sync. size: the tenant's; kind: "first", "unchanged" or "with faults"; told: what `bench.azure.run` prints.

    wrong: entities and relationships that are missing, invented or doubled. load: the machine's, of its last minute.
    """

    size: str
    kind: str
    told: dict[str, Any]
    wrong: int
    load: float


def measure(server: Server, sizes: Sequence[str]) -> list[Run]:
    """For each size a first run, an unchanged one, and a first one with faults, each in a process of its own.

    Before them a tiny one: what Neo4j plans once after its start, some 20 seconds, is no part of the figures.
    """
    with playing(SIZES["tiny"], Play()) as azure:
        _once(server, azure.environment, "tiny", "to warm up", azure.world.truth())
    runs: list[Run] = []
    for size in sizes:
        server.empty()
        with playing(SIZES[size], Play(LATENCY)) as azure:
            truth = azure.world.truth()
            runs.append(_once(server, azure.environment, size, "first", truth))
            azure.rest()
            runs.append(_once(server, azure.environment, size, "unchanged", truth))
        server.empty()
        with playing(SIZES[size], _FAULTS) as azure:
            runs.append(_once(server, azure.environment, size, "with faults", truth))
    return runs


def _once(server: Server, environment: dict[str, str], size: str, kind: str, truth: Any) -> Run:
    out = subprocess.run(
        [sys.executable, "-m", "bench.azure.run", server.database.uri, server.database.user],
        cwd=ROOT,
        env={**os.environ, **environment, "NEO4J_PASSWORD": server.password},
        stdout=subprocess.PIPE,
        check=True,
    )
    load = os.getloadavg()[0]
    told = json.loads(out.stdout.splitlines()[-1])
    found = compare(server.database, truth)
    wrong = [*found.missing, *found.invented, *found.missing_links, *found.invented_links, *found.doubled]
    print(f"Azure, {size}, {kind}: {told}; {len(wrong)} wrong: {wrong[:5]}", file=sys.stderr, flush=True)
    return Run(size, kind, told, len(wrong) + len(told["incomplete"]), load)


def section(runs: Sequence[Run]) -> Section:
    """The figures of all runs."""
    figures = []
    for run in runs:
        told, size = run.told, SIZES[run.size]
        what = f"{size.subscriptions} subscriptions, {run.kind}:"
        calls = told["calls"]
        figures += [
            Figure(f"{what} calls for 1,000 entities", calls / told["entities"] * 1_000, ""),
            Figure(f"{what} processor time a call", told["cpu"] / calls * 1_000, " ms", 1.5, at_most=True),
            Figure(f"{what} of it the event loop's", told["loop"] / calls * 1_000, " ms"),
            Figure(
                f"{what} times the processor time of bare requests", told["cpu"] / (told["bare"] * told["sent"]), ""
            ),
            Figure(f"{what} peak memory", told["peak"] / 1e6, " MB", 300, at_most=True),
            Figure(f"{what} lost, invented or doubled", run.wrong, "", 0, at_most=True),
        ]
        if told["allowed"] > 0:
            figures.append(Figure(f"{what} time against what the buckets allow", told["seconds"] / told["allowed"], ""))
        figures.append(Figure(f"{what} times faster than one call after another", _faster(told), ""))
    return Section(
        "Fetching from a simulated Azure",
        "A local Azure over TLS with 30 ms latency and Azure's documented buckets, made up from a seed, that knows "
        "what the graph must hold. With faults every 50th request is refused for pace, every 500th fails, every "
        "2,000th is cut off. Processor time is that of the whole process, with imports, mapping and writing, for each "
        "call as Azure counts them. Bare requests are 2,000 of the same, sent once more by the same process, with "
        "nothing but aiohttp and orjson. docs/scale.md says what follows from it.",
        figures,
        [
            _LOAD.format(
                cores=os.cpu_count(), loads=", ".join(f"{run.load:.1f} ({run.size}, {run.kind})" for run in runs)
            )
        ],
    )


_LOAD = (
    "Programs that wanted one of the {cores} cores when each run ended, the simulated Azure, Neo4j and azgraph among "
    "them: {loads}. With many more than cores, processor time is dearer, since each finds the caches full of others'."
)


def _faster(told: dict[str, Any]) -> float:
    """All calls one after another take their latency and the processor's time at least."""
    return float((told["calls"] * LATENCY + told["cpu"]) / told["seconds"])
