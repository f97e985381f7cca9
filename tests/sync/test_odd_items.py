"""What cannot be an entity, or has a value of a shape nobody foresaw, costs itself only, and its list is not whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loader.azure.transport.wire import Exchange
from loader.model import Json, Status, text
from loader.services import entity_types
from tests.sync.test_area import ACCOUNTS, ARM, STORAGE, SUB, account, containers, load, service, under

PLAIN = replace(entity_types()["azure_storage_account"], details=(), relationships=())
VNETS = f"{ARM}/providers/Microsoft.Network/virtualNetworks"
GROUP = f"/subscriptions/{SUB}/resourceGroups/shop/providers/Microsoft.Network"


def strict(answer: Json) -> str:
    """Reads a kind that it takes for a text."""
    return str(answer["kind"].upper())


NO_IDS: list[Json] = [
    *({"id": one} for one in (None, "", 0, 7, True, "  ", {"value": "/x"}, ["/x"])),
    *(
        {"id": one}
        for one in (
            "7",
            "x",
            "/",
            "/subscriptions",
            f"/subscriptions/{SUB}",
            GROUP.partition("/providers")[0],
            "https://x/y",
            f"{GROUP}/virtualNetworks/web",
            f"{GROUP.replace('Network', 'Storage')}/storageAccounts",
            f"{GROUP.replace('Network', 'Storage')}/storageAccounts//",
            f"{GROUP.replace('Network', 'Storage')}/storageAccounts/web/blobServices/default",
        )
    ),
    {"ID": "/x"},
    {"name": "x"},
]


@pytest.mark.parametrize("odd", NO_IDS, ids=repr)
async def test_an_item_without_an_id_leaves_its_list_broken(odd: Json) -> None:
    nameless = {**account("nameless"), **odd}
    if "id" not in odd:
        del nameless["id"]
    loaded = await load([PLAIN], Exchange.of_json(ACCOUNTS, {"value": [nameless, account("web")]}))
    written = loaded.of("azure_storage_account")
    assert [record.properties["name"] for record in written.records.values()] == ["web"]
    assert written.outcomes[""].status is Status.FAILED
    assert "has no id of an azure_storage_account" in loaded.steps["azure_storage_account"].reason


@pytest.mark.parametrize("where", ["key", "keep", "spread"])
@pytest.mark.parametrize("kind", [None, 7, ["StorageV2"], {"name": "StorageV2"}], ids=repr)
async def test_a_value_of_an_odd_shape_costs_its_entity_only(where: str, kind: object) -> None:
    def keep(answer: Json) -> bool:
        return bool(strict(answer))

    declared = {
        "key": replace(PLAIN, key=lambda answer: strict(answer) and answer["id"]),
        "keep": replace(PLAIN, keep=keep),
        "spread": replace(PLAIN, spread=lambda answer: [answer] if strict(answer) else []),
    }[where]
    odd = {**account("odd"), "kind": kind}
    loaded = await load([declared], Exchange.of_json(ACCOUNTS, {"value": [account("a"), odd, account("b")]}))
    written = loaded.of("azure_storage_account")
    assert [record.properties["name"] for record in written.records.values()] == ["a", "b"]
    assert written.outcomes[""].status is Status.FAILED
    assert "storageAccounts/odd has a value that cannot be read" in loaded.steps["azure_storage_account"].reason


async def test_where_the_odd_one_is_known_by_its_key_it_alone_is_in_doubt() -> None:
    """Its list is not whole, but nothing else of it is unknown: not the others, their details, nor what is in them."""

    def keep(answer: Json) -> bool:
        return bool(strict(answer))

    declared = replace(entity_types()["azure_storage_account"], keep=keep)
    odd = {**account("odd"), "kind": 7}
    loaded = await load(
        [declared, entity_types()["azure_storage_container"]],
        Exchange.of_json(ACCOUNTS, {"value": [odd, account("web")]}),
        *(service(name, kind) for name in ("odd", "web") for kind in ("blob", "file")),
        containers("web", "logs"),
    )
    key = odd["id"].lower()
    assert loaded.of("azure_storage_account").unread == {"": {key}}
    assert loaded.steps["azure_storage_account"].status is Status.FAILED
    assert loaded.steps["azure_storage_account.blobServices"].unknown == (key,)
    inside = loaded.of("azure_storage_container")
    assert inside.parents_whole
    assert {scope: one.status for scope, one in inside.outcomes.items()} == {
        key: Status.SKIPPED,
        account("web")["id"].lower(): Status.COMPLETE,
    }
    assert [record.properties["name"] for record in inside.records.values()] == ["logs"]


@pytest.mark.parametrize("kind", [None, 7, ["StorageV2"], {"name": "StorageV2"}], ids=repr)
async def test_a_property_of_an_odd_shape_costs_itself_only(kind: object) -> None:
    """Its entity is loaded with all else, and what belongs to it; verdicts on it alone are in doubt."""
    account_type = entity_types()["azure_storage_account"]
    declared = replace(account_type, properties=(*account_type.properties, text("word", strict, "what it is")))
    odd = {**account("odd"), "kind": kind}
    loaded = await load(
        [declared, entity_types()["azure_storage_container"]],
        Exchange.of_json(ACCOUNTS, {"value": [odd, account("web")]}),
        *(service(name, kind) for name in ("odd", "web") for kind in ("blob", "file")),
        *(containers(name, "logs") for name in ("odd", "web")),
    )
    key = odd["id"].lower()
    written = loaded.of("azure_storage_account")
    unknown = {record.properties["name"]: record.unknown for record in written.records.values()}
    assert unknown == {"odd": {"word"} | ({"kind"} if isinstance(kind, dict | list) else set()), "web": set()}
    assert written.unread == {"": {key}}
    assert "storageAccounts/odd was not read whole" in loaded.steps["azure_storage_account"].reason
    assert loaded.steps["azure_storage_account.blobServices"].status is Status.COMPLETE
    inside = loaded.of("azure_storage_container")
    assert inside.parents_whole
    assert {one.status for one in inside.outcomes.values()} == {Status.COMPLETE}
    assert len(inside.records) == 2


async def test_an_odd_one_without_a_key_leaves_all_in_doubt() -> None:
    nameless = {**account("odd"), "id": None}
    loaded = await load([PLAIN], Exchange.of_json(ACCOUNTS, {"value": [nameless, {**account("b"), "kind": 7}]}))
    assert loaded.of("azure_storage_account").unread == {}


async def test_an_odd_key_stops_no_detail_of_the_others() -> None:
    by_kind = replace(entity_types()["azure_storage_account"], key=lambda answer: strict(answer) and answer["id"])
    loaded = await load(
        [by_kind],
        Exchange.of_json(ACCOUNTS, {"value": [{**account("odd"), "kind": None}, account("web")]}),
        *(service(name, kind) for name in ("odd", "web") for kind in ("blob", "file")),
    )
    (record,) = loaded.of("azure_storage_account").records.values()
    assert (record.properties["name"], record.unknown) == ("web", frozenset())


@pytest.mark.parametrize("odd", [{"name": "no id"}, "a text", {"id": 7}], ids=repr)
async def test_an_odd_part_of_an_answer_leaves_its_parts_broken_and_the_whole_as_it_is(odd: object) -> None:
    subnets = [{"id": f"{GROUP}/virtualNetworks/hub/subnets/web", "name": "web", "properties": {}}, odd]
    hub = {"id": f"{GROUP}/virtualNetworks/hub", "name": "hub", "properties": {"subnets": subnets}}
    loaded = await load(("azure_vnet", "azure_subnet"), Exchange.of_json(VNETS, {"value": [hub]}))
    assert [one.properties["name"] for one in loaded.of("azure_subnet").records.values()] == ["web"]
    assert loaded.of("azure_subnet").outcomes[""].status is Status.FAILED
    assert loaded.of("azure_subnet").unread == {"": {hub["id"].lower()}}
    assert loaded.steps["azure_subnet"].status is Status.FAILED
    assert loaded.steps["azure_vnet"].status is Status.COMPLETE


@pytest.mark.parametrize("odd", ["a text", 7, 0, {"id": "x"}, {}, [None], ["x"]], ids=repr)
async def test_parts_of_another_shape_put_those_of_their_answer_in_doubt_only(odd: object) -> None:
    hub = {"id": f"{GROUP}/virtualNetworks/hub", "name": "hub", "properties": {"subnets": odd}}
    spoke = {
        "id": f"{GROUP}/virtualNetworks/spoke",
        "name": "spoke",
        "properties": {
            "subnets": [{"id": f"{GROUP}/virtualNetworks/spoke/subnets/web", "name": "web", "properties": {}}]
        },
    }
    loaded = await load(("azure_vnet", "azure_subnet"), Exchange.of_json(VNETS, {"value": [hub, spoke]}))
    assert [one.properties["name"] for one in loaded.of("azure_subnet").records.values()] == ["web"]
    assert loaded.of("azure_subnet").unread == {"": {hub["id"].lower()}}
    assert loaded.of("azure_subnet").parents_whole


async def test_nothing_where_a_details_object_was_due_is_unknown() -> None:
    """204 says that there is nothing, which a detail that every resource has cannot be."""
    loaded = await load(
        STORAGE,
        Exchange.of_json(ACCOUNTS, {"value": [account("web")]}),
        replace(under("web", "blobServices/default", {}, status=204), body=""),
        service("web", "file"),
        containers("web"),
    )
    (record,) = loaded.of("azure_storage_account").records.values()
    assert "blobSoftDeleteEnabled" in record.unknown
    assert loaded.steps["azure_storage_account.blobServices"].status is Status.FAILED


@pytest.mark.parametrize("where", ["the account", "its blob service"])
@pytest.mark.parametrize("odd", [{"properties": None}, {}], ids=["null", "missing"])
async def test_a_resource_without_its_properties_is_loaded_and_not_judged(where: str, odd: Json) -> None:
    """Its list is whole, so that what is gone can go; of the resource itself nothing was read."""
    bare, blob = account("bare"), {"name": "default", "properties": {"isVersioningEnabled": True}}
    part = bare if where == "the account" else blob
    del part["properties"]
    part |= odd
    loaded = await load(
        STORAGE,
        Exchange.of_json(ACCOUNTS, {"value": [bare, account("web")]}),
        under("bare", "blobServices/default", blob),
        *(service(*one) for one in (("bare", "file"), ("web", "blob"), ("web", "file"))),
        *(containers(name, "logs") for name in ("bare", "web")),
    )
    written = loaded.of("azure_storage_account")
    unknown = {record.properties["name"]: record.unknown for record in written.records.values()}
    assert ("enableHttpsTrafficOnly" if where == "the account" else "blobSoftDeleteEnabled") in unknown["bare"]
    assert unknown["web"] == frozenset()
    assert written.outcomes[""].status is Status.COMPLETE
    assert written.unread == {"": {bare["id"].lower()}}
    step = loaded.steps["azure_storage_account"]
    assert (step.status, "storageAccounts/bare was not read whole" in step.reason) == (Status.COMPLETE, True)
    assert len(loaded.of("azure_storage_container").records) == 2


@pytest.mark.parametrize("whose", ["other", "web2"])
async def test_a_detail_of_another_resource_is_not_believed(whose: str) -> None:
    blob = {"id": f"{account(whose)['id']}/blobServices/default", "name": "default", "properties": {}}
    loaded = await load(
        STORAGE,
        Exchange.of_json(ACCOUNTS, {"value": [account("web")]}),
        under("web", "blobServices/default", blob),
        service("web", "file"),
        containers("web"),
    )
    (record,) = loaded.of("azure_storage_account").records.values()
    assert "blobSoftDeleteEnabled" in record.unknown
    assert loaded.steps["azure_storage_account.blobServices"].status is Status.FAILED
