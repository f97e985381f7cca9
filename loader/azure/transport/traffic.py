"""The one policy of pace, retries and concurrency of all requests, ARM, Graph and Key Vault alike.

Retries are made here and not in the SDKs (theirs are switched off): each SDK has other numbers, and azure-core's would
sleep through any Retry-After however long, each request for itself.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import tenacity

from loader.azure.transport.buckets import buckets_of, left_in, refusing, retry_after
from loader.azure.transport.gate import Gate, Ticket
from loader.azure.transport.gates import Gates, Throttling
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.wire import (
    ConnectionBrokenError,
    NotReadingError,
    RedirectedError,
    Sender,
    WireAnswer,
    WireRequest,
)

# Requests that wait for their answers in batches: as many as 16 batches hold.
_TOGETHER = 320
_PASSING = frozenset({408, 500, 502, 503, 504})
# POSTs of Azure that only read; every other one is refused before it leaves.
_READING_POST = re.compile(
    r"/(queryresults|providers/microsoft\.resourcegraph/resources|config/[^/]+/list"
    r"|networkmanagers/[^/]+/listdeploymentstatus)$"
)


class Signer(Protocol):
    """Knows the tokens that requests carry: `loader.azure.tokens.Tokens` in a live session."""

    def newest(self, request: WireRequest) -> WireRequest:
        """The request with the token that has taken the place of the one it carries."""
        ...

    async def renewed(self, request: WireRequest, answer: WireAnswer) -> WireRequest | None:
        """The request with a fresh token, where `answer` refused the one it carries; None where that is final."""
        ...

    def believe(self, request: WireRequest) -> None:
        """The fresh token was refused as well."""
        ...


class _PassingError(Exception):
    """An answer or a broken connection that may be different next time."""

    def __init__(self, answer: WireAnswer | None, broken: ConnectionBrokenError | None = None) -> None:
        super().__init__()
        self.answer = answer
        self.broken = broken


class Traffic:
    """Wraps a sender with the pace of Azure's buckets, the limit of requests in flight, the retries and the counters.

    processes: how many, this one among them, load the tenant.
    calls: requests sent, retries included; throttled: answers of status 429; retried: requests sent again.
    """

    def __init__(
        self,
        sender: Sender,
        policy: RetryPolicy,
        *,
        in_flight: int = 20,
        per_host: int = 16,
        signer: Signer | None = None,
        chance: random.Random | None = None,
        processes: int = 1,
    ) -> None:
        self._sender = sender
        self._policy = policy
        self._signer = signer
        self._chance = chance or random.Random()  # noqa: S311 - jitter is no secret
        self._all = asyncio.Semaphore(in_flight)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        # What is sent together takes one place of the sender's own; so many requests wait for their answers at most.
        self._together = asyncio.Semaphore(_TOGETHER)
        self._gates = Gates(policy, self._chance, processes=processes)
        self.calls = self.throttled = self.retried = 0
        self._dated: tuple[str, datetime] | None = None

    @property
    def buckets(self) -> list[Throttling]:
        """The buckets that made anybody wait, the dearest first."""
        return self._gates.throttling

    @property
    def clock_ahead(self) -> float:
        """Seconds by which our clock was ahead of the latest date that an answer had; 0 where none can be read."""
        if self._dated is None:
            return 0.0
        date, ours = self._dated
        try:
            return (ours - parsedate_to_datetime(date)).total_seconds()
        except (ValueError, TypeError):
            return 0.0

    @property
    def waiting(self) -> dict[str, float]:
        """The buckets of Azure's that let nothing through now, with the seconds that this lasts."""
        return self._gates.shut

    async def send(self, request: WireRequest) -> WireAnswer:
        """The answer, of any status but a redirect. Raises `ConnectionBrokenError` and `UnusableAnswerError`."""
        _refuse_writing(request)
        if self._signer is None:
            return await self._retried(request)
        request = self._signer.newest(request)
        answer = await self._retried(request)
        fresh = await self._signer.renewed(request, answer) if answer.status == 401 else None
        if fresh is None:
            return answer
        self.retried += 1
        answer = await self._retried(fresh)
        if answer.status == 401:
            self._signer.believe(fresh)
        return answer

    async def close(self) -> None:
        await self._sender.close()

    async def _retried(self, request: WireRequest) -> WireAnswer:
        try:
            return await self._tried(request)
        except _PassingError as error:
            first: _PassingError | None = error
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_PassingError), wait=self._wait, stop=self._stop, reraise=True
        )
        try:
            async for attempt in retrying:
                with attempt:
                    # Most requests need no second try, so the first one is made without what watches over them.
                    if first is not None:
                        failed, first = first, None
                        raise failed
                    self.retried += 1
                    return await self._tried(request)
        except _PassingError as last:
            if last.answer is None:
                raise last.broken or ConnectionBrokenError("no answer") from last
            return last.answer
        raise AssertionError("tenacity ends with an answer or an error")

    async def _tried(self, request: WireRequest) -> WireAnswer:
        answer = await self._paced(request)
        if answer.status in _PASSING and not _for_pace(answer):
            raise _PassingError(answer)
        return answer

    async def _paced(self, request: WireRequest) -> WireAnswer:
        """The answer after all refusals for pace, however many."""
        if self._policy.tries == 1:
            places = self._places_of(request)
            await _take(places)
            try:
                return await self._once(request)
            finally:
                _leave(places)
        buckets = buckets_of(request)
        gates = [self._gates.of(bucket) for bucket in buckets]
        refusals = let_through = 0
        again = False
        while True:
            answer, tickets = await self._at_its_turn(request, gates, again=again)
            again = True
            guilty = refusing(buckets, answer) if _for_pace(answer) else -1
            for index, (bucket, gate, ticket) in enumerate(zip(buckets, gates, tickets, strict=True)):
                if index > guilty:
                    # The buckets before the one that refused let the request through.
                    gate.passed(ticket, **left_in(bucket, answer.headers))
                elif index == guilty:
                    gate.refused(ticket, retry_after(answer.headers), throttled=answer.status == 429)
                else:
                    gate.lost(ticket)
            if guilty < 0:
                return answer
            refusals += gates[guilty].let_through > let_through
            let_through = gates[guilty].let_through
            if refusals > self._policy.refusals:
                return answer

    async def _at_its_turn(
        self, request: WireRequest, gates: list[Gate], *, again: bool
    ) -> tuple[WireAnswer, list[Ticket]]:
        """Waits for all gates with no place taken, then for a place, and sends; tickets of no answer are given back."""
        places = self._places_of(request)
        if _nobody_waits(gates, places):
            # Nothing here lets another one in between.
            await _take(places)
            tickets = [gate.take() for gate in gates]
        else:
            tickets = await _in_line(gates, places)
        try:
            self.retried += again
            return await self._once(request), tickets
        except BaseException:
            for gate, ticket in zip(gates, tickets, strict=True):
                gate.lost(ticket)
            raise
        finally:
            _leave(places)

    async def _once(self, request: WireRequest) -> WireAnswer:
        self.calls += 1
        try:
            answer = await self._sender.send(request)
        except ConnectionBrokenError as error:
            if error.final:
                raise
            raise _PassingError(None, error) from error
        self.throttled += answer.status == 429
        if "date" in answer.headers:
            self._dated = answer.headers["date"], datetime.now(UTC)
        _refuse_others(request, answer)
        return answer

    def _places_of(self, request: WireRequest) -> list[asyncio.Semaphore]:
        # The host's place is taken first, so that a full host does not hold places others could use.
        return [self._together] if request.batch else [self._hosts[_host_of(request)], self._all]

    def _wait(self, state: tenacity.RetryCallState) -> float:
        growing = min(self._policy.first_wait * 2 ** (state.attempt_number - 1), self._policy.longest_wait)
        return float(growing * self._chance.uniform(0.5, 1))

    def _stop(self, state: tenacity.RetryCallState) -> bool:
        too_long = state.idle_for + state.upcoming_sleep > self._policy.total_wait
        return too_long or state.attempt_number >= self._policy.tries


