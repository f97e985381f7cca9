"""The order in which answers come decides nothing: however slow some of them are, the same graph comes out."""

from __future__ import annotations

import asyncio

import pytest

from loader.azure.transport.replay import ReplaySender
from loader.azure.transport.wire import Exchange, WireAnswer, WireRequest
from loader.graph import Database
from tests.e2e.support import PLATFORM, PRODUCTION, SANDBOX, dump, load, wipe

pytestmark = pytest.mark.slow
# What several subscriptions answer of one entity (assignments of a management group) is written by the last of them.
WAITS = {PRODUCTION: 0.0, PLATFORM: 0.02, SANDBOX: 0.04}


def test_late_answers_give_the_same_graph(
    database: Database, contoso: list[Exchange], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(database, contoso)
    in_order = dump(database)
    wipe(database)
    send = ReplaySender.send

    async def late(sender: ReplaySender, request: WireRequest) -> WireAnswer:
        await asyncio.sleep(next((wait for name, wait in WAITS.items() if name in request.url), 0))
        return await send(sender, request)

    monkeypatch.setattr(ReplaySender, "send", late)
    load(database, contoso)
    assert dump(database) == in_order
