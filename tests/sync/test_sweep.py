"""The inventory of a subscription: when a list may be left unasked, and when it is asked all the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loader.azure.transport.wire import Exchange
from loader.model import Json, Status
from loader.sync.freshness import Fresh
from loader.sync.sweep import Sweep
from tests.demo.loading import load_demo
from tests.sync.test_area import ACCOUNTS, ARM, STORAGE, SUB, account, containers, load, service

READER: list[Json] = [{"actions": ["*/read"], "notActions": []}]
TYPES = ("azure_resource", *STORAGE)
GROUP = f"/subscriptions/{SUB}/resourceGroups/shop/providers"
LOGIC = {"id": f"{GROUP}/Microsoft.Logic/workflows/mail", "name": "mail", "type": "Microsoft.Logic/workflows"}
STORE = {**account("one"), "type": "microsoft.storage/STORAGEACCOUNTS"}
REFUSED = {"error": {"code": "AuthorizationFailed", "message": "no"}}


def swept(*items: Json, status: int = 200, **more: str) -> Exchange:
    return Exchange.of_json(
        f"{ARM}/resources", {"value": [*items], **more} if status == 200 else REFUSED, status=status
    )


async def loaded(*exchanges: Exchange, rights: list[Json] | None = READER, held: Json | None = None) -> Any:
    listed = Exchange.of_json(ACCOUNTS, {"value": [account("one")]})
    parts = (listed, containers("one", "a"), service("one", "blob"), service("one", "file"))
    return await load(TYPES, *exchanges, *parts, rights=rights, sweep=Sweep(held or {}))


async def test_a_list_is_spared_whose_type_the_inventory_does_not_name():
    found = await loaded(swept(LOGIC))
    assert found.of("azure_storage_account").records == {}
    step = found.steps["azure_storage_account"]
    assert (step.status, step.calls, step.reason) == (Status.COMPLETE, 0, "")
    assert list(found.of("azure_resource").records) == [LOGIC["id"].lower()]
    assert "azure_resource" not in {one.type for one in found.of("azure_storage_account").records.values()}


@pytest.mark.parametrize(
    ("why", "exchanges", "more"),
    [
        ("the inventory names one, in another casing", [swept(STORE)], {}),
        ("the graph has one", [swept()], {"held": {"azure_storage_account": frozenset()}}),
        ("the graph has a part of one", [swept()], {"held": {"azure_storage_container": frozenset()}}),
        ("nobody tells what may be read", [swept()], {"rights": None}),
        ("one service only may be read", [swept()], {"rights": [{"actions": ["Microsoft.Storage/*/read"]}]}),
        ("all but one service may be read",
         [swept()], {"rights": [{"actions": ["*"], "notActions": ["Microsoft.Storage/*"]}]}),
        ("nothing may be read", [swept()], {"rights": []}),
        ("the inventory was refused", [swept(status=403)], {}),
        ("the recording has none", [], {}),
        ("the inventory broke off", [swept(nextLink=f"{ARM}/resources?$skiptoken=2")], {}),
        ("an item tells no type", [swept({"id": f"{GROUP}/Microsoft.Logic/workflows/mail", "name": "mail"})], {}),
    ],
)  # fmt: skip
async def test_a_list_is_asked(why: str, exchanges: list[Exchange], more: Json):
    found = await loaded(*exchanges, **more)
    assert len(found.of("azure_storage_account").records) == 1, why
    assert len(found.of("azure_storage_container").records) == 1, why


async def test_a_recording_of_before_the_inventory_is_as_complete_as_it_was():
    found = await loaded()
    step = found.steps["azure_resource"]
    assert (step.status, step.outcome.settled, step.outcome.accounted) == (Status.UNAVAILABLE, False, True)
    refused = (await loaded(swept(status=403))).steps["azure_resource"]
    assert (refused.status, refused.outcome.accounted) == (Status.FORBIDDEN, False)


async def test_without_a_sweep_every_list_is_asked():
    found = await load(TYPES, swept(), Exchange.of_json(ACCOUNTS, {"value": [account("one")]}), rights=READER)
    assert len(found.of("azure_storage_account").records) == 1


async def test_who_may_read_in_part_has_what_it_may_read_and_loses_nothing():
    found = await loaded(swept(LOGIC), rights=[{"actions": ["Microsoft.Storage/*/read"]}])
    step = found.steps["azure_resource"]
    assert (step.status, step.outcome.settled, step.outcome.accounted) == (Status.FORBIDDEN, False, True)
    assert len(found.of("azure_resource").records) == 1


def machine(name: str) -> Json:
    return {
        "id": f"{GROUP}/Microsoft.Compute/virtualMachines/{name}",
        "name": name,
        "type": "Microsoft.Compute/virtualMachines",
        "properties": {"instanceView": {"statuses": [{"code": "PowerState/running"}]}},
    }


def watcher(name: str) -> Json:
    kind = "Microsoft.Network/networkWatchers"
    return {"id": f"{GROUP}/{kind}/{name}", "name": name, "type": kind, "location": "westeurope", "properties": {}}


@pytest.mark.parametrize(("held", "logs"), [("", ["one"]), ("two", ["one", "two"])])
async def test_a_parents_list_is_spared_where_it_has_no_parts(held: str, logs: list[str]):
    watchers = [watcher("one"), watcher("two")]
    parts = [{"id": f"{one['id']}/flowLogs/log", "name": "log", "type": f"{one['type']}/flowLogs"} for one in watchers]
    answers = [
        Exchange.of_json(f"https://management.azure.com{one['id']}/flowLogs", {"value": [part]})
        for one, part in zip(watchers, parts, strict=True)
    ]
    listed = Exchange.of_json(f"{ARM}/providers/Microsoft.Network/networkWatchers", {"value": watchers})
    sweep = Sweep({"azure_security_group_flow_logs": frozenset({parts[1]["id"].lower()})} if held else {})
    types = ("azure_resource", "azure_network_watcher", "azure_security_group_flow_logs")
    ages = {"azure_security_group_flow_logs": timedelta(days=7)}
    fresh = Fresh(ages, {}, datetime.now(UTC), lambda _key: None)
    found = await load(types, swept(*watchers, parts[0]), listed, *answers, rights=READER, sweep=sweep, fresh=fresh)
    written = found.of("azure_security_group_flow_logs")
    assert [key.split("/")[-3] for key in written.records] == logs
    # Each is read whole, as far as the graph is told.
    assert [outcome.status for outcome in written.outcomes.values()] == [Status.COMPLETE] * 2
    assert (sweep.spared, found.steps["azure_security_group_flow_logs"].calls) == (2 - len(logs), len(logs))
    # What was not read is not noted as read: the inventory may be late.
    noted = fresh.read["azure_security_group_flow_logs"]
    assert [key.rpartition("/")[2] for key in noted] == logs


@pytest.mark.parametrize("day", [1, 2])
def test_contoso_is_the_same_either_way(day: int):
    first, without = asyncio.run(load_demo(day, inventory=True)), asyncio.run(load_demo(day))
    assert first.records == without.records
    assert {step.name: str(step.status) for step in first.steps} == {
        step.name: str(step.status) for step in without.steps
    }
    # Contoso has most types in one of its three subscriptions only.
    assert without.calls - first.calls > 80


STATES = f"{ARM}/providers/Microsoft.Compute/virtualMachines?statusOnly=true"


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        (
            {"value": [{"id": machine("one")["id"].upper(), **{k: v for k, v in machine("one").items() if k != "id"}}]},
            0,
        ),
        ({"value": []}, 1),
        ({"value": [{**machine("one"), "properties": {}}]}, 1),
        (REFUSED, 1),
    ],
)
async def test_a_machine_is_asked_only_where_the_list_of_states_does_not_tell(listed: Json, asked: int):
    """https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all: `statusOnly`, all run time states."""
    plain = {**machine("one"), "properties": {}}
    view = f"https://management.azure.com{plain['id']}/instanceView"
    found = await load(
        ("azure_vm",),
        Exchange.of_json(f"{ARM}/providers/Microsoft.Compute/virtualMachines", {"value": [plain]}),
        Exchange.of_json(STATES, listed, status=200 if "value" in listed else 403),
        Exchange.of_json(view, {"statuses": [{"code": "PowerState/running"}]}),
    )
    (record,) = found.of("azure_vm").records.values()
    assert (record.properties["state"], record.properties["active"]) == ("running", True)
    assert found.steps["azure_vm.instanceView"].calls == asked
    assert found.steps["azure_vm.states"].outcome.accounted


async def test_one_list_of_sites_serves_both_types_and_fails_both():
    site = f"{GROUP}/Microsoft.Web/sites"
    sites = [{"id": f"{site}/{name}", "name": name, "kind": name, "properties": {}} for name in ("app", "functionapp")]
    for status, known in ((200, 1), (403, 0)):
        body = {"value": sites} if status == 200 else REFUSED
        listed = Exchange.of_json(f"{ARM}/providers/Microsoft.Web/sites", body, status=status)
        found = await load(("azure_web_app", "azure_function_app"), listed)
        assert len(found.of("azure_web_app").records) == len(found.of("azure_function_app").records) == known
        ended = {found.steps[name].status for name in ("azure_web_app", "azure_function_app")}
        assert ended == ({Status.COMPLETE} if known else {Status.FORBIDDEN})
