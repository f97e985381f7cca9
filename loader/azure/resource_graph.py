"""Asking Azure Resource Graph, page by page.

Every page is a POST with the same question; only the token of the place in the answer differs:
https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data#paging-results
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from azure.core.rest import HttpRequest

from loader.azure.answers import Answer
from loader.azure.errors import AzureError, operation_of
from loader.model import ResourceGraph, Status

_PATH = "/providers/Microsoft.ResourceGraph/resources"
_VERSION = "2024-04-01"
# The most that it gives at a time.
_PAGE = 1_000
# The most that one question may name; with more of them it is asked about all that the identity may read.
_MOST_SUBSCRIPTIONS = 1_000

Send = Callable[[HttpRequest], Awaitable[Answer]]


class ResourceGraphRunner:
    """Runs declared `ResourceGraph` calls. send: how a request goes out and its answer comes in."""

    def __init__(self, send: Send, endpoint: str) -> None:
        self._send, self._url = send, f"{endpoint}{_PATH}"

    async def answers(self, call: ResourceGraph) -> AsyncGenerator[Answer]:
        """The pages of the answer, their rows as those of a list. Raises what the SDK raises, and `AzureError` where
        the rows have no end, or were cut off.
        """
        what, seen = operation_of(call), set[str]()
        token: str | None = None
        while True:
            answer = await self._send(self._request(call, token))
            body: Any = answer.body if isinstance(answer.body, dict) else {}
            yield Answer(answer.url, answer.status, {"value": body["data"]} if "data" in body else answer.body)
            token = body.get("$skipToken") or None
            if token is None:
                if str(body.get("resultTruncated", "")).lower() == "true":
                    raise AzureError(Status.FAILED, f"{what}: Azure cut the answer off. Run azgraph once more.")
                return
            if token in seen:
                raise AzureError(Status.FAILED, f"{what}: Azure repeats a page, so the list has no end. Run again.")
            seen.add(token)

    def _request(self, call: ResourceGraph, token: str | None) -> HttpRequest:
        options: dict[str, Any] = {"$top": _PAGE, "resultFormat": "objectArray"}
        if token is not None:
            options["$skipToken"] = token
        asked: dict[str, Any] = {"query": call.query, "options": options}
        if 0 < len(call.subscriptions) <= _MOST_SUBSCRIPTIONS:
            asked["subscriptions"] = list(call.subscriptions)
        return HttpRequest("POST", self._url, params={"api-version": _VERSION}, json=asked)
