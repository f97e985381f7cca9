"""A list of a subscription is answered from recordings that asked group by group, and is whole only if all were."""

import json

import pytest

from loader.azure.transport.replay import ReplayStore
from loader.azure.transport.wire import Exchange

ARM = "https://management.azure.com/subscriptions/c0ffee00-0000-4000-8000-000000000001"
LOCKS = "providers/Microsoft.Authorization/locks"


def groups(*names: str) -> Exchange:
    return Exchange.of_json(f"{ARM}/resourcegroups?api-version=1", {"value": [{"name": name} for name in names]})


def locks_of(group: str, *names: str, **more: object) -> Exchange:
    value = [{"id": f"/locks/{name}", "name": name} for name in names]
    return Exchange.of_json(f"{ARM}/resourceGroups/{group}/{LOCKS}?api-version=1", {"value": value, **more})


def asked(*exchanges: Exchange) -> dict | None:
    found = ReplayStore(exchanges).find("GET", f"{ARM}/{LOCKS}?api-version=2")
    return None if found is None else json.loads(found.body)


def test_all_groups_make_the_whole_list():
    answer = asked(groups("Shop", "web"), locks_of("shop", "one"), locks_of("Web", "two", "one"))
    assert [item["name"] for item in answer["value"]] == ["one", "two"]
    assert answer["nextLink"] is None


@pytest.mark.parametrize(
    "recorded",
    [
        [groups("shop", "web"), locks_of("shop", "one")],
        [locks_of("shop", "one")],
        [groups("shop"), locks_of("shop", "one", nextLink=f"{ARM}/more")],
    ],
    ids=["a group was not asked", "the groups are not known", "a group's list goes on"],
)
def test_a_list_that_lacks_a_group_is_not_whole(recorded):
    answer = asked(*recorded)
    assert [item["name"] for item in answer["value"]] == ["one"]
    assert ReplayStore(recorded).find("GET", answer["nextLink"]) is None


def answer_of(path: str, body: object, status: int = 200) -> Exchange:
    return Exchange.of_json(f"{ARM}/{path}?api-version=1", body, status=status)


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"value": None},
        {"value": "x"},
        {"error": {"code": "InternalServerError", "message": "Backend failed."}},
        {"value": [], "error": {"code": "Partial", "message": "One region did not answer."}},
        {"value": [None]},
        [],
        "text",
    ],
    ids=repr,
)
def test_what_is_no_list_leaves_the_whole_without_an_end(body):
    shop = answer_of(f"resourceGroups/shop/{LOCKS}", body)
    answer = asked(groups("shop", "web"), shop, locks_of("web", "two"))
    assert [item["name"] for item in answer["value"]] == ["two"]
    assert answer["nextLink"]
    # As are the groups themselves, where their list is none.
    answer = asked(answer_of("resourcegroups", body), locks_of("web", "two"))
    assert [item["name"] for item in answer["value"]] == ["two"]
    assert bool(answer["nextLink"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"value": [{"name": "shop"}], "nextLink": f"{ARM}/more"}, 200),
        ({"value": [{"name": "shop"}, {"id": "without a name"}]}, 200),
        ({"value": [{"name": "shop"}]}, 206),
        ({"error": {"code": "AuthorizationFailed"}}, 403),
    ],
    ids=["goes on", "unnamed", "in part", "refused"],
)
def test_groups_that_were_not_listed_to_their_end_are_not_known(body, status):
    answer = asked(answer_of("resourcegroups", body, status), locks_of("shop", "one"))
    assert [item["name"] for item in answer["value"]] == ["one"]
    assert answer["nextLink"]


def test_the_groups_are_known_where_their_list_was_recorded_page_by_page():
    second = f"{ARM}/resourcegroups?api-version=1&%24skiptoken=2"
    pages = [
        answer_of("resourcegroups", {"value": [{"name": "shop"}], "nextLink": second}),
        Exchange.of_json(second, {"value": [{"name": "web"}]}),
    ]
    assert asked(*pages, locks_of("shop", "one"), locks_of("web", "two"))["nextLink"] is None
    # A group of the second page that was not asked is missed all the same.
    assert asked(*pages, locks_of("shop", "one"))["nextLink"]
    # And so is a page that leads back to one before it, or cannot be read.
    for body in ({"value": [], "nextLink": second}, {"error": {"code": "ServerBusy"}}):
        broken = [pages[0], Exchange.of_json(second, body)]
        assert asked(*broken, locks_of("shop", "one"), locks_of("web", "two"))["nextLink"]


def test_the_pages_of_one_groups_list_are_one_list():
    second = f"{ARM}/resourceGroups/shop/{LOCKS}?api-version=1&%24skiptoken=2"
    first = locks_of("shop", "one", nextLink=second)
    answer = asked(groups("shop"), first, Exchange.of_json(second, {"value": [{"id": "/locks/two", "name": "two"}]}))
    assert [item["name"] for item in answer["value"]] == ["one", "two"]
    assert answer["nextLink"] is None


def test_a_list_that_cannot_be_read_or_was_answered_in_part_is_not_whole():
    broken = Exchange("GET", f"{ARM}/resourceGroups/shop/{LOCKS}", 200, {}, "[1")
    assert asked(groups("shop"), broken)["nextLink"]
    part = answer_of(f"resourceGroups/shop/{LOCKS}", {"value": []}, 202)
    assert asked(groups("shop"), part)["nextLink"]


def test_a_recorded_list_of_the_subscription_comes_first():
    whole = Exchange.of_json(f"{ARM}/{LOCKS}?api-version=1", {"value": [{"id": "/locks/three", "name": "three"}]})
    answer = asked(groups("shop"), locks_of("shop", "one"), whole)
    assert [item["name"] for item in answer["value"]] == ["three"]


def test_where_no_group_was_asked_nothing_is_answered():
    assert asked(groups("shop")) is None
