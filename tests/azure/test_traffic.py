"""The one policy of retries, limits and counters, and the gate that lets only reading requests out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from loader.azure.transport.traffic import RetryPolicy, Traffic
from loader.azure.transport.wire import ConnectionBrokenError, NotReadingError, WireAnswer, WireRequest

URL = "https://management.azure.com/subscriptions"


class Script:
    """A sender that plays a list of answers (or errors) and remembers how many requests were in flight at once."""

    def __init__(self, *played: WireAnswer | Exception) -> None:
        self.played = list(played)
        self.now = self.most = self.sent = 0

    async def send(self, request: WireRequest) -> WireAnswer:
        self.sent += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.now -= 1
        played = self.played.pop(0) if self.played else answer(200)
        if isinstance(played, Exception):
            raise played
        return played

    async def close(self) -> None: ...


class Clock:
    """Keeps the waits instead of waiting."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


def answer(status: int, **headers: str) -> WireAnswer:
    return WireAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"{}")


async def test_waits_double_and_retry_after_is_kept() -> None:
    clock = Clock()
    script = Script(answer(503), answer(429, retry_after="7"), ConnectionBrokenError("cut"), answer(500), answer(200))
    traffic = Traffic(script, RetryPolicy(), sleep=clock)
    assert (await traffic.send(WireRequest("GET", URL))).status == 200
    assert clock.waits == [1, 7, 4, 8]
    assert (traffic.calls, traffic.throttled, traffic.retried) == (5, 1, 4)


async def test_retry_after_may_be_a_date() -> None:
    clock = Clock()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    await Traffic(Script(answer(429, retry_after=date)), RetryPolicy(), sleep=clock).send(WireRequest("GET", URL))
    assert len(clock.waits) == 1
    assert 30 < clock.waits[0] <= 60


async def test_the_waits_together_have_a_limit() -> None:
    clock = Clock()
    script = Script(*[answer(429, retry_after="100")] * 5)
    last = await Traffic(script, RetryPolicy(), sleep=clock).send(WireRequest("GET", URL))
    assert last.status == 429
    assert clock.waits == [100]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410])
async def test_refusals_are_final(status: int) -> None:
    script = Script(answer(status))
    assert (await Traffic(script, RetryPolicy(), sleep=Clock()).send(WireRequest("GET", URL))).status == status
    assert script.sent == 1


async def test_a_lasting_cut_is_told() -> None:
    script = Script(*[ConnectionBrokenError("cut")] * 9)
    with pytest.raises(ConnectionBrokenError):
        await Traffic(script, RetryPolicy(), sleep=Clock()).send(WireRequest("GET", URL))
    assert script.sent == 5


async def test_no_more_in_flight_than_allowed() -> None:
    script = Script()
    traffic = Traffic(script, RetryPolicy(), in_flight=4, per_host=3)
    await asyncio.gather(*(traffic.send(WireRequest("GET", URL)) for _ in range(30)))
    assert script.most == 3
    script.most = 0
    hosts = [f"https://h{n % 5}.example.com/" for n in range(30)]
    await asyncio.gather(*(traffic.send(WireRequest("GET", host)) for host in hosts))
    assert script.most == 4


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "https://management.azure.com/subscriptions/x/providers/Microsoft.Sql/register"),
        ("PUT", URL),
        ("PATCH", URL),
        ("DELETE", URL),
        ("POST", "https://management.azure.com/x/storageAccounts/y/listKeys"),
        ("POST", "https://graph.microsoft.com/v1.0/users"),
    ],
)
async def test_nothing_that_changes_azure_leaves(method: str, url: str) -> None:
    script = Script()
    with pytest.raises(NotReadingError):
        await Traffic(script, RetryPolicy()).send(WireRequest(method, url))
    assert script.sent == 0


async def test_posts_that_only_read_leave() -> None:
    url = "https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=1"
    assert (await Traffic(Script(), RetryPolicy()).send(WireRequest("POST", url, {}, b"{}"))).status == 200
