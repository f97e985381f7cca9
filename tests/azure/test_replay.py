"""How a replay finds its answers, and what it says of what it does not have."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from loader.azure import sessions
from loader.azure.errors import AzureError
from loader.azure.transport.replay import ReplayStore
from loader.azure.transport.wire import Exchange
from loader.errors import UsageError
from loader.model import Graph, Status
from tests.azure.contoso import ARM, GRAPH, LIST_USERS, LIST_VNETS, SUB, TENANT, VNETS, names, subscriptions, two_pages


def store(*urls: str, method: str = "GET") -> ReplayStore:
    """A store whose answers are their own URLs."""
    return ReplayStore([Exchange.of_json(url, {"is": url}, method=method) for url in urls])


def found(recorded: ReplayStore, url: str, body: bytes | None = None, method: str = "GET") -> str | None:
    exchange = recorded.find(method, url, body)
    return None if exchange is None else str(exchange.body)


@pytest.mark.parametrize(
    "asked",
    [
        f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers?api-version=2021-01-01",
        f"{ARM}/subscriptions/a/PROVIDERS/microsoft.sql/Servers?api-version=2099-01-01",
        f"{ARM}//subscriptions/A/providers/Microsoft.Sql/servers",
        f"{ARM}/%2Fsubscriptions%2FA/providers/Microsoft.Sql/servers",
        f"{ARM}:443/subscriptions/A/providers/Microsoft.Sql/servers/",
        f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers?$top=5&$select=x&%24expand=y",
    ],
)
def test_matches_regardless_of_casing_version_and_page_size(asked: str) -> None:
    assert found(store(f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers?api-version=2021-01-01"), asked)


@pytest.mark.parametrize(
    "asked",
    [
        f"{ARM}/subscriptions/B/providers/Microsoft.Sql/servers",
        f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers?$skiptoken=2",
        f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers?$filter=atScope()",
        f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers/one",
        "https://management.example.com/subscriptions/A/providers/Microsoft.Sql/servers",
    ],
)
def test_other_requests_are_not_recorded(asked: str) -> None:
    recorded = store(f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers?api-version=2021-01-01")
    assert found(recorded, asked) is None
    assert recorded.find("POST", f"{ARM}/subscriptions/A/providers/Microsoft.Sql/servers") is None


def test_soft_parameters_choose_between_several() -> None:
    recorded = store(
        f"{GRAPH}/users?$select=id",
        f"{GRAPH}/users?$select=id,mail",
        f"{GRAPH}/users",
    )
    assert "id,mail" in str(found(recorded, f"{GRAPH}/users?$select=id,mail"))
    assert "mail" not in str(found(recorded, f"{GRAPH}/users?$select=id&$top=999"))
    assert "select" not in str(found(recorded, f"{GRAPH}/users"))


def test_the_list_that_was_asked_for_most_of_what_is_wanted_is_served() -> None:
    """A later, plain list has Graph's few default properties; an older one by name has nearly all that is wanted."""

    def users(query: str, moment: str) -> Exchange:
        return Exchange("GET", f"{GRAPH}/users{query}", 200, {}, query, at=moment)

    by_name = users("?$select=id,mail,department,employeeId", "2021-01-01")
    plain, other = users("", "2021-03-10"), users("?$select=id,mail,photo", "2021-03-10")
    wanted = f"{GRAPH}/users?$select=accountEnabled,department,employeeId,id,mail&$expand=manager($select=id)&$top=999"
    assert found(ReplayStore([by_name, plain, other]), wanted) == by_name.body
    assert found(ReplayStore([by_name, plain, other]), f"{GRAPH}/users") == plain.body


def test_what_only_an_explicit_request_gives_is_not_taken_from_another() -> None:
    recorded = store(f"{GRAPH}/users", f"{GRAPH}/users?$select=id,mail")
    assert found(recorded, f"{GRAPH}/users?$select=id,signInActivity") is None
    asked = store(f"{GRAPH}/users?$select=id,signInActivity&$top=500")
    assert found(asked, f"{GRAPH}/users?$select=id,userPrincipalName,signInActivity")
    assert found(asked, f"{GRAPH}/users?$select=id")
    both = store(f"{GRAPH}/users", f"{GRAPH}/users?$select=id,signInActivity")
    assert "signInActivity" not in str(found(both, f"{GRAPH}/users?$select=id,mail"))


def test_a_refusal_of_the_same_moment_does_not_hide_an_answer() -> None:
    def at(moment: str, status: int) -> Exchange:
        return Exchange("GET", f"{ARM}/x", status, {}, str(status), at=moment)

    answered, refused = at("2024-01-01T00:00:00Z", 200), at("2024-01-01T00:00:00Z", 401)
    for given in ([answered, refused], [refused, answered]):
        assert found(ReplayStore(given), f"{ARM}/x") == "200"
    assert found(ReplayStore([answered, at("2024-01-02T00:00:00Z", 403)]), f"{ARM}/x") == "403"


def test_an_empty_list_of_the_same_moment_does_not_hide_a_refusal() -> None:
    empty = Exchange("GET", f"{ARM}/x", 200, {}, '{"value": []}', at="2024-01-01T00:00:00Z")
    refused = Exchange("GET", f"{ARM}/x", 403, {}, "refused", at="2024-01-01T00:00:00Z")
    for given in ([empty, refused], [refused, empty]):
        assert found(ReplayStore(given), f"{ARM}/x") == "refused"


def test_a_recording_of_the_same_version_is_preferred_among_several() -> None:
    recorded = store(f"{ARM}/x?api-version=1", f"{ARM}/x?api-version=2", f"{ARM}/x?api-version=3")
    assert "version=2" in str(found(recorded, f"{ARM}/x?api-version=2"))


