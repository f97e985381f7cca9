"""Where a step's records go: buffered, and written by a thread while the next answers are fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from loader.areas import SHARED
from loader.model import Json, Outcome, Record

BATCH = 2_000
NOTHING_UNREAD: Mapping[str, Collection[str]] = MappingProxyType({})


class Writer(Protocol):
    """What the graph room offers for one step in one area."""

    def write(self, scope: str, records: list[Record]) -> None: ...

    def keep(self, scope: str, read_at: datetime) -> None: ...

    def stored_in(self, scope: str) -> int: ...

    def scopes(self) -> list[str]: ...

    def stored(self) -> list[Json]: ...

    def linked_to_stubs(self) -> list[str]: ...

    def keep_rest(self, *, gone: Collection[str], read: Collection[str] = ()) -> int: ...

    def met(self) -> int: ...

    def finish(
        self, outcomes: Mapping[str, Outcome], *, parents_whole: bool, unread: Mapping[str, Collection[str]]
    ) -> None: ...


class Sink:
    """The records of one entity type in one area, in batches.

    Records of one batch may belong to several scopes (one for each parent). Not safe for threads, but for any number
    of coroutines of one event loop.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._buffer: dict[str, list[Record]] = {}
        self._buffered = 0
        self._writing = asyncio.Lock()
        self.entities = 0
        self.kept: dict[str, datetime] = {}

    def keep(self, scope: str, since: datetime) -> None:
        """Leaves a scope as the graph has it: it was read at that time, and is not read in this run."""
        self.kept[scope] = since
        self.entities += self._writer.stored_in(scope)
        self._writer.keep(scope, since)

    def stored_in(self, scope: str) -> int:
        """How many entities of a scope the graph had before the run."""
        return self._writer.stored_in(scope)

    async def add(self, record: Record, scope: str = "") -> None:
        """Takes one record of `scope`: "" for a plain list, else the parent's key."""
        self.entities += 1
        self._buffer.setdefault(scope, []).append(record)
        self._buffered += 1
        if self._buffered >= BATCH:
            await self._flush()

    def scopes(self) -> list[str]:
        """The scopes of which the graph had anything before the run."""
        return self._writer.scopes()

    async def stored(self) -> list[Json]:
        """What the graph has of the entities, as properties."""
        return await asyncio.to_thread(self._writer.stored)

    async def linked_to_stubs(self) -> list[str]:
        """The keys of the entities that have a link to something that is gone, or was never loaded."""
        return await asyncio.to_thread(self._writer.linked_to_stubs)

    async def keep_rest(self, *, gone: Collection[str], read: Collection[str] = ()) -> None:
        """Leaves what was not taken as the graph has it, but for keys that are gone and for scopes that were read.

        Nothing is taken after it.
        """
        await self._flush()
        self.entities += await asyncio.to_thread(lambda: self._writer.keep_rest(gone=gone, read=read))

    async def met(self) -> int:
        """How many entities the graph will have of the step, if nothing that is gone is kept."""
        await self._flush()
        return await asyncio.to_thread(self._writer.met)

    async def finish(
        self,
        outcomes: Mapping[str, Outcome],
        *,
        parents_whole: bool = True,
        unread: Mapping[str, Collection[str]] = NOTHING_UNREAD,
    ) -> None:
        """Writes what is left and lets the graph remove what is gone from the scopes that were read whole.

        unread: the keys of the entities that alone could not be read in a scope, or not whole.
        """

        def end(left: Mapping[str, list[Record]]) -> None:
            self._write(left)
            self._writer.finish(outcomes, parents_whole=parents_whole, unread=unread)

        async with self._writing:
            # At once: most steps have few records, and each turn of a thread costs the loop its own.
            await asyncio.to_thread(end, self._taken())

    async def _flush(self) -> None:
        buffer = self._taken()
        async with self._writing:
            await asyncio.to_thread(self._write, buffer)

    def _taken(self) -> Mapping[str, list[Record]]:
        buffer, self._buffer, self._buffered = self._buffer, {}, 0
        return buffer

    def _write(self, buffer: Mapping[str, list[Record]]) -> None:
        for scope, records in buffer.items():
            self._writer.write(scope, records)


class Shared(Protocol):
    """Where records go that several subscriptions list but none owns."""

    async def add(self, record: Record) -> None: ...

    def claim(self, name: str, key: str) -> bool: ...


class SharedSinks:
    """Records that several subscriptions list but none owns: built-in roles, what management groups assign.

    They belong to the area `shared`, which is whole only if every subscription of the tenant was read whole. known:
    whether the graph remembers such a step of a type, which is closed though no subscription lists any of it now.
    """

    def __init__(
        self, open_writer: _OpenWriter, known: Callable[[str, str], bool] = lambda _name, _area: False
    ) -> None:
        self._open_writer, self._known = open_writer, known
        self._sinks: dict[str, Sink] = {}
        self._seen: dict[str, set[str]] = {}
        self._claimed: dict[str, set[str]] = {}
        self._opening = asyncio.Lock()

    async def add(self, record: Record) -> None:
        """Takes a record once, however many subscriptions list it."""
        async with self._opening:
            if record.type not in self._sinks:
                await self._open(record.type)
        if record.key not in self._seen[record.type]:
            self._seen[record.type].add(record.key)
            await self._sinks[record.type].add(record)

    def claim(self, name: str, key: str) -> bool:
        """Whether nobody has asked for this one in this run; whoever asks first fetches it for all subscriptions."""
        claimed = self._claimed.setdefault(name, set())
        new = key not in claimed
        claimed.add(key)
        return new

    async def finish(self, outcomes: Mapping[str, Outcome]) -> Mapping[str, tuple[Outcome, int]]:
        """Closes every shared step with its type's outcome over all subscriptions; gives outcome and entities back."""
        closed = {}
        for name in outcomes:
            if name not in self._sinks and self._known(name, SHARED):
                await self._open(name)
        for name, sink in self._sinks.items():
            await sink.finish({"": outcomes[name]})
            closed[name] = (outcomes[name], sink.entities)
        return closed

    async def _open(self, name: str) -> None:
        self._sinks[name] = Sink(await asyncio.to_thread(self._open_writer, name, SHARED))
        self._seen[name] = set()


class _OpenWriter(Protocol):
    def __call__(self, name: str, area: str) -> Writer: ...


class SharedKept:
    """The same records in a process that takes only some of the subscriptions: given on, each of them once.

    seen, claimed: of all areas that this process has taken in this run.
    """

    def __init__(self, seen: set[tuple[str, str]], claimed: set[tuple[str, str]]) -> None:
        self._seen, self._claimed = seen, claimed
        self.records: list[Record] = []

    async def add(self, record: Record) -> None:
        """Keeps a record, unless an area before has given it on."""
        if (record.type, record.key) not in self._seen:
            self._seen.add((record.type, record.key))
            self.records.append(record)

    def claim(self, name: str, key: str) -> bool:
        """As `SharedSinks.claim`, among the areas of this process."""
        new = (name, key) not in self._claimed
        self._claimed.add((name, key))
        return new
