"""What Dask calls in a worker."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from distributed import get_worker

from loader.azure.transport.gates import Throttling
from loader.cluster.orders import Order
from loader.cluster.station import Station
from loader.model import Quiet, Status
from loader.sync import StepReport
from loader.sync.elsewhere import Sent, Taken


def topic_of(run: str) -> str:
    """Under which name Dask hands on what is told of a run."""
    return f"azgraph-{run}"


def load_area(order: Order) -> Taken:
    """Does a task. Raises AzgraphError."""
    worker = get_worker()

    def tell(step: StepReport, sent: Sent | None) -> None:
        # Progress only: what counts is what the task gives back.
        with suppress(Exception):
            worker.log_event(topic_of(order.run), told_of(step, sent))

    return Station.of(order).do(order, tell)


async def leave_run(run: str) -> None:
    """Ends what this worker does for a run."""
    await asyncio.to_thread(Station.leave, run)


def told_of(step: StepReport, sent: Sent | None) -> dict[str, Any]:
    """What a display shows of a step's end, and what was asked so far, in what any serialization takes."""
    shown = {name: getattr(step, name) for name in ("name", "scope", "reason", "calls", "entities", "seconds")}
    ended = {**shown, "status": str(step.status), "quiet": str(step.quiet) if step.quiet else None}
    return {"step": ended, "sent": asdict(sent) if sent is not None else None}


def heard(told: dict[str, Any]) -> tuple[StepReport, Sent | None]:
    """The same read back."""
    step, sent = told["step"], told["sent"]
    quiet = Quiet(step["quiet"]) if step["quiet"] else None
    ended = StepReport(**{**step, "status": Status(step["status"]), "quiet": quiet})
    if sent is None:
        return ended, None
    return ended, Sent(**{**sent, "buckets": tuple(Throttling(**one) for one in sent["buckets"])})