def test_the_latest_of_equal_ones_counts() -> None:
    old = Exchange.of_json(f"{ARM}/x", "old")
    recorded = ReplayStore(
        [
            Exchange("GET", f"{ARM}/x", 200, {}, "new", at="2024-02-01T00:00:00Z"),
            Exchange("GET", f"{ARM}/x", 200, {}, "older", at="2024-01-01T00:00:00Z"),
            old,
        ]
    )
    assert found(recorded, f"{ARM}/x") == "new"


def test_posted_bodies_count_where_they_were_recorded() -> None:
    url = f"{ARM}/providers/Microsoft.ResourceGraph/resources"
    recorded = ReplayStore(
        [
            Exchange("POST", url, 200, {}, "one", request_body='{"query": "1", "b": 2}'),
            Exchange("POST", url, 200, {}, "two", request_body='{"query": "2"}'),
        ]
    )
    assert found(recorded, url, b'{"b":2,"query":"1"}', "POST") == "one"
    assert found(recorded, url, b'{"query":"3"}', "POST") is None


async def test_what_is_not_recorded_is_unavailable_and_told() -> None:
    async with sessions.exchanges([subscriptions()]) as session:
        for call in (LIST_VNETS, LIST_USERS, Graph(builder="groups", permission="Group.Read.All")):
            with pytest.raises(AzureError, match="holds no answer") as caught:
                await names(session, call)
            assert caught.value.status is Status.UNAVAILABLE
            assert not caught.value.not_found
        assert session.not_recorded == [
            f"GET management.azure.com/subscriptions/{SUB}/providers/Microsoft.Network/virtualNetworks",
            "GET graph.microsoft.com/v1.0/users",
            "GET graph.microsoft.com/v1.0/groups",
        ]


async def test_subscriptions_are_those_listed_and_those_in_answered_urls() -> None:
    other, refused = "99999999-2222-4333-8444-555555555555", "00000000-2222-4333-8444-555555555555"
    recorded = [
        *two_pages(),
        Exchange.of_json(f"{ARM}/subscriptions/{other.upper()}/resourcegroups", {"value": []}),
        Exchange.of_json(f"{ARM}/subscriptions/{refused}/resourcegroups", {"error": {}}, status=404),
    ]
    async with sessions.exchanges(recorded) as session:
        listed = session.subscriptions()
    assert [one["subscriptionId"] for one in listed] == [SUB, other]
    assert listed[1]["id"] == f"/subscriptions/{other}"
    assert session.tenant_id == TENANT


async def test_the_tenant_is_the_organizations_where_no_subscription_tells_it() -> None:
    organization = Exchange.of_json(f"{GRAPH}/organization", {"value": [{"id": TENANT.upper()}]})
    async with sessions.exchanges([organization]) as session:
        assert session.tenant_id == TENANT
    async with sessions.exchanges([]) as session:
        assert session.tenant_id == "unknown-tenant"


async def test_a_sovereign_recording_is_replayed_in_its_cloud() -> None:
    arm = "https://management.usgovcloudapi.net"
    vnets = VNETS.replace(ARM, arm)
    recorded = [Exchange.of_json(vnets, {"value": [{"name": "capitol"}]})]
    async with sessions.exchanges(recorded) as session:
        assert await names(session) == [["capitol"]]


ENTRY = '{"request": {"method": "GET", "url": "https://a.example/x"}, "response": {"status": 200}}'


def har(entries: str) -> str:
    return '{"log": {"entries": [' + entries + "]}}"


def test_a_recording_may_come_through_a_pipe(tmp_path: Path) -> None:
    """As `azgraph sync --replay <(gunzip -c recording.har.gz)` gives it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    document = json.dumps({"log": {"entries": []}})
    writing = threading.Thread(target=lambda: pipe.write_text(document), daemon=True)
    writing.start()
    assert ReplayStore.from_paths([pipe]).hosts() == set()
    writing.join(5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "line 1: not JSON"),
        ('{\n"log": {"entries": [\n', "line 3: not JSON"),
        ("[]", "not a HAR file"),
        ('{"log": {"entries": {}}}', "not a HAR file"),
        (har(ENTRY + ", 5"), "entry 2"),
        ('{"log": {"entries": [{"request": {}, "response": {}}]}}', "entry 1"),
        (har(ENTRY.replace("200", '"200"')), "must be a number"),
        (har(ENTRY.replace("https://a.example", "")), "URL absolute"),
        (har(ENTRY.replace("https://a.example", "https://a.example:-1")), "entry 1"),
        (har(ENTRY.replace("200", "1e400")), "must be a number"),
        (har(ENTRY.replace("200", "true")), "must be a number"),
        (har(ENTRY.replace("200", "2" * 5000)), "holds a number that cannot be read"),
        (har(ENTRY.replace('"url"', '"postData": {"text": 5}, "url"')), "postData.text must be text"),
        (har(ENTRY.replace("200", '200, "headers": [{"value": "x"}]')), "entry 1"),
        (har(ENTRY.replace("200", '200, "content": {"text": "%", "encoding": "base64"}')), "entry 1"),
        ("\udcff", "not JSON text in UTF-8"),
    ],
)
def test_a_bad_har_is_refused_with_file_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "bad.har").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=reason) as caught:
        sessions.replay([tmp_path])
    assert "bad.har" in str(caught.value)


def test_paths_without_recordings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no \.har file"):
        sessions.replay([tmp_path])
    with pytest.raises(UsageError, match="does not exist"):
        sessions.replay([tmp_path / "gone.har"])
