"""Asking Azure Resource Graph, page by page.

Every page is a POST with the same question; only the token of the place in the answer differs:
https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data#paging-results
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import orjson

from loader.azure.answers import Answer, has_error, is_empty_page
from loader.azure.errors import AzureError, operation_of
from loader.azure.paging import MANY_EMPTY_PAGES
from loader.azure.transport.requests import wire_request
from loader.azure.transport.wire import WireRequest
from loader.model import AnyCall, ResourceGraph, Status

_PATH = "/providers/Microsoft.ResourceGraph/resources"
_VERSION = "2024-04-01"
# The most that it gives at a time.
_PAGE = 1_000
# The most that one question may name; with more of them it is asked about all that the identity may read.
_MOST_SUBSCRIPTIONS = 1_000

Send = Callable[[WireRequest, AnyCall], Awaitable[Answer]]


class ResourceGraphRunner:
    """Runs declared `ResourceGraph` calls. send: how a request goes out and its answer comes in."""

    def __init__(self, send: Send, endpoint: str) -> None:
        self._send, self._url = send, f"{endpoint}{_PATH}"

    async def answers(self, call: ResourceGraph) -> AsyncGenerator[Answer]:
        """The pages of the answer, their rows as those of a list. Raises what `send` raises, and `AzureError` where
        the rows have no end, or were cut off.
        """
        what, seen, empty = operation_of(call), set[str](), 0
        token: str | None = None
        while True:
            answer = await self._send(self._request(call, token), call)
            body: Any = answer.body if isinstance(answer.body, dict) else {}
            rows = {"value": body["data"]} if "data" in body and not has_error(body) else answer.body
            yield Answer(answer.url, answer.status, rows)
            token = body.get("$skipToken") or None
            if token is None:
                if str(body.get("resultTruncated", "")).lower() == "true":
                    raise AzureError(Status.FAILED, f"{what}: Azure cut the answer off. Run azgraph once more.")
                return
            if token in seen:
                raise AzureError(Status.FAILED, f"{what}: Azure repeats a page, so the list has no end. Run again.")
            seen.add(token)
            empty = empty + 1 if is_empty_page(rows) else 0
            if empty >= MANY_EMPTY_PAGES:
                raise AzureError(Status.FAILED, f"{what}: {empty} empty pages in a row; the list has no end.")

    def _request(self, call: ResourceGraph, token: str | None) -> WireRequest:
        options: dict[str, Any] = {"$top": _PAGE, "resultFormat": "objectArray"}
        if token is not None:
            options["$skipToken"] = token
        asked: dict[str, Any] = {"query": call.query, "options": options}
        if 0 < len(call.subscriptions) <= _MOST_SUBSCRIPTIONS:
            asked["subscriptions"] = list(call.subscriptions)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return wire_request("POST", f"{self._url}?api-version={_VERSION}", headers, orjson.dumps(asked))
