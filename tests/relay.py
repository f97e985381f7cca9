"""A relay in front of the tests' Neo4j, so that its connections can be cut while the server stays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Relay:
    """Passes on what comes to an address of its own. While it is cut, nobody is there: connections end at once, and new
    ones are refused.
    """

    def __init__(self, uri: str) -> None:
        there = urlsplit(uri)
        self._there = there.hostname or "", there.port or 7687
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.restore()
        self.uri = f"bolt://127.0.0.1:{self._port}"

    def cut(self) -> int:
        """Ends all connections, gives how many there were, and takes no more."""
        return asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    def restore(self) -> None:
        """Takes connections again, at the same address."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def close(self) -> None:
        """As `cut`, for good."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> int:
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()
        return len(self._open) // 2

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._there)
        ours = {writer, back}
        self._open |= ours
        await asyncio.gather(pass_on(reader, back), pass_on(there, writer))
        self._open -= ours
        for one in ours:
            one.transport.abort()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Writes what is read, until there is no more or one of the two has gone."""
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@contextmanager
def relayed(uri: str) -> Iterator[Relay]:
    """A relay to the server at that address."""
    relay = Relay(uri)
    try:
        yield relay
    finally:
        relay.close()
