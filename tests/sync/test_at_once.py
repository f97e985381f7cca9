"""One question to Resource Graph in the place of a list for each machine, and when the lists are asked all the same."""

from __future__ import annotations

from typing import Any

import pytest

from loader.azure.transport.wire import Exchange
from loader.model import Json, Status
from loader.sync.sweep import Sweep
from tests.sync.test_area import ARM, load
from tests.sync.test_sweep import GROUP, REFUSED, machine

RESOURCE_GRAPH = "https://management.azure.com/providers/Microsoft.ResourceGraph/resources"
NAMES = ("a", "b", "c", "d", "e")


def extension(name: str, version: str = "1.2") -> Json:
    """https://learn.microsoft.com/rest/api/compute/virtual-machine-extensions/list"""
    return {
        "id": f"{machine(name)['id']}/extensions/agent", "name": "agent", "location": "westeurope", "tags": None,
        "type": "Microsoft.Compute/virtualMachines/extensions",
        "properties": {"publisher": "Contoso", "type": "Agent", "typeHandlerVersion": version},
    }  # fmt: skip


def has_one(name: str) -> Json:
    return {**machine(name), "resources": [{"id": extension(name)["id"].upper()}]}


def rows(*found: Json, **more: str) -> Exchange:
    """https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources"""
    kind = {"type": "microsoft.compute/virtualmachines/extensions"}
    data = [{**one, **kind} for one in found]
    return Exchange.of_json(RESOURCE_GRAPH, {"data": data, "resultTruncated": "false", **more}, method="POST")


async def loaded(*exchanges: Exchange, names: tuple[str, ...] = NAMES, sweep: bool = True) -> Any:
    machines = Exchange.of_json(
        f"{ARM}/providers/Microsoft.Compute/virtualMachines", {"value": [has_one(name) for name in names]}
    )
    lists = [
        Exchange.of_json(f"https://management.azure.com{machine(name)['id']}/extensions", {"value": [extension(name)]})
        for name in names
    ]
    types = ("azure_vm", "azure_vm_extension")
    return await load(types, machines, *lists, *exchanges, sweep=Sweep({}) if sweep else None)


async def test_resource_graph_stands_for_the_lists_of_all_machines():
    asked, told = await loaded(sweep=False), await loaded(rows(*(extension(name) for name in NAMES)))
    assert told.of("azure_vm_extension").records == asked.of("azure_vm_extension").records
    assert len(told.of("azure_vm_extension").records) == len(NAMES)
    assert told.of("azure_vm_extension").outcomes == asked.of("azure_vm_extension").outcomes
    calls = [one.steps["azure_vm_extension"].calls for one in (asked, told)]
    assert calls == [len(NAMES), 1]
    assert told.steps["azure_vm_extension"].status is Status.COMPLETE


@pytest.mark.parametrize(
    ("why", "answer", "alone"),
    [
        ("it is refused", Exchange.of_json(RESOURCE_GRAPH, REFUSED, status=403, method="POST"), 5),
        ("it was not recorded", None, 5),
        ("it knows of nothing", rows(), 5),
        ("it lacks one", rows(*(extension(name) for name in NAMES[1:])), 1),
        ("it has one more", rows(*(extension(name) for name in NAMES),
                                 {**extension("a"), "id": f"{GROUP}/Microsoft.Compute/virtualMachines/a/extensions/x"}),
         1),
        ("it tells no properties of one", rows(*(extension(name) for name in NAMES[1:]),
                                               {**extension("a"), "properties": None}), 1),
        ("it was cut off", rows(*(extension(name) for name in NAMES), resultTruncated="true"), 6),
    ],
)  # fmt: skip
async def test_a_list_is_asked_where_resource_graph_is_not_what_the_machine_names(
    why: str, answer: Exchange | None, alone: int
):
    found = await loaded(*([answer] if answer else []))
    assert len(found.of("azure_vm_extension").records) == len(NAMES), why
    step = found.steps["azure_vm_extension"]
    assert (step.status, step.calls) == (Status.COMPLETE, alone + 1), why


async def test_few_machines_are_asked_one_by_one():
    found = await loaded(rows(*(extension(name, "9") for name in NAMES)), names=NAMES[:4])
    assert {one.properties["version"] for one in found.of("azure_vm_extension").records.values()} == {"1.2"}
    assert found.steps["azure_vm_extension"].calls == 4
