"""The neutral request and answer that every transport speaks, so that azure-core and Graph share one way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One HTTP request as an SDK built it. url is absolute; headers keep the SDK's casing.

    batch: it is one of many of its sort, which may be sent together where the service takes that.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    batch: bool = False


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """One HTTP answer with its body read whole and decompressed; header names are lower case.

    url: the address that answered, where the sender knows it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A recorded request with its answer. `at` is an ISO time that orders equal requests: the latest counts."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: str | bytes
    request_body: str | bytes | None = None
    at: str = ""

    @classmethod
    def of_json(cls, url: str, answer: Any, *, status: int = 200, method: str = "GET") -> Exchange:
        """An exchange whose answer is the JSON of `answer`: how tests and the demo tenant write theirs."""
        headers = {"content-type": "application/json; charset=utf-8"}
        return cls(method, url, status, headers, json.dumps(answer))


class Sender(Protocol):
    """Anything that answers requests: live HTTP, a replay, or a wrapper around another sender."""

    async def send(self, request: WireRequest) -> WireAnswer:
        """The answer of any status. Raises `ConnectionBrokenError` or `NotRecordedError` where there is none."""
        ...

    async def close(self) -> None:
        """Frees sockets and files."""
        ...


class ConnectionBrokenError(Exception):
    """No whole answer came: refused, cut off, timed out, or sent only half.

    why: a clause on the cause, where the client tells one. final: trying again changes nothing.
    """

    def __init__(self, text: str, *, why: str | None = None, final: bool = False) -> None:
        super().__init__(text)
        self.why, self.final = why, final


class NotRecordedError(Exception):
    """A replay holds no answer to this request."""


class UnusableAnswerError(Exception):
    """What came is no answer to what was asked. Its text goes on after the call's name and says what to do."""


class HeldBackError(UnusableAnswerError):
    """One of Azure's buckets stays shut for longer than anyone should wait."""


class RedirectedError(UnusableAnswerError):
    """The host that was asked wants another one to answer, or another one did."""


class NotReadingError(Exception):
    """A request that would change something in Azure: azgraph sends none, whatever an SDK tries."""
