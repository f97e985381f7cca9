"""A load that hangs keeps all others waiting, so there is an end to it: it is a failed run, and nothing is deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from loader.errors import AzgraphError
from loader.spans import told


@asynccontextmanager
async def within(limit: timedelta | None) -> AsyncIterator[None]:
    """Ends the block after that time, with an AzgraphError that says so; None for as long as it takes."""
    try:
        async with asyncio.timeout(None if limit is None else limit.total_seconds()) as clock:
            yield
    except TimeoutError as error:
        if limit is None or not clock.expired():
            raise
        raise AzgraphError(
            f"The load did not end within its time limit of {told(limit)}, so it was ended; nothing is deleted, and "
            "what it has not read stays as it was. `azgraph runs show` tells which steps took how long; give it more "
            "with `time_limit` of the instance (docs/schedule.md)."
        ) from error
