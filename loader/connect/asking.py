"""Asking Azure as little as tells something: the first page of a list, or one object."""

from __future__ import annotations

from contextlib import aclosing

from loader.azure.session import AzureSession
from loader.model import Call, Json


async def first_page(
    session: AzureSession,
    call: Call,
    *,
    subscription: str | None = None,
    parent: Json | None = None,
    one: bool | None = None,
) -> list[Json]:
    """What the first page holds; nothing more is asked for. For the parameters see `AzureSession.pages`.

    Raises `AzureError` where Azure refuses, or answers something else.
    """
    async with aclosing(session.pages(call, subscription=subscription, parent=parent, one=one)) as pages:
        async for page in pages:
            return page
    return []
