"""Webhooks, Splunk and Sentinel over real sockets: what is sent, how often, and what never is."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import time
from pathlib import Path

import pytest
import trustme

from loader.errors import UnreachableError
from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.sentinel import SentinelChannel
from loader.notify.channels.splunk import SplunkChannel
from loader.notify.channels.webhook import WebhookChannel
from loader.notify.hidden import parts_of, without
from tests.notify.examples import HOSTILE, message
from tests.notify.receiver import Answer, Receiver, in_turn

SECRET = "planted-webhook-secret-0000"
RULE = "dcr-" + "0" * 32


def test_a_webhook_is_signed_over_its_time_and_its_body() -> None:
    with Receiver() as server:
        WebhookChannel(f"{server.url}/hook?key=1", SECRET).send([message(title=HOSTILE)])
    (got,) = server.got
    assert (got.method, got.path, dict(got.query)) == ("POST", "/hook", {"key": "1"})
    assert got.json["alerts"][0]["title"] == HOSTILE
    assert got.headers["X-Azgraph-Id"] == got.json["id"]
    assert got.headers["X-Azgraph-Schema"] == got.json["schema"] == "azgraph.notify/1"
    stamp = got.headers["X-Azgraph-Timestamp"]
    assert abs(time.time() - int(stamp)) < 60
    expected = hmac.new(SECRET.encode(), stamp.encode() + b"." + got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Azgraph-Signature"] == f"v1={expected}"
    assert SECRET not in str(got)


def test_a_busy_server_is_asked_again_with_the_same_message() -> None:
    busy = [Answer(503), Answer(429, headers={"Retry-After": "0"}), Answer(204)]
    with Receiver(in_turn(*busy)) as server:
        WebhookChannel(server.url, SECRET).send([message()])
    assert len(server.got) == 3
    assert len({got.headers["X-Azgraph-Id"] for got in server.got}) == 1
    assert len({got.body for got in server.got}) == 1


@pytest.mark.parametrize(
    ("answer", "asked", "lasting", "down", "words"),
    [
        (Answer(503), 3, False, True, "is busy"),
        (Answer(cut=True), 3, False, True, "connection broke"),
        (Answer(401, {"error": "who are you"}), 1, False, True, "status 401: .*who are you"),
        (Answer(404), 1, False, True, "status 404"),
        (Answer(400, {"error": f"{SECRET} is wrong"}), 1, True, False, "status 400"),
        (Answer(302, headers={"Location": "https://evil.example/"}), 1, False, True, "elsewhere"),
        (Answer(307, headers={"Location": "https://evil.example/"}), 1, False, True, "elsewhere"),
    ],
)
def test_what_is_refused_says_why_and_whether_it_is_worth_trying_again(
    answer: Answer, asked: int, lasting: bool, down: bool, words: str
) -> None:
    with Receiver(in_turn(answer)) as server, pytest.raises(NotDeliveredError, match=words) as error:
        WebhookChannel(f"{server.url}/planted-path-secret", SECRET).send([message()])
    assert (len(server.got), error.value.lasting, error.value.down) == (asked, lasting, down)
    assert SECRET not in str(error.value)
    assert "planted-path-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("status", "wanted", "asked", "after"),
    [(429, "3600", 1, 3600), (503, "Fri, 01 Jan 2100 00:00:00 GMT", 1, 1e9), (429, "soon", 3, 0), (403, "60", 1, 60)],
)
def test_who_wants_to_be_left_alone_for_long_is(status: int, wanted: str, asked: int, after: float) -> None:
    answer = Answer(status, headers={"Retry-After": wanted})
    with Receiver(in_turn(answer)) as server, pytest.raises(NotDeliveredError) as error:
        WebhookChannel(server.url, SECRET).send([message()])
    assert (len(server.got), error.value.after >= after, error.value.down) == (asked, True, True)


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(NotDeliveredError, match=r"127\.0\.0\.1:1 could not be reached: the connection was refused"):
        WebhookChannel("http://127.0.0.1:1/planted-path-secret", SECRET).send([message()])


@pytest.fixture
def authority(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    made = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.issue_cert("localhost").configure_cert(context)
    file = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return context, file


def test_a_certificate_that_nobody_vouches_for_is_refused(
    authority: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, file = authority
    with Receiver(context=context) as server:
        with pytest.raises(NotDeliveredError, match="certificate is not trusted"):
            WebhookChannel(server.url, SECRET).send([message()])
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        WebhookChannel(server.url, SECRET).send([message()])
    assert len(server.got) == 1


def test_splunk_gets_events_in_batches_that_it_takes() -> None:
    with Receiver(in_turn(Answer(200, {"text": "Success", "code": 0}))) as server:
        channel = SplunkChannel(server.url, SECRET, sourcetype="azgraph:alert", index="cloud")
        channel.send([message(number, title="x" * 2_000, values={"a": "y" * 2_000}) for number in range(200)])
    assert {got.path for got in server.got} == {"/services/collector/event"}
    assert {got.headers["Authorization"] for got in server.got} == {f"Splunk {SECRET}"}
    assert len(server.got) == 2
    assert all(len(got.body) < 1_000_000 for got in server.got)
    events = [json.loads(line) for got in server.got for line in got.body.splitlines()]
    assert len({one["event"]["id"] for one in events}) == 200
    assert {(one["source"], one["sourcetype"], one["index"]) for one in events} == {
        ("azgraph", "azgraph:alert", "cloud")
    }
    assert events[0]["time"] == 1772440200.0


def test_sentinel_gets_records_in_calls_of_less_than_a_megabyte() -> None:
    asked: list[str] = []

    def token(scope: str) -> str:
        asked.append(scope)
        return "planted-token-0000"

    with Receiver(in_turn(Answer(204))) as server:
        channel = SentinelChannel(server.url, RULE, "Custom-Azgraph_CL", token)
        channel.send([message(number, values={"a": "y" * 9_000}) for number in range(150)])
    assert {got.path for got in server.got} == {f"/dataCollectionRules/{RULE}/streams/Custom-Azgraph_CL"}
    assert {got.query["api-version"] for got in server.got} == {"2023-01-01"}
    assert {got.headers["Authorization"] for got in server.got} == {"Bearer planted-token-0000"}
    assert all(len(got.body) < 1_000_000 for got in server.got)
    records = [record for got in server.got for record in got.json]
    assert len({one["MessageId"] for one in records}) == 150
    assert records[0]["AlertTitle"] == "vault-0 is bad"
    assert asked == ["https://monitor.azure.com//.default"]
    # Columns that Log Analytics keeps for itself, and names that it does not take.
    assert not {"id", "Title", "Type", "TenantId", "UniqueId", "_ResourceId"} & set(records[0])
    assert all(name.isalnum() and len(name) <= 45 for name in records[0])


@pytest.mark.parametrize(
    ("endpoint", "scope"),
    [
        ("https://a.usgovvirginia-1.ingest.monitor.azure.us", "https://monitor.azure.us//.default"),
        ("https://a.chinaeast2-1.ingest.monitor.azure.cn", "https://monitor.azure.cn//.default"),
        ("https://a.westeurope-1.ingest.monitor.azure.com", "https://monitor.azure.com//.default"),
    ],
)
def test_a_token_is_for_the_cloud_of_its_endpoint(endpoint: str, scope: str) -> None:
    def token(asked: str) -> str:
        raise UnreachableError(f"Asked for {asked}.")

    with pytest.raises(NotDeliveredError, match=f"^Asked for {scope}$"):
        SentinelChannel(endpoint, RULE, "Custom-X", token).send([message()])


def test_what_others_say_is_told_without_our_secrets() -> None:
    url = "mailto://ada:p%40ssword-planted@smtp.contoso.com/team-token-planted?to=planted-recipient"
    said = "p@ssword-planted p%40ssword-planted team-token-planted planted-recipient smtp.contoso.com \x1b[31m\n" * 9
    told = without(parts_of(url), said)
    assert "planted" not in told
    assert told.isprintable()
    assert len(told) <= 200
