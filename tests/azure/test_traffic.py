"""The one policy of retries, limits and counters, and the gate that lets only reading requests out."""

from __future__ import annotations

import asyncio
import random

import pytest

from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.traffic import Traffic
from loader.azure.transport.wire import (
    ConnectionBrokenError,
    NotReadingError,
    RedirectedError,
    WireAnswer,
    WireRequest,
)
from tests.azure.virtual_time import run

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


def answer(status: int, **headers: str) -> WireAnswer:
    return WireAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"{}")


def test_waits_double_with_jitter_and_a_refusal_for_pace_is_no_try() -> None:
    script = Script(
        answer(503), answer(429, retry_after="7"), ConnectionBrokenError("cut"), answer(500), answer(502), answer(200)
    )
    traffic = Traffic(script, RetryPolicy(), chance=random.Random(1))

    async def seconds() -> float:
        assert (await traffic.send(WireRequest("GET", URL))).status == 200
        return asyncio.get_running_loop().time()

    # Four waits of one that doubles, each cut by up to a half, and the one that was named.
    assert 7 + 15 / 2 < run(seconds()) < 7 + 15 * 0.95
    assert (traffic.calls, traffic.throttled, traffic.retried) == (6, 1, 5)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410])
async def test_refusals_are_final(status: int) -> None:
    script = Script(answer(status))
    assert (await Traffic(script, RetryPolicy()).send(WireRequest("GET", URL))).status == status
    assert script.sent == 1


def test_a_lasting_cut_is_told() -> None:
    script = Script(*[ConnectionBrokenError("cut")] * 9)
    with pytest.raises(ConnectionBrokenError):
        run(Traffic(script, RetryPolicy()).send(WireRequest("GET", URL)))
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


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("tries", [5, 1])
async def test_no_redirect_is_an_answer(status: int, tries: int) -> None:
    script = Script(answer(status, location="https://stranger.example/secrets?code=Pl4nted"))
    with pytest.raises(RedirectedError, match=r"redirect to stranger\.example") as caught:
        await Traffic(script, RetryPolicy(tries=tries)).send(WireRequest("GET", URL))
    assert "Pl4nted" not in str(caught.value)
    assert script.sent == 1


async def test_the_host_that_answers_is_the_host_that_was_asked() -> None:
    script = Script(WireAnswer(200, {}, b"{}", "https://stranger.example/subscriptions"))
    with pytest.raises(RedirectedError, match=r"stranger\.example answered in the place of management\.azure\.com"):
        await Traffic(script, RetryPolicy()).send(WireRequest("GET", URL))
