"""One list that several entity types share (web and function apps are one list of sites) is asked once an area."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from loader.azure.errors import AzureError
from loader.model import Arm, Call, EntityType, Json
from loader.services import parents_of
from loader.sync.session import Asking


@dataclass(slots=True)
class _List:
    """sharers: how many types take it. pages: None until it was read; error: what broke it off."""

    call: Arm
    sharers: int = 0
    pages: list[list[Json]] | None = None
    error: AzureError | None = None
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class Once:
    """The lists of the steps of one area. types: those that it loads."""

    def __init__(self, session: Asking, types: Iterable[EntityType]) -> None:
        self._session = session
        self._lists: list[_List] = []
        for one in types:
            if isinstance(one.fetch, Arm) and not parents_of(one):
                self._of(one.fetch).sharers += 1
        # Looked through for each call, so the others must not stand here.
        self._lists = [one for one in self._lists if one.sharers > 1]

    async def pages(self, call: Call, *, subscription: str | None, parent: Json) -> AsyncIterator[list[Json]]:
        """As the session gives them. What is shared is read once, to its end, and given to each type as its own.

        Raises `AzureError` to each of them alike, after the pages that came.
        """
        shared = next((one for one in self._lists if one.call == call), None)
        if shared is None:
            async for page in self._session.pages(call, subscription=subscription, parent=parent):
                yield page
            return
        async with shared.reading:
            if shared.pages is None:
                shared.pages = []
                try:
                    async for page in self._session.pages(call, subscription=subscription, parent=parent):
                        shared.pages.append(page)
                except AzureError as error:
                    shared.error = error
        for page in shared.pages:
            yield [dict(item) for item in page]
        if shared.error is not None:
            raise shared.error

    def _of(self, call: Arm) -> _List:
        found = next((one for one in self._lists if one.call == call), None)
        if found is None:
            found = _List(call)
            self._lists.append(found)
        return found
