"""Throttling costs time, never data: 3,000 reads against Azure's documented buckets, in virtual time."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

import pytest

from loader.azure.transport.buckets import buckets_of, refusing, retry_after
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.traffic import Traffic
from loader.azure.transport.wire import ConnectionBrokenError, HeldBackError, WireAnswer, WireRequest
from tests.azure.virtual_time import run
from tests.fakeazure.buckets import Throttle

ARM = "https://management.azure.com"
SUB = f"{ARM}/subscriptions/11111111-2222-4333-8444-555555555555"
READS = 3_000
LATENCY = 0.05


class PlayedAzure:
    """Answers after a while, unless a bucket refuses."""

    def __init__(self, throttle: Throttle, chance: random.Random) -> None:
        self.throttle = throttle
        self.chance = chance

    async def send(self, request: WireRequest) -> WireAnswer:
        await asyncio.sleep(LATENCY * self.chance.uniform(0.5, 1.5))
        refusal, headers = self.throttle.ask(request.method, request.url)
        if refusal is None:
            return WireAnswer(200, headers, b"{}")
        return WireAnswer(refusal.status, {k.lower(): v for k, v in refusal.headers.items()}, refusal.body)

    async def close(self) -> None: ...


@dataclass
class Told:
    lost: int
    calls: int
    seconds: float
    traffic: Traffic


async def read(urls: list[str], seed: int, policy: RetryPolicy | None = None, **played: object) -> Told:
    chance = random.Random(seed)
    clock = asyncio.get_running_loop().time
    throttle = Throttle(clock, chance=chance, **played)  # type: ignore[arg-type]
    traffic = Traffic(
        PlayedAzure(throttle, chance), policy or RetryPolicy(), in_flight=256, per_host=256, chance=chance
    )
    answers = await asyncio.gather(*(traffic.send(WireRequest("GET", url)) for url in urls))
    assert traffic.calls == throttle.asked
    assert traffic.throttled == throttle.refused
    return Told(sum(answer.status != 200 for answer in answers), traffic.calls, clock(), traffic)


NETWORK = "providers/Microsoft.Network/virtualNetworks"
STORAGE = "providers/Microsoft.Storage/storageAccounts"
GRAPH = "https://graph.microsoft.com/v1.0/users"
# What each bucket needs at least: its size at once, the rest as it fills (Graph's lists cost two units).
LEAST = {f"{SUB}/{NETWORK}": (READS - 250) / 25, f"{SUB}/{STORAGE}": 29 * 300.0, GRAPH: (2 * READS - 3500) / 350}


def pages(url: str, number: int = READS) -> list[str]:
    return [f"{url}?page={page}" for page in range(number)]


@pytest.mark.parametrize("retry_after", [True, False], ids=["named", "unnamed"])
@pytest.mark.parametrize("url", LEAST, ids=["arm", "storage", "graph"])
def test_a_bucket_is_emptied_at_its_own_pace(url: str, retry_after: bool) -> None:
    """3,000 reads, 256 side by side: none lost, hardly one in vain, and little slower than Azure allows."""
    told = run(read(pages(url), seed=1, retry_after=retry_after))
    assert told.lost == 0
    assert told.calls <= 1.1 * READS
    assert told.seconds <= 1.3 * LEAST[url]


def test_nothing_is_told_but_the_refusals() -> None:
    """No waits are named and nothing says what is left."""
    told = run(read(pages(f"{SUB}/{NETWORK}"), seed=2, retry_after=False, counts=False))
    assert told.lost == 0
    assert told.calls <= 1.1 * READS
    assert told.seconds <= 1.3 * LEAST[f"{SUB}/{NETWORK}"]


@pytest.mark.parametrize("retry_after", [True, False], ids=["named", "unnamed"])
def test_every_fifth_answer_is_a_refusal_at_random(retry_after: bool) -> None:
    told = run(read(pages(f"{SUB}/{NETWORK}"), seed=3, retry_after=retry_after, stray=0.2))
    assert told.lost == 0
    assert told.calls <= 1.1 * READS / 0.8
    assert told.seconds <= 1.3 * LEAST[f"{SUB}/{NETWORK}"]


@pytest.mark.parametrize("retry_after", [True, False], ids=["named", "unnamed"])
def test_a_bucket_that_stays_shut_for_a_minute(retry_after: bool) -> None:
    told = run(read(pages(f"{SUB}/{NETWORK}"), seed=4, retry_after=retry_after, shut=(1.0, 61.0)))
    assert told.lost == 0
    assert told.calls <= 1.1 * READS
    assert told.seconds <= 1.3 * (60 + (READS - 2 * 250) / 25)


def test_what_draws_on_other_buckets_goes_on() -> None:
    """One provider's long window, one subscription's empty bucket: everybody else is done long before."""

    async def both() -> tuple[float, float]:
        ended: dict[str, float] = {}

        async def reading(name: str, urls: list[str], traffic: Traffic) -> None:
            await asyncio.gather(*(traffic.send(WireRequest("GET", url)) for url in urls))
            ended[name] = asyncio.get_running_loop().time()

        chance = random.Random(5)
        throttle = Throttle(asyncio.get_running_loop().time, chance=chance)
        # So few places that requests which wait with one in hand would stop all others.
        traffic = Traffic(PlayedAzure(throttle, chance), RetryPolicy(), in_flight=4, per_host=4, chance=chance)
        await asyncio.gather(
            reading("storage", pages(f"{SUB}/{STORAGE}", 150), traffic),
            reading("network", pages(f"{SUB}/{NETWORK}", 150), traffic),
            reading("graph", pages(GRAPH, 150), traffic),
        )
        return ended["storage"], max(ended["network"], ended["graph"])

    slow, others = run(both())
    assert slow > 290
    assert others < 20


class Script:
    """Plays the same answer for ever, or a list of answers, and remembers when each request came."""

    def __init__(self, *played: WireAnswer) -> None:
        self.played = list(played)
        self.came: list[float] = []

    async def send(self, request: WireRequest) -> WireAnswer:
        self.came.append(round(asyncio.get_running_loop().time(), 2))
        await asyncio.sleep(0.01)
        return self.played.pop(0) if len(self.played) > 1 else self.played[0]

    async def close(self) -> None: ...


def answer(status: int, **headers: str) -> WireAnswer:
    return WireAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"{}")


async def send(traffic: Traffic, number: int = 1, url: str = f"{SUB}/resourcegroups") -> list[int]:
    return [one.status for one in await asyncio.gather(*(traffic.send(WireRequest("GET", url)) for _ in range(number)))]


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_shuts_the_bucket_for_all_and_one_goes_first(status: int) -> None:
    script = Script(*[answer(status, retry_after="40")] * 3, answer(status, retry_after="20"), answer(200))
    traffic = Traffic(script, RetryPolicy(), chance=random.Random(1))
    assert run(send(traffic, 3)) == [200] * 3
    # Three at once, one probe that is refused, one that is let through, then the others.
    assert script.came[:3] == [0, 0, 0]
    assert 40 <= script.came[3] < 45
    assert 60 <= script.came[4] < 70
    assert all(came > script.came[4] for came in script.came[5:])
    assert traffic.buckets[0].throttled == (4 if status == 429 else 0)
    assert traffic.buckets[0].waited > 60
    assert traffic.retried == 4


def test_two_processes_that_were_told_the_same_moment_do_not_come_at_the_same_moment() -> None:
    def probed_after(seed: int) -> float:
        script = Script(answer(429, retry_after="40"), answer(200))
        assert run(send(Traffic(script, RetryPolicy(), chance=random.Random(seed)))) == [200]
        return script.came[1]

    probes = [probed_after(seed) for seed in range(5)]
    assert all(40 <= probe <= 44.1 for probe in probes)
    assert len({round(probe, 2) for probe in probes}) == len(probes)


def test_a_bucket_that_stays_shut_for_too_long_ends_the_call_with_a_sentence() -> None:
    with pytest.raises(HeldBackError, match=r"throttled .*reads of subscription.* Run azgraph again later"):
        run(send(Traffic(Script(answer(429, retry_after="7200")), RetryPolicy())))
    script = Script(answer(429))
    with pytest.raises(HeldBackError):
        run(send(Traffic(script, RetryPolicy())))
    assert 5000 < script.came[-1] < 5500


def test_a_request_that_is_refused_while_others_pass_is_refused_for_itself() -> None:
    """A resource that is locked answers 429 as well; it does not stop what draws on the same bucket."""

    class Locked(Script):
        async def send(self, request: WireRequest) -> WireAnswer:
            await super().send(request)
            return answer(429 if request.url.endswith("locked") else 200)

    async def all_of_them(traffic: Traffic) -> tuple[int, list[int]]:
        locked = asyncio.create_task(traffic.send(WireRequest("GET", f"{SUB}/resourcegroups/locked")))
        others = [await traffic.send(WireRequest("GET", f"{SUB}/resourcegroups/{number}")) for number in range(100)]
        return (await locked).status, [one.status for one in others]

    assert run(all_of_them(Traffic(Locked(answer(200)), RetryPolicy()))) == (429, [200] * 100)


def test_a_replay_takes_a_recorded_refusal_as_it_is() -> None:
    script = Script(answer(429, retry_after="60"))
    assert run(send(Traffic(script, RetryPolicy(tries=1)), 3)) == [429] * 3
    assert script.came == [0, 0, 0]


def test_a_probe_without_an_answer_lets_the_next_one_try() -> None:
    class Cut(Script):
        async def send(self, request: WireRequest) -> WireAnswer:
            played = await super().send(request)
            if played.status == 0:
                raise ConnectionBrokenError("cut")
            return played

    script = Cut(answer(429, retry_after="5"), answer(0), answer(200))
    assert run(send(Traffic(script, RetryPolicy()), 1)) == [200]


@pytest.mark.parametrize("left", ["0", "1000"])
def test_what_azure_says_is_left_is_kept_to_before_anything_is_refused(left: str) -> None:
    script = Script(answer(200, x_ms_ratelimit_remaining_subscription_reads=left))
    traffic = Traffic(script, RetryPolicy())

    async def in_turn() -> None:
        for _ in range(26):
            await send(traffic)

    run(in_turn())
    # 25 a second is what Azure gives where nothing is left; before that nobody waits.
    assert (script.came[-1] >= 0.9) is (left == "0")
    assert traffic.throttled == 0


@pytest.mark.parametrize("url", [f"{ARM}/providers/Microsoft.Management/managementGroups", f"{SUB}/resourceGroups"])
def test_what_is_the_tenants_is_divided_among_processes(url: str) -> None:
    script = Script(answer(200, x_ms_ratelimit_remaining_tenant_reads="0"))
    traffic = Traffic(script, RetryPolicy(), processes=2)

    async def in_turn() -> None:
        for _ in range(26):
            await traffic.send(WireRequest("GET", url))

    run(in_turn())
    # Half of 25 a second; a subscription's bucket is whoever's that loads it.
    assert (script.came[-1] >= 1.9) is ("subscriptions" not in url)


@pytest.mark.parametrize(("processes", "share"), [(1, 1), (2, 2), (5, 5), (40, 5)])
def test_the_directorys_is_divided_among_as_many_as_load_it(processes: int, share: int) -> None:
    traffic = Traffic(Script(answer(200)), RetryPolicy(), processes=processes)
    run(traffic.send(WireRequest("GET", "https://graph.microsoft.com/v1.0/groups")))
    run(traffic.send(WireRequest("GET", "https://graph.microsoft.com/v1.0/auditLogs/signIns")))
    shares = {gate.name.partition(", ")[2]: gate._share for gate in traffic._gates}
    assert shares == {"directory": 1 / share, "reports": 1}


def test_buckets_that_nobody_draws_on_any_more_are_forgotten_and_what_they_cost_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dozens for each subscription would add up: some hundred megabytes with 10,000 of them."""
    monkeypatch.setattr("loader.azure.transport.gates._MANY", 1_000)
    refused = f"{SUB}/resourceGroups"
    script = Script(answer(429, retry_after="5"), answer(200))
    traffic = Traffic(script, RetryPolicy())

    async def one_subscription_after_another() -> int:
        await traffic.send(WireRequest("GET", refused))
        most = 0
        for number in range(2_500):
            await traffic.send(WireRequest("GET", f"{ARM}/subscriptions/{number}/resourceGroups"))
            await asyncio.sleep(1)
            most = max(most, len(list(traffic._gates)))
        await traffic.send(WireRequest("GET", refused))
        return most

    assert run(one_subscription_after_another()) <= 1_300
    (cost,) = traffic.buckets
    assert cost.bucket.endswith("reads of subscription 11111111-2222-4333-8444-555555555555")
    assert cost.throttled == 1
    assert 5 <= cost.waited < 6


