"""What `--only` and `--skip` mean: types, classes, services, subscriptions; what does not exist is refused."""

from __future__ import annotations

import pytest

from loader.errors import UsageError
from loader.model import Json
from loader.services import SUBSCRIPTION, entity_types
from loader.sync.choosing import choose, chosen_types, id_of

SHOP: Json = {"subscriptionId": "AAAAAAAA-0000-4000-8000-000000000001", "displayName": "Shop"}
LAB: Json = {"subscriptionId": "aaaaaaaa-0000-4000-8000-000000000002", "displayName": 'La"b `x`'}
LISTED = [SHOP, LAB]


def test_nothing_named_is_everything() -> None:
    choice = choose(LISTED)
    assert dict(choice.types) == entity_types()
    assert choice.subscriptions == LISTED
    assert not choice.left_out_types
    assert not choice.left_out_subscriptions


def test_a_type_brings_what_it_is_fetched_for() -> None:
    choice = choose(LISTED, only=["azure_keyvault_key"])
    assert set(choice.types) == {SUBSCRIPTION, "azure_keyvault_service", "azure_keyvault_key"}
    assert "azure_vm" in choice.left_out_types
    assert choice.subscriptions == LISTED


@pytest.mark.parametrize("name", ["Virtual machines", "VIRTUAL MACHINES"])
def test_a_service_is_its_types(name: str) -> None:
    assert {"azure_vm", "azure_vm_extension"} <= set(chosen_types([name])) < set(entity_types())


def test_a_class_is_its_types() -> None:
    chosen = set(chosen_types(["Gateway"]))
    assert {name for name, one in entity_types().items() if "Gateway" in one.classes} <= chosen


def test_what_is_skipped_takes_its_children_along() -> None:
    choice = choose(LISTED, skip=["azure_keyvault_service"])
    assert not {"azure_keyvault_service", "azure_keyvault_key", "azure_keyvault_secret"} & set(choice.types)
    assert {"azure_keyvault_key", "azure_keyvault_secret"} <= set(choice.left_out_types)
    # Of several parents one is enough.
    assert "azure_diagnostic_setting" in choice.types
    assert SUBSCRIPTION in choose(LISTED, skip=[SUBSCRIPTION]).types


def test_subscriptions_by_id_and_by_name() -> None:
    assert choose(LISTED, only=["shop"]).subscriptions == [SHOP]
    assert choose(LISTED, only=[str(SHOP["subscriptionId"]).upper()]).subscriptions == [SHOP]
    skipped = choose(LISTED, skip=[LAB["displayName"]])
    assert skipped.subscriptions == [SHOP]
    assert skipped.left_out_subscriptions == (id_of(LAB),)
    both = choose(LISTED, only=["Shop", "azure_vnet"])
    assert both.subscriptions == [SHOP]
    assert set(both.types) == {SUBSCRIPTION, "azure_vnet"}
    # What a run may be about at all is no choice of this one run: nothing is said of the others.
    about = choose(LISTED, subscriptions=["Shop"])
    assert about.subscriptions == [SHOP]
    assert not about.left_out_subscriptions


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"only": ["azure_keyvalt_key"]}, "azure_keyvault_key"),
        ({"skip": ["Virtual machine"]}, "Virtual machines"),
        ({"only": ["Shopp"]}, "Shop"),
        ({"subscriptions": ["Nowhere"]}, "Visible: "),
        ({"subscriptions": ["Shop"], "skip": [LAB["displayName"]]}, "no entity type"),
        ({"only": [""]}, "no entity type"),
    ],
)
def test_what_does_not_exist_is_refused(chosen: dict[str, list[str]], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        choose(LISTED, **chosen)
