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


def test_a_recorded_list_of_the_subscription_comes_first():
    whole = Exchange.of_json(f"{ARM}/{LOCKS}?api-version=1", {"value": [{"id": "/locks/three", "name": "three"}]})
    answer = asked(groups("shop"), locks_of("shop", "one"), whole)
    assert [item["name"] for item in answer["value"]] == ["three"]


def test_where_no_group_was_asked_nothing_is_answered():
    assert asked(groups("shop")) is None