def test_resource_graph_says_when_its_quota_is_whole_again() -> None:
    url = f"{ARM}/providers/Microsoft.ResourceGraph/resources"
    empty = answer(200, x_ms_user_quota_remaining="0", x_ms_user_quota_resets_after="00:00:05")
    script = Script(empty, answer(200))
    traffic = Traffic(script, RetryPolicy())

    async def twice() -> None:
        for _ in range(2):
            await traffic.send(WireRequest("POST", url, {}, b"{}"))

    run(twice())
    assert 5 <= script.came[1] < 6
    assert traffic.throttled == 0


@pytest.mark.parametrize(
    ("headers", "body", "provider"),
    [
        ({"x-ms-ratelimit-remaining-subscription-reads": "212"}, b"", True),
        ({"x-ms-ratelimit-remaining-subscription-reads": "0"}, b"", False),
        ({"x-ms-ratelimit-remaining-resource": "Microsoft.Compute/HighCostGet3Min;0"}, b"", True),
        ({}, b'{"error": {"code": "SubscriptionRequestsThrottled"}}', False),
        ({}, b"", False),
    ],
)
def test_who_refused(headers: dict[str, str], body: bytes, provider: bool) -> None:
    buckets = buckets_of(WireRequest("GET", f"{SUB}/providers/Microsoft.Compute/virtualMachines"))
    assert [bucket.provider for bucket in buckets] == [True, False]
    assert buckets[refusing(buckets, WireAnswer(429, headers, body))].provider is provider