async def _take(places: list[asyncio.Semaphore]) -> None:
    taken: list[asyncio.Semaphore] = []
    try:
        for place in places:
            await place.acquire()
            taken.append(place)
    except BaseException:
        _leave(taken)
        raise


def _leave(places: list[asyncio.Semaphore]) -> None:
    for place in reversed(places):
        place.release()


def _nobody_waits(gates: list[Gate], places: list[asyncio.Semaphore]) -> bool:
    free = not any(place.locked() for place in places)
    return free and all(gate.open and not gate.line.locked() for gate in gates)


async def _in_line(gates: list[Gate], places: list[asyncio.Semaphore]) -> list[Ticket]:
    """Waits for its turn at each gate, then for a place, which is taken when this returns."""
    while True:
        async with AsyncExitStack() as lines:
            for gate in gates:
                await lines.enter_async_context(gate.line)
                await gate.ready()
            await _take(places)
            if all(gate.open for gate in gates):
                return [gate.take() for gate in gates]
        _leave(places)


def _host_of(request: WireRequest) -> str:
    """The host of a request, with its port where it names one."""
    return urlsplit(request.url).netloc.lower()


def _for_pace(answer: WireAnswer) -> bool:
    """Whether the answer says no more than: not so fast."""
    return answer.status == 429 or (answer.status == 503 and retry_after(answer.headers) is not None)


def _refuse_others(request: WireRequest, answer: WireAnswer) -> None:
    """The host that answered is the host that was asked: no redirect is followed, by no SDK, because none sees one."""
    if 300 <= answer.status < 400:
        asked = urlsplit(request.url)
        named = re.sub(r"[^\w.-]", "", urlsplit(answer.headers.get("location", "")).hostname or "")[:100]
        raise RedirectedError(
            f"{asked.hostname} answered with a redirect to {named or 'nowhere'} ({answer.status}), which azgraph does "
            "not follow: a stranger's answer is none. If a proxy stands between, let it pass this host."
        )
    if answer.url and answer.url != request.url and _origin(answer.url) != _origin(request.url):
        raise RedirectedError(
            f"{urlsplit(answer.url).hostname} answered in the place of {urlsplit(request.url).hostname}."
        )


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)


def _refuse_writing(request: WireRequest) -> None:
    """The last gate of a tool that only reads: SDK pipelines may register providers or worse of their own accord."""
    if request.method in ("GET", "HEAD"):
        return
    path = urlsplit(request.url).path.lower()
    if request.method == "POST" and _READING_POST.search(path):
        return
    raise NotReadingError(f"{request.method} {path} would change something in Azure, so it was not sent.")
