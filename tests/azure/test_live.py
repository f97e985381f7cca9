"""The live way in, against a local server that plays Azure: sign-in, refusals, throttling, cut connections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import trustme

from loader.azure import sessions
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.settings import AzureSettings
from loader.azure.transport.live import LiveSender
from loader.azure.transport.record import Recording
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.wire import ConnectionBrokenError, Exchange, WireRequest
from loader.errors import UnreachableError
from loader.model import Call, Status
from tests.azure.contoso import GRAPH, LIST_USERS, LIST_VNETS, SUB, TENANT, names, text_of, two_pages
from tests.fakeazure import FakeAzure, Fault
from tests.fakeazure.server import SECRET, TOKEN


@pytest.fixture
def azure() -> Iterator[FakeAzure]:
    users = [
        Exchange.of_json(
            f"{GRAPH}/users",
            {"value": [{"id": "1", "displayName": "Ada"}], "@odata.nextLink": f"{GRAPH}/users?$skiptoken=x"},
        ),
        Exchange.of_json(f"{GRAPH}/users?$skiptoken=x", {"value": [{"id": "2", "displayName": "Bo"}]}),
    ]
    with FakeAzure([*two_pages(), *users]) as fake:
        yield fake


def live(
    azure: FakeAzure, *, record_to: Recording | None = None, total_wait: float = 5, **changed: str
) -> AzureSession:
    """A live session as the documented settings make it; only the waits are shorter."""
    environment = {**azure.environment, **changed}
    settings = AzureSettings.from_environment(environment)
    settings = replace(settings, retry=RetryPolicy(first_wait=0.01, longest_wait=0.02, total_wait=total_wait))
    return sessions.live(settings, environment=environment, record_to=record_to)


async def test_signs_in_and_reads_lists_to_their_end(azure: FakeAzure) -> None:
    async with live(azure) as session:
        assert session.tenant_id == TENANT
        assert [one["subscriptionId"] for one in session.subscriptions()] == [SUB]
        assert await names(session) == [["one"], [], ["two"]]
        assert await names(session, LIST_USERS) == [["Ada"], ["Bo"]]
        assert (session.throttled, session.retried) == (0, 0)
        assert session.calls == len(azure.requests)
    assert azure.tokens >= 1


async def test_wrong_secret_ends_with_a_sentence_and_without_the_secret(azure: FakeAzure) -> None:
    wrong = "zzz8Q~wrong-secret-wrong-secret-wrong-0000"
    with pytest.raises(UnreachableError, match="AADSTS7000215") as caught:
        async with live(azure, AZURE_CLIENT_SECRET=wrong):
            pass
    assert wrong not in str(caught.value)
    assert not azure.requests


async def test_signs_in_with_a_certificate(azure: FakeAzure, tmp_path: Path) -> None:
    certificate = tmp_path / "app.pem"
    trustme.CA().issue_cert(
        "app.contoso.example", key_type=trustme.KeyType.RSA
    ).private_key_and_cert_chain_pem.write_to_path(certificate)
    async with live(azure, AZURE_CLIENT_SECRET="", AZURE_CLIENT_CERTIFICATE_PATH=str(certificate)) as session:
        assert await names(session) == [["one"], [], ["two"]]
    assert azure.tokens >= 1


async def test_no_sign_in_host_is_a_sentence(azure: FakeAzure) -> None:
    with pytest.raises(UnreachableError, match="could not be reached"):
        async with live(azure, AZURE_AUTHORITY_HOST="localhost:1"):
            pass


@pytest.mark.parametrize("call", [LIST_VNETS, LIST_USERS], ids=["arm", "graph"])
async def test_throttling_is_waited_out_and_counted(azure: FakeAzure, call: Call) -> None:
    async with live(azure) as session:
        ending = "/virtualnetworks" if call is LIST_VNETS else "/users"
        azure.break_next(ending, *[Fault(status=429, headers={"Retry-After": "0"})] * 3)
        assert any(await names(session, call))
        assert (session.throttled, session.retried) == (3, 3)


@pytest.mark.parametrize("call", [LIST_VNETS, LIST_USERS], ids=["arm", "graph"])
async def test_refusals_for_pace_are_no_tries(azure: FakeAzure, call: Call) -> None:
    async with live(azure) as session:
        ending = "/virtualnetworks" if call is LIST_VNETS else "/users"
        azure.break_next(ending, *[Fault(status=429)] * 9)
        assert any(await names(session, call))
        assert (session.throttled, session.retried) == (9, 9)


@pytest.mark.parametrize("call", [LIST_VNETS, LIST_USERS], ids=["arm", "graph"])
async def test_throttling_without_end_fails(azure: FakeAzure, call: Call) -> None:
    async with live(azure, total_wait=0.2) as session:
        ending = "/virtualnetworks" if call is LIST_VNETS else "/users"
        azure.break_next(ending, *[Fault(status=429)] * 500)
        with pytest.raises(AzureError, match="throttled") as caught:
            await names(session, call)
        assert caught.value.status is Status.FAILED


async def test_a_wait_beyond_the_limit_is_not_begun(azure: FakeAzure) -> None:
    async with live(azure) as session:
        azure.break_next("/virtualnetworks", Fault(status=429, headers={"Retry-After": "3600"}))
        with pytest.raises(AzureError, match="throttled"):
            await names(session)
        assert session.retried == 0


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(half=True), Fault(status=503)], ids=["cut", "half", "503"])
async def test_passing_faults_are_survived(azure: FakeAzure, fault: Fault) -> None:
    async with live(azure) as session:
        azure.break_next("/virtualnetworks", fault, fault)
        assert await names(session) == [["one"], [], ["two"]]
        assert session.retried == 2


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(half=True), Fault(status=502)], ids=["cut", "half", "502"])
async def test_lasting_faults_fail(azure: FakeAzure, fault: Fault) -> None:
    async with live(azure) as session:
        azure.break_next("/virtualnetworks", *[fault] * 5)
        with pytest.raises(AzureError) as caught:
            await names(session)
        assert caught.value.status is Status.FAILED


async def test_an_answer_that_breaks_off_within_its_json_fails(azure: FakeAzure) -> None:
    async with live(azure) as session:
        azure.break_next("/virtualnetworks", Fault(status=200, body='{"value": [{"id"'))
        with pytest.raises(AzureError, match="not whole") as caught:
            await names(session)
        assert caught.value.status is Status.FAILED


async def test_pages_before_a_fault_stand(azure: FakeAzure) -> None:
    got: list[int] = []
    async with live(azure) as session:

        async def read() -> None:
            async for page in session.pages(LIST_VNETS, subscription=SUB, parent=None):
                got.append(len(page))
                azure.break_next("/virtualnetworks", *[Fault(status=500)] * 5)

        with pytest.raises(AzureError):
            await read()
    assert got == [1]


async def test_refusal_names_the_permission(azure: FakeAzure) -> None:
    async with live(azure) as session:
        body = '{"error": {"code": "AuthorizationFailed", "message": "The client may not."}}'
        azure.break_next("/virtualnetworks", Fault(status=403, body=body))
        with pytest.raises(AzureError, match=r"Microsoft\.Contoso/things/read") as caught:
            await names(session)
        assert caught.value.outcome.status is Status.FORBIDDEN


async def test_an_unregistered_provider_is_never_registered(azure: FakeAzure) -> None:
    message = "The subscription is not registered to use namespace 'Microsoft.Network'"
    body = json.dumps({"error": {"code": "MissingSubscriptionRegistration", "message": message}})
    async with live(azure) as session:
        azure.break_next("/virtualnetworks", Fault(status=409, body=body))
        with pytest.raises(AzureError, match="not registered") as caught:
            await names(session)
    assert caught.value.status is Status.UNAVAILABLE
    assert {request.split()[0] for request in azure.requests} == {"GET"}


async def test_a_silent_server_is_given_up(azure: FakeAzure) -> None:
    sender = LiveSender(azure.ca_file, aiohttp.ClientTimeout(sock_read=0.2))
    azure.break_next("/silent", Fault(silent=True))
    with pytest.raises(ConnectionBrokenError, match="SocketTimeoutError"):
        await sender.send(WireRequest("GET", f"{azure.url}/silent"))
    await sender.close()


async def test_a_recording_of_a_live_session_replays_the_same_without_secrets(azure: FakeAzure, tmp_path: Path) -> None:
    async with live(azure, record_to=Recording(tmp_path)) as session:
        expected = [await names(session), await names(session, LIST_USERS)]
    written = text_of(tmp_path)
    assert SECRET not in written
    assert TOKEN not in written
    # The cloud of the recording is the one to replay it in.
    settings = AzureSettings.from_environment(azure.environment)
    async with sessions.replay([tmp_path], settings=settings) as session:
        assert [await names(session), await names(session, LIST_USERS)] == expected
        assert session.tenant_id == TENANT