@pytest.mark.parametrize(
    ("url", "names"),
    [
        (f"{SUB}/providers/Microsoft.Storage/storageAccounts?x=1", ["lists of microsoft.storage in", "reads of sub"]),
        (
            f"{SUB}/resourceGroups/a/providers/Microsoft.Storage/storageAccounts/b",
            ["reads of microsoft.storage", "reads"],
        ),
        (f"{SUB}/resourceGroups", ["reads of subscription 11111111"]),
        (f"{ARM}/subscriptions?api-version=1", ["reads of the tenant"]),
        (f"{ARM}/providers/Microsoft.Management/managementGroups", ["lists of microsoft.management", "the tenant"]),
        (GRAPH, ["directory"]),
        ("https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies", ["conditional access"]),
        ("https://graph.microsoft.com/v1.0/reports/authenticationMethods/userRegistrationDetails", ["reports"]),
        ("https://kv-contoso.vault.azure.net/secrets?maxresults=25", ["kv-contoso.vault.azure.net"]),
    ],
)
def test_the_buckets_of_a_request(url: str, names: list[str]) -> None:
    buckets = buckets_of(WireRequest("GET", url))
    assert len(buckets) == len(names)
    assert all(name in bucket.name for name, bucket in zip(names, buckets, strict=True))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "Sat, 28 Nov 2026 12:01:00 GMT", "date": "Sat, 28 Nov 2026 12:00:00 GMT"}, 60),
        ({"retry-after": "Sat, 28 Nov 2026 11:00:00 GMT", "date": "Sat, 28 Nov 2026 12:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_azure_names(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
