"""Whole runs by the inventory: what the graph has of lists that it spares, and of resources that no other list has."""

from __future__ import annotations

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from loader.model import Json, Status
from tests.e2e.support import changes, dump
from tests.sync.test_runs import HERE, ORGANIZATION, _nothing_derived, answer, keys, listed, run

pytestmark = pytest.mark.graph
__all__ = ["_nothing_derived"]

TYPES = ("azure_resource", "azure_public_ip", "azure_resource_lock")
WHERE = f"/subscriptions/{HERE}/resourceGroups/shop/providers"
IP: Json = {
    "id": f"{WHERE}/Microsoft.Network/publicIPAddresses/out",
    "name": "out",
    "type": "Microsoft.Network/publicIPAddresses",
}
LOGIC: Json = {"id": f"{WHERE}/Microsoft.Logic/workflows/mail", "name": "mail", "type": "Microsoft.Logic/workflows"}
LOCK: Json = {
    "id": f"{LOGIC['id']}/providers/Microsoft.Authorization/locks/keep",
    "name": "keep",
    "properties": {"level": "CanNotDelete"},
}


def answers(swept: list[Json] | None, addresses: list[Json] | None, locks: tuple[Json, ...] = ()) -> list[Exchange]:
    """None: refused. The subscription may be read whole."""
    return [
        listed(HERE),
        ORGANIZATION,
        answer(HERE, "providers/Microsoft.Authorization/permissions", [{"actions": ["*/read"], "notActions": []}]),
        answer(HERE, "providers/Microsoft.Authorization/locks", [*locks]),
        answer(HERE, "resources", swept, 200 if swept is not None else 403),
        answer(HERE, "providers/Microsoft.Network/publicIPAddresses", addresses, 200 if addresses is not None else 403),
    ]


def of(summary: object, name: str) -> tuple[Status, int]:
    return next((one.status, one.calls) for one in summary.steps if one.name == name)  # type: ignore[attr-defined]


def test_nothing_is_deleted_on_the_inventorys_word_alone(database: Database) -> None:
    key = IP["id"].lower()
    # Nothing is there: the list, which would be refused, is not asked, and nothing is missing.
    first = run(database, answers([], None), only=TYPES)
    assert (first.status, first.spared, of(first, "azure_public_ip")) == ("complete", 1, (Status.COMPLETE, 0))
    # The inventory names one: it is loaded, and is a change, as one that a list newly has.
    second = run(database, answers([IP], [IP]), only=TYPES)
    assert (second.spared, of(second, "azure_public_ip")) == (0, (Status.COMPLETE, 1))
    assert ("created", key) in {change[:2] for change in changes(database)}
    # The inventory forgets it, and the list is refused: it stays.
    third = run(database, answers([], None), only=TYPES)
    assert (third.status, of(third, "azure_public_ip")) == ("partial", (Status.FORBIDDEN, 1))
    assert key in keys(database)
    # The inventory forgets it, and the list still has it.
    assert of(run(database, answers([], [IP]), only=TYPES), "azure_public_ip") == (Status.COMPLETE, 1)
    assert key in keys(database)
    # The list is empty: now it is gone, and the next run asks no more.
    run(database, answers([], []), only=TYPES)
    assert key not in keys(database)
    assert run(database, answers([], None), only=TYPES).spared == 1


def test_without_the_inventory_every_list_is_asked(database: Database) -> None:
    told = run(database, answers([], [IP]), only=TYPES, inventory=False)
    assert (told.spared, of(told, "azure_public_ip")) == (0, (Status.COMPLETE, 1))


def test_what_ended_at_a_stub_ends_at_the_resource(database: Database) -> None:
    key = LOGIC["id"].lower()
    run(database, answers([], [], (LOCK,)), only=TYPES)
    before = dump(database)
    assert database.read("MATCH (n:Entity {_key: $key}) RETURN n._stub AS stub", {"key": key}) == [{"stub": True}]
    told = run(database, answers([LOGIC], [], (LOCK,)), only=TYPES)
    assert told.status == "complete"
    rows = database.read(
        "MATCH (:azure_resource_lock)-[:HAS]->(n:azure_resource {_key: $key}) "
        "RETURN n.resourceType AS type, n._stub AS stub, n:Resource AS resource",
        {"key": key},
    )
    assert rows == [{"type": "Microsoft.Logic/workflows", "stub": None, "resource": True}]
    assert set(before.nodes) <= set(dump(database).nodes)
