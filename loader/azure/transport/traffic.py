"""The one retry, throttling and concurrency policy of all requests, ARM, Graph and Key Vault alike.

Retries are made here and not in the SDKs (theirs are switched off): each SDK has other numbers, and azure-core's would
sleep through any Retry-After however long.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import tenacity

from loader.azure.transport.wire import ConnectionBrokenError, NotReadingError, Sender, WireAnswer, WireRequest

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
# POSTs of Azure that only read; every other one is refused before it leaves.
_READING_POST = re.compile(r"/(queryresults|providers/microsoft\.resourcegraph/resources|config/[^/]+/list)$")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a request is tried again. Times are seconds.

    tries: in all, the first included. first_wait doubles each time up to longest_wait, unless Azure names a wait in
    Retry-After. total_wait: a wait that would lead beyond it is not begun, and the refusal stands.
    """

    tries: int = 5
    first_wait: float = 1
    longest_wait: float = 30
    total_wait: float = 180


class _PassingError(Exception):
    """An answer or a broken connection that may be different next time."""

    def __init__(self, answer: WireAnswer | None, broken: ConnectionBrokenError | None = None) -> None:
        super().__init__()
        self.answer = answer
        self.broken = broken


class Traffic:
    """Wraps a sender with the limit of requests in flight, the retries and the counters.

    calls: requests sent, retries included; throttled: answers of status 429; retried: requests sent again.
    """

    def __init__(
        self,
        sender: Sender,
        policy: RetryPolicy,
        *,
        in_flight: int = 20,
        per_host: int = 16,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sender = sender
        self._policy = policy
        self._sleep = sleep
        self._all = asyncio.Semaphore(in_flight)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        self.calls = self.throttled = self.retried = 0

    async def send(self, request: WireRequest) -> WireAnswer:
        _refuse_writing(request)
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            wait=self._wait,
            stop=self._stop,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    if attempt.retry_state.attempt_number > 1:
                        self.retried += 1
                    return await self._once(request)
        except _PassingError as last:
            if last.answer is None:
                raise last.broken or ConnectionBrokenError("no answer") from last
            return last.answer
        raise AssertionError("tenacity ends with an answer or an error")

    async def close(self) -> None:
        await self._sender.close()

    async def _once(self, request: WireRequest) -> WireAnswer:
        # The host's place is taken first, so that a full host does not hold places others could use.
        async with self._hosts[urlsplit(request.url).netloc.lower()], self._all:
            self.calls += 1
            try:
                answer = await self._sender.send(request)
            except ConnectionBrokenError as error:
                raise _PassingError(None, error) from error
        self.throttled += answer.status == 429
        if answer.status in _PASSING:
            raise _PassingError(answer)
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        named = _retry_after(_answer_of(state))
        growing = self._policy.first_wait * 2 ** (state.attempt_number - 1)
        return named if named is not None else min(growing, self._policy.longest_wait)

    def _stop(self, state: tenacity.RetryCallState) -> bool:
        too_long = state.idle_for + state.upcoming_sleep > self._policy.total_wait
        return too_long or state.attempt_number >= self._policy.tries


def _answer_of(state: tenacity.RetryCallState) -> WireAnswer | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.answer if isinstance(error, _PassingError) else None


def _retry_after(answer: WireAnswer | None) -> float | None:
    """Seconds that Azure asks to wait: a number, or an HTTP date."""
    named = answer.headers.get("retry-after") if answer is not None else None
    if named is None:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(named))
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(named) - datetime.now(UTC)).total_seconds())
    return None


def _refuse_writing(request: WireRequest) -> None:
    """The last gate of a tool that only reads: SDK pipelines may register providers or worse of their own accord."""
    path = urlsplit(request.url).path.lower()
    if request.method in ("GET", "HEAD") or (request.method == "POST" and _READING_POST.search(path)):
        return
    raise NotReadingError(f"{request.method} {path} would change something in Azure, so it was not sent.")
