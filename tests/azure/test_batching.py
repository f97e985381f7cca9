"""Requests of Microsoft Graph that are sent together: through the real client, against a played Graph over TLS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loader.azure import sessions
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.settings import AzureSettings
from loader.azure.transport.record import Recording
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.wire import Exchange
from loader.model import At, Graph, Json
from tests.fakeazure import FakeAzure, Fault

GRAPH = "https://graph.microsoft.com/v1.0"
COUNT = 45
OWNERS = Graph(
    builder="groups.by_group_id.owners", permission="Group.Read.All", args=(At("id"),), select=("id",), advanced=True
)
HOSTILE = "it's `$batch`?\\\"&<b>\u202e\n"


def answers() -> list[Exchange]:
    found = [
        Exchange.of_json(f"{GRAPH}/groups/{number}/owners?$top=999&$count=true", {"value": [{"id": f"o-{number}"}]})
        for number in range(COUNT)
    ]
    # One has two pages, one may not be asked, one is called as nothing should be.
    more = {"value": [{"id": "o-7"}], "@odata.nextLink": f"{GRAPH}/groups/7/owners?$skiptoken=more"}
    found[7] = Exchange.of_json(f"{GRAPH}/groups/7/owners?$top=999&$count=true", more)
    found[8] = Exchange.of_json(found[8].url, {"error": {"code": "Authorization_RequestDenied"}}, status=403)
    found[9] = Exchange.of_json(found[9].url, {"value": [{"id": "o-9", "displayName": HOSTILE}]})
    subscriptions = Exchange.of_json("https://management.azure.com/subscriptions", {"value": []})
    organization = Exchange.of_json(
        f"{GRAPH}/organization", {"value": [{"id": "7c9f0a52-1111-4222-8333-444455556666"}]}
    )
    page = Exchange.of_json(f"{GRAPH}/groups/7/owners?$skiptoken=more", {"value": [{"id": "o-7b"}]})
    return [subscriptions, organization, *found, page]


@pytest.fixture(scope="module")
def azure() -> Iterator[FakeAzure]:
    with FakeAzure() as started:
        yield started


@pytest.fixture(autouse=True)
def _whole(azure: FakeAzure) -> None:
    azure.serve(answers())
    azure.requests.clear()


async def owners(session: AzureSession, number: int) -> list[str] | str:
    try:
        pages = session.pages(OWNERS, subscription=None, parent={"id": str(number)})
        return [one["id"] async for page in pages for one in page]
    except AzureError as error:
        return str(error.status)


EXPECTED = {number: [f"o-{number}"] for number in range(COUNT)} | {7: ["o-7", "o-7b"], 8: "forbidden"}


def read(azure: FakeAzure, record_to: Recording | None = None) -> tuple[dict[int, list[str] | str], AzureSession]:
    environment = azure.environment
    retry = RetryPolicy(tries=4, first_wait=0.01, longest_wait=0.02, total_wait=20)
    settings = replace(AzureSettings.from_environment(environment), retry=retry)

    async def work() -> tuple[dict[int, list[str] | str], AzureSession]:
        async with sessions.live(settings, environment=environment, record_to=record_to) as session:
            azure.requests.clear()
            found = await asyncio.gather(*(owners(session, number) for number in range(COUNT)))
            return dict(enumerate(found)), session

    return asyncio.run(work())


def posts(azure: FakeAzure) -> int:
    return azure.requests.count("POST /v1.0/$batch")


def test_each_of_many_has_its_own_answer_in_a_twentieth_of_the_requests(
    azure: FakeAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine requests of one moment come further apart than a batch waits.
    monkeypatch.setattr("loader.azure.transport.batching._WAIT", 1.0)
    found, session = read(azure)
    assert found == EXPECTED
    assert posts(azure) == 3
    # What Graph counts is what is told as calls. The second page of one comes with the last batch, or alone after it.
    assert session.calls - session.sent in (COUNT - 3, COUNT + 1 - 3)


def told_of_first(*answers: tuple[int, str]) -> Fault:
    """A batch that answers its first request only, with each of these."""
    told = [f'{{"id": "0", "status": {status}, "body": {body}}}' for status, body in answers]
    return Fault(200, f'{{"responses": [{", ".join(told)}]}}')


@pytest.mark.parametrize(
    ("where", "faults", "again"),
    [
        ("/groups/3/owners", [Fault(429, "{}", {"Retry-After": "1"}), Fault(429, "{}", {"Retry-After": "0"})], 2),
        ("/groups/4/owners", [Fault(503, "{}"), Fault(500, "{}")], 2),
        ("/v1.0/$batch", [Fault(cut=True)], 20),
        ("/v1.0/$batch", [Fault(half=True)], 20),
        ("/v1.0/$batch", [Fault(429, "{}", {"Retry-After": "0"})], 20),
        ("/v1.0/$batch", [Fault(200, '{"responses": []}')], 20),
        ("/v1.0/$batch", [Fault(200, "<html>")], 20),
        ("/v1.0/$batch", [Fault(200, '{"responses": [{"id": "0", "status": "so"}, 5, {"status": 200}]}')], 20),
        ("/v1.0/$batch", [told_of_first((200, '{"value": []}'), (200, '{"value": [{"id": "o"}]}'))], 20),
        ("/v1.0/$batch", [told_of_first((503, '{"error": "\\ud83d"}'))], 20),
    ],
)  # fmt: skip
def test_what_was_refused_or_lost_is_asked_again_and_nothing_else(
    azure: FakeAzure, where: str, faults: list[Fault], again: int
) -> None:
    azure.break_next(where, *faults)
    found, session = read(azure)
    assert found == EXPECTED
    assert session.retried in (again, again - 5)  # a batch of the last five may be the one


def test_a_token_that_ended_is_renewed_for_all_of_a_batch(azure: FakeAzure) -> None:
    environment = azure.environment
    settings = AzureSettings.from_environment(environment)

    async def work() -> list[list[str] | str]:
        async with sessions.live(settings, environment=environment) as session:
            azure.expire_tokens()
            return await asyncio.gather(*(owners(session, number) for number in range(COUNT)))

    before = azure.tokens
    assert dict(enumerate(asyncio.run(work()))) == EXPECTED
    # One for Resource Manager, one for Graph, one new one.
    assert azure.tokens - before <= 3


@pytest.mark.parametrize("status", [400, 403, 404, 501])
def test_where_no_batches_are_taken_each_is_asked_alone(azure: FakeAzure, status: int) -> None:
    azure.break_next("/v1.0/$batch", *[Fault(status, '{"error": {"code": "BadRequest"}}') for _ in range(9)])
    found, _ = read(azure)
    assert found == EXPECTED
    assert posts(azure) <= 3


def test_what_was_sent_together_is_recorded_as_if_it_was_sent_alone(azure: FakeAzure, tmp_path: Path) -> None:
    read(azure, Recording(tmp_path))
    entries: list[Json] = [
        entry for file in tmp_path.glob("*.har") for entry in json.loads(file.read_text())["log"]["entries"]
    ]
    assert {entry["request"]["method"] for entry in entries} == {"GET"}
    assert not [entry for entry in entries if "batch" in entry["request"]["url"]]
    environment = azure.environment

    async def work() -> list[list[str] | str]:
        settings = AzureSettings.from_environment(environment)
        async with sessions.replay([tmp_path], settings=settings) as session:
            return await asyncio.gather(*(owners(session, number) for number in range(COUNT)))

    assert dict(enumerate(asyncio.run(work()))) == EXPECTED
