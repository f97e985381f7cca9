"""A detail that is one list for all entities: read once, and each entity is told its own item."""

from __future__ import annotations

from loader.azure.transport.wire import Exchange
from loader.model import Json, Status
from tests.sync.test_area import ARM, SUB, load

ASSESSMENTS = f"{ARM}/providers/Microsoft.Security/assessments"
METADATA = f"{ARM}/providers/Microsoft.Security/assessmentMetadata"
TYPES = ("azure_subscription", "azure_security_assessment")


def assessment(machine: str, name: str) -> Json:
    where = f"/subscriptions/{SUB}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/{machine}"
    status = {"status": {"code": "Unhealthy"}}
    return {"id": f"{where}/providers/Microsoft.Security/assessments/{name}", "name": name, "properties": status}


LIST = Exchange.of_json(
    ASSESSMENTS, {"value": [assessment("a", "ports"), assessment("b", "PORTS"), assessment("a", "own")]}
)


async def test_each_entity_is_told_its_item_of_one_call() -> None:
    known = {"value": [{"name": "ports", "properties": {"severity": "High", "categories": ["Networking"]}}]}
    loaded = await load(TYPES, LIST, Exchange.of_json(METADATA, known))
    records = loaded.of("azure_security_assessment").records.values()
    assert [record.properties.get("severity") for record in records] == ["high", "high", None]
    assert [record.unknown for record in records] == [frozenset()] * 3
    step = loaded.steps["azure_security_assessment.metadata"]
    assert (step.status, step.calls) == (Status.COMPLETE, 1)


async def test_a_refused_list_leaves_what_it_tells_unknown_for_all() -> None:
    refused = Exchange.of_json(METADATA, {"error": {"code": "AuthorizationFailed", "message": "no"}}, status=403)
    loaded = await load(TYPES, LIST, refused)
    records = loaded.of("azure_security_assessment").records.values()
    assert all({"severity", "category", "remediation"} <= record.unknown for record in records)
    assert loaded.steps["azure_security_assessment"].status is Status.COMPLETE
    assert loaded.steps["azure_security_assessment.metadata"].status is Status.FORBIDDEN
