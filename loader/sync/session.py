"""What a sync takes of the Azure room, so that it can be played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from loader.model import AnyCall, Json


class Asking(Protocol):
    """Something that is asked, a page of answers after the other."""

    def pages(
        self, call: AnyCall, *, subscription: str | None, parent: Json | None, one: bool | None = None
    ) -> AsyncIterator[list[Json]]: ...


class Session(Asking, Protocol):
    """The same for one tenant, at one time."""

    @property
    def tenant_id(self) -> str: ...

    @property
    def answers_at(self) -> datetime | None: ...

    @property
    def replayed(self) -> bool: ...
