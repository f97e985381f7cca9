"""What the requests of a sync cost where nothing is done but to send them and to parse what comes back: the ceiling."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import aiohttp
import orjson

from loader.azure.transport.wire import WireRequest
from loader.trusted import tls_context

# As many as a session has in flight at one host.
_AT_ONCE = 16


async def seconds_a_request(requests: Sequence[WireRequest], proxy: str | None) -> float:
    """Processor seconds for one of the requests, sent again by aiohttp alone over kept connections, with orjson.

    proxy: for the requests to key vaults, whose simulated hosts no name server knows.
    """
    connector = aiohttp.TCPConnector(ssl=tls_context(), limit=0)
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(session: aiohttp.ClientSession, request: WireRequest) -> None:
        through = proxy if ".vault." in request.url else None
        # Where faults are played, some of these meet them too.
        with suppress(aiohttp.ClientError):
            async with (
                places,
                session.request(
                    request.method, request.url, headers=request.headers, data=request.body, proxy=through
                ) as response,
            ):
                if body := await response.read():
                    orjson.loads(body)

    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.process_time()
        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(one(session, request))
        return (time.process_time() - began) / len(requests)
