"""New nodes written without looking for them first: the same graph as with looking, whatever is there already."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from loader.graph import Database, create
from loader.model import Record
from tests.graph.tenant import changes, dump, entity, key, load, node, tenant

pytestmark = pytest.mark.graph

AT = datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "LEAST_ROWS", 1)


def _disks() -> list[Record]:
    """Times before and after 1970, in another zone, missing, and one that is a text; names that are no identifiers."""
    times: list[Any] = [AT, datetime(1901, 1, 1, 0, 0, 0, 1, tzinfo=UTC), AT.astimezone(timezone(timedelta(hours=5)))]
    records = [entity("disk", n, createdOn=time, gigabytes=n) for n, time in enumerate(times)]
    odd = {"tag.`}) DETACH DELETE n //": "a", "tag.\\u0060": "b", "tag.x": "c"}
    return [
        *records,
        entity("disk", 3, createdOn="never", zones=["1", "2"]),
        replace(records[0], key=key("disk", 4), properties={**odd, "id": "4", "displayName": "four"}),
    ]


def test_values_arrive_as_they_do_from_a_map(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    load(database, {"azure_disk": _disks()})
    by_column = dump(database)
    stored = node(database, key("disk", 0))
    assert stored is not None
    assert stored["createdOn"] == AT
    assert load(database, {"azure_disk": _disks()}).counters.total == 0
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
    monkeypatch.setattr(create, "LEAST_ROWS", 1_000)
    load(database, {"azure_disk": _disks()})
    assert dump(database) == by_column


def test_keys_that_are_taken(database: Database) -> None:
    """Stubs are taken over, and no key is written twice."""
    whole = tenant(20)
    load(database, whole)
    undisturbed = dump(database)
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
    load(database, {"azure_vm": whole["azure_vm"]})
    stub = node(database, key("nic", 3))
    assert stub is not None
    assert stub["_stub"] is True
    load(database, whole)
    assert dump(database) == undisturbed
    assert changes(database) == []
