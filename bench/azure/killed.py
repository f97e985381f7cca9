"""Kills a worker of a run at many moments; each time the graph must be the truth.

`python -m bench.azure.killed [MOMENTS] [SIZE]`: first a load with two workers that nobody disturbs, which tells how
many steps there are; then one for each moment, spread evenly over the steps, with one of the workers killed (`kill -9`)
when so many have ended. Prints a line of JSON for each; ends with 1 where a graph was not the truth.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from typing import Any

from loader.azure import sessions
from loader.cluster.engine import Engine, on_this_machine
from loader.cluster.orders import Source, Where
from loader.graph import Database
from loader.model import Status
from loader.sync import Options, StepReport, Summary, sync


def main(moments: str = "20", size: str = "tiny") -> None:
    """Prints a line for each moment."""
    # Each worker imports this module, and has no use for these.
    from bench.azure.made import SIZES
    from bench.azure.server import Play, playing
    from bench.azure.truth import compare
    from bench.azure_runs import LATENCY
    from bench.server import running

    with running() as server, playing(SIZES[size], Play(LATENCY)) as azure:
        os.environ.update(azure.environment, NEO4J_USER=server.database.user, NEO4J_PASSWORD=server.password)
        truth = azure.world.truth()
        wrong = 0

        def one(after: int | None, first: bool) -> int:
            nonlocal wrong
            server.empty()
            began = time.monotonic()
            summary, told = asyncio.run(_load(server.database, after, first=first))
            different = bool(compare(server.database, truth))
            line = {
                "killed after": after,
                "steps": len(summary.steps),
                "status": summary.status,
                "incomplete": [
                    f"{step.name} in {step.scope}: {step.status}. {step.reason}"
                    for step in summary.steps
                    if step.status is not Status.COMPLETE
                ],
                "begun again": any("begun again" in note for note in summary.notes),
                "wrong": different,
                "seconds": round(time.monotonic() - began),
            }
            print(json.dumps(line), flush=True)
            wrong += different or summary.status != "complete"
            return told

        steps = one(None, first=True)
        for number in range(int(moments)):
            one(steps * number // int(moments), first=number % 2 == 0)
    sys.exit(wrong > 0)


async def _load(database: Database, after: int | None, *, first: bool) -> tuple[Summary, int]:
    """A load with two workers, and how many steps were told. after: how many are, when a worker is killed; first: the
    one that told of itself first, and not the one that did so last.
    """
    engines: list[Engine] = []
    told = 0

    def hear(_step: StepReport) -> None:
        nonlocal told
        if told == after:
            known: Any = [int(one.process.split()[1]) for one in engines[0].sent]
            os.kill(known[0 if first else -1], signal.SIGKILL)
        told += 1

    async with sessions.live() as session, on_this_machine(2, Source(), Where(database.uri)) as engine:
        engines.append(engine)
        summary = await sync(session, database, Options(), hear, elsewhere=engine)
        return summary, told


if __name__ == "__main__":
    main(*sys.argv[1:])
