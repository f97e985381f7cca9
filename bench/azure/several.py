"""How much sooner several workers load a simulated tenant than one process: seconds, and processor time of each.

On a machine with fewer free cores than processes the seconds say little. The processor time of the busiest process is
what a run takes at least where cores are free, so that of one process divided by it is what several could gain there.

`python -m bench.azure.several [SIZE] [WORKERS …]`: a first load of the tenant for each number of workers, one after the
other on an emptied Neo4j, with the machine's load beside it. Every graph is compared with the truth.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import psutil

from loader.azure import sessions
from loader.graph import Database
from loader.sync import Options, Summary, sync

_ONE = "--one"


def main(size: str = "small", *counts: str) -> None:
    """Prints one line of JSON for each number of workers."""
    # Each worker imports this module, and has no use for these.
    from bench.azure.made import SIZES
    from bench.azure.server import Play, playing
    from bench.azure.truth import compare
    from bench.azure_runs import LATENCY, ROOT
    from bench.server import running

    with running() as server, playing(SIZES[size], Play(LATENCY)) as azure:
        truth = azure.world.truth()
        for count in counts or ("1", "2"):
            server.empty()
            # What the load before took of Azure's limits is given again.
            azure.rest()
            environment = {**os.environ, **azure.environment, "NEO4J_USER": server.database.user}
            out = subprocess.run(
                [sys.executable, "-m", "bench.azure.several", _ONE, server.database.uri, count],
                cwd=ROOT, env={**environment, "NEO4J_PASSWORD": server.password}, stdout=subprocess.PIPE, check=True,
            )  # fmt: skip
            told = json.loads(out.stdout.splitlines()[-1])
            print(json.dumps({**told, "wrong": bool(compare(server.database, truth))}), flush=True)


def one(uri: str, count: str) -> None:
    """One load in this process, or in so many workers."""
    workers = int(count)

    async def run(database: Database) -> tuple[Summary, list[float]]:
        async with sessions.live() as session, _others(workers, uri) as engine:
            summary = await sync(session, database, Options(), lambda _step: None, elsewhere=engine)
            times = [one.cpu_times() for one in psutil.Process().children(recursive=True)]
            return summary, sorted((one.user + one.system for one in times), reverse=True)[:workers]

    load, began = os.getloadavg()[0], time.monotonic()
    with Database(uri, os.environ["NEO4J_USER"], os.environ["NEO4J_PASSWORD"]) as database:
        summary, others = asyncio.run(run(database))
    seconds = time.monotonic() - began
    print(
        json.dumps(
            {
                "workers": workers,
                "status": summary.status,
                "seconds": round(seconds, 1),
                "this process": round(time.process_time(), 1),
                "workers each": [round(one, 1) for one in others],
                "calls": summary.http["calls"],
                "entities": sum(summary.entities.values()),
                "load": [load, os.getloadavg()[0]],
            }
        )
    )


def _others(workers: int, uri: str) -> AbstractAsyncContextManager[Any]:
    if workers == 1:
        return nullcontext()
    from loader.cluster.engine import on_this_machine
    from loader.cluster.orders import Source, Where

    return on_this_machine(workers, Source(), Where(uri))


if __name__ == "__main__":
    if sys.argv[1:2] == [_ONE]:
        one(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
