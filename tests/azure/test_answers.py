"""What is due decides, never what came: only a list is a list, and only an object is an object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.azure import sessions
from loader.azure.answers import Answer, Reading, items_of
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.transport.wire import Exchange
from loader.model import Call, Graph, Status
from tests.azure.contoso import ARM, GRAPH, LIST_USERS, LIST_VNETS, SUB, VNETS, names, vnet

JSON = {"content-type": "application/json; charset=utf-8"}
NO_LISTS: list[Any] = [
    None,
    {},
    {"value": None},
    {"value": "x"},
    {"value": {}},
    {"error": {"code": "InternalServerError", "message": "Backend failed."}},
    {"code": "ServerBusy", "message": "Later."},
    {"value": [], "error": {"code": "Partial", "message": "One region did not answer."}},
    {"value": [], "Error": {"Code": "Partial"}},
    {"value": [], "code": "ServerBusy", "message": "Later."},
    {"value": [], "statusCode": 503, "message": "Backend is away."},
    {"value": [], "errors": [{"code": "Partial"}]},
    "text",
    7,
]
CALLS = [(LIST_VNETS, VNETS), (LIST_USERS, f"{GRAPH}/users")]


async def read(session: AzureSession, call: Call = LIST_VNETS) -> tuple[list[str], AzureError]:
    """The names of what came of a list before it failed, and how it failed."""
    seen: list[str] = []
    try:
        async for page in session.pages(call, subscription=SUB, parent=None):
            seen += [item.get("name") or item["displayName"] for item in page]
    except AzureError as error:
        return seen, error
    raise AssertionError(f"the list did not fail: {seen}")


def exchange(url: str, body: str, status: int = 200) -> Exchange:
    return Exchange("GET", url, status, JSON, body)


@pytest.mark.parametrize(("call", "url"), CALLS, ids=["arm", "graph"])
@pytest.mark.parametrize("body", NO_LISTS, ids=repr)
async def test_what_is_no_list_fails(call: Call, url: str, body: Any) -> None:
    async with sessions.exchanges([exchange(url, json.dumps(body))]) as session:
        with pytest.raises(AzureError) as caught:
            await names(session, call)
    assert caught.value.status is Status.FAILED
    assert "a list was due" in caught.value.reason


@pytest.mark.parametrize(("call", "url"), CALLS, ids=["arm", "graph"])
@pytest.mark.parametrize("status", [200, 202, 204, 206])
async def test_an_empty_body_is_no_empty_list_whatever_its_status(call: Call, url: str, status: int) -> None:
    async with sessions.exchanges([exchange(url, "", status)]) as session:
        with pytest.raises(AzureError) as caught:
            await names(session, call)
    assert caught.value.status is Status.FAILED


async def test_a_list_under_another_status_than_200_is_not_whole() -> None:
    async with sessions.exchanges([exchange(VNETS, json.dumps({"value": [vnet("one")]}), 206)]) as session:
        with pytest.raises(AzureError, match="under status 206"):
            await names(session)


async def test_a_bare_array_is_a_list() -> None:
    async with sessions.exchanges([exchange(VNETS, json.dumps([vnet("one")]))]) as session:
        assert await names(session) == [["one"]]
    async with sessions.exchanges([exchange(VNETS, "[]")]) as session:
        assert await names(session) == [[]]


async def test_an_item_that_is_none_costs_itself_only() -> None:
    body = {"value": [None, vnet("one"), "text", {}, vnet("two")]}
    async with sessions.exchanges([Exchange.of_json(VNETS, body)]) as session:
        seen, failure = await read(session)
    assert seen == ["one", "two"]
    assert "3 of 5 items" in failure.reason


@pytest.mark.parametrize(("call", "url"), CALLS, ids=["arm", "graph"])
@pytest.mark.parametrize(
    "link",
    [
        "http://acs.example/page2",
        "https://management.azure.com:abc/x",
        "https://management.azure.com:0/x",
        "https://[broken",
        "https://example.com/page2",
        "https://management.azure.com.example/page2",
        "https://graph.microsoft.com@example.com/page2",
        "//example.com/page2",
        "https://management.azure.com:444/page2",
        "file:///etc/passwd",
        {"href": "https://management.azure.com/page2"},
        ["https://management.azure.com/page2"],
        7,
        True,
    ],
    ids=repr,
)
async def test_a_page_whose_next_link_leads_nowhere_good_is_given_all_the_same(
    call: Call, url: str, link: object
) -> None:
    page = {"value": [vnet("one")], "nextLink": link}
    async with sessions.exchanges([Exchange.of_json(url, page)]) as session:
        seen, failure = await read(session, call)
    assert seen == ["one"]
    assert failure.status is Status.FAILED


NO_OBJECTS = [
    None,
    [],
    {},
    {"error": {"code": "x"}},
    {"code": "x", "message": "y"},
    {"Code": "ServerBusy", "Message": "Later.", "Target": None},
    {"statusCode": 503, "message": "Backend is away."},
    {"value": []},
    {"@odata.context": "…", "value": [{"id": "1"}], "nextLink": None},
    "x",
]


@pytest.mark.parametrize("body", NO_OBJECTS, ids=repr)
async def test_what_is_no_object_fails(body: Any) -> None:
    call = Graph(builder="policies.authorization_policy", permission="Policy.Read.All", one=True)
    async with sessions.exchanges([exchange(f"{GRAPH}/policies/authorizationPolicy", json.dumps(body))]) as session:
        with pytest.raises(AzureError, match="an object was due"):
            await names(session, call)


@pytest.mark.parametrize(("call", "url"), CALLS, ids=["arm", "graph"])
@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize("body", ["[" * 990, "[" * 100_000, '{"error": ' * 50_000, "\ud83d", "9" * 9_000], ids=len)
async def test_an_answer_that_cannot_be_read_fails_its_call_only(call: Call, url: str, status: int, body: str) -> None:
    async with sessions.exchanges([exchange(url, body, status), Exchange.of_json(f"{url}/x", {})]) as session:
        with pytest.raises(AzureError) as caught:
            await names(session, call)
    assert caught.value.status in (Status.FAILED, Status.FORBIDDEN)


async def test_an_empty_list_is_no_answer_where_there_always_is_something() -> None:
    call = Graph(builder="organization", permission="Organization.Read.All", some=True)
    for body, good in ({"value": []}, False), ({"value": [{"id": "1", "displayName": "Contoso"}]}, True):
        async with sessions.exchanges([exchange(f"{GRAPH}/organization", json.dumps(body))]) as session:
            if good:
                assert await names(session, call) == [["Contoso"]]
                continue
            with pytest.raises(AzureError, match="an empty list, which this one never is") as caught:
                await names(session, call)
            assert caught.value.status is Status.FAILED


@pytest.mark.parametrize("odd", [{}, *({"subscriptionId": one} for one in (None, "", " ", 7, [SUB], {}))], ids=repr)
async def test_a_subscription_without_an_id_leaves_their_list_broken(odd: Any) -> None:
    own = {"id": f"/subscriptions/{SUB}", "subscriptionId": SUB}
    listed = {"value": [own, {"id": f"/subscriptions/{SUB}", "displayName": "Contoso Shop", **odd}]}
    async with sessions.exchanges([exchange(f"{ARM}/subscriptions", json.dumps(listed))]) as session:
        assert [one["subscriptionId"] for one in session.subscriptions()] == [SUB]
        assert session.subscriptions_outcome.status is Status.FAILED


async def test_a_page_that_comes_again_under_a_new_address_ends_its_list() -> None:
    """Whoever does not heed the place in the list gives its beginning as the rest of it, for ever or once more."""
    pages = [{"value": [vnet("one")], "nextLink": f"{VNETS}?p=2"}, {"value": [vnet("one")]}]
    async with sessions.exchanges(
        [Exchange.of_json(VNETS, pages[0]), Exchange.of_json(f"{VNETS}?p=2", pages[1])]
    ) as session:
        seen, failure = await read(session)
    assert seen == ["one"]
    assert "repeats a page" in failure.reason


@pytest.mark.parametrize("status", [201, 202, 203, 206])
async def test_an_object_under_another_status_than_200_is_none(status: int) -> None:
    call = Graph(builder="policies.authorization_policy", permission="Policy.Read.All", one=True)
    url, policy = f"{GRAPH}/policies/authorizationPolicy", json.dumps({"id": "authorizationPolicy"})
    async with sessions.exchanges([exchange(url, policy, status)]) as session:
        with pytest.raises(AzureError, match=f"under status {status} where an object was due"):
            await names(session, call)


async def test_a_page_token_that_runs_out_begins_the_list_again_once() -> None:
    url = f"{GRAPH}/users"
    expired = {"error": {"code": "Directory_ExpiredPageToken", "message": "The specified page token has expired."}}
    recorded = [
        Exchange.of_json(url, {"value": [{"id": "1", "displayName": "a"}], "@odata.nextLink": f"{url}?$skiptoken=2"}),
        Exchange.of_json(f"{url}?$skiptoken=2", expired, status=400),
    ]
    async with sessions.exchanges(recorded) as session:
        seen, failure = await read(session, LIST_USERS)
    assert failure.code == "Directory_ExpiredPageToken"
    assert seen == ["a", "a"], "begun again once, and then it is a failure"


# Whatever JSON Azure may send: it is read whole as a list, or it is a failure, and never an empty list by mistake.
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "id", "error", "code", "message", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(body=ANY_JSON, status=st.sampled_from([200, 202, 204, 206]))
def test_nothing_passes_for_an_empty_list_but_an_empty_list(body: Any, status: int) -> None:
    try:
        items = items_of(Answer("https://x", status, body), "the call")
    except AzureError:
        return
    listed = body if isinstance(body, list) else body["value"]
    assert status == 200
    assert len(items.objects) + items.odd == len(listed)
    reading = Reading("the call", one=False)
    reading.take(Answer("https://x", status, body))
    if all(isinstance(item, dict) and item for item in listed):
        reading.close()
    else:
        with pytest.raises(AzureError, match="items are empty or no objects"):
            reading.close()
