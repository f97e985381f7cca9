"""Who waits for another loader hears a signal to stop."""

from __future__ import annotations

import asyncio
import time
from typing import NoReturn

import pytest

from loader.graph.lease import HeldError
from loader.sync.waiting import begun


def held() -> NoReturn:
    raise HeldError("Another azgraph has been writing.")


async def test_a_stop_is_heard_while_another_loader_is_waited_for() -> None:
    waiting = asyncio.ensure_future(begun(held, 600))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_it_begins_when_the_other_one_has_ended_and_gives_up_in_time() -> None:
    with pytest.raises(HeldError):
        await begun(held, 0.05)
    over = time.monotonic() + 0.05
    assert await begun(lambda: held() if time.monotonic() < over else 7, 60) == 7
