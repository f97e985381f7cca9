"""What a sync takes of the Azure room, so that it can be played."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from loader.azure.errors import AzureError
from loader.model import AnyCall, Json


class Asking(Protocol):
    """Something that is asked, a page of answers after the other."""

    def pages(
        self, call: AnyCall, *, subscription: str | None, parent: Json | None, one: bool | None = None
    ) -> AsyncIterator[list[Json]]: ...


async def all_of(session: Asking, call: AnyCall, name: str, calls: Counter[str]) -> list[Json] | None:
    """What a call about nothing in particular lists; None where it was not read to its end.

    calls: gains, under the name, the calls that were made.
    """
    items: list[Json] = []
    try:
        async for page in session.pages(call, subscription=None, parent=None):
            calls[name] += 1
            items += page
    except AzureError:
        calls[name] += 1
        return None
    return items


class Session(Asking, Protocol):
    """The same for one tenant, at one time."""

    @property
    def tenant_id(self) -> str: ...

    @property
    def answers_at(self) -> datetime | None: ...

    @property
    def replayed(self) -> bool: ...
