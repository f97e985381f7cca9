"""A commit whose answer is lost is tried again, and comes to the same graph and the same changes."""

from __future__ import annotations

from itertools import count
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import ServiceUnavailable

from loader.graph import Database, gathering
from tests.graph.tenant import changes, dump, load, next_day, tenant

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]


@pytest.mark.parametrize("turned", [True, False], ids=["far ends first", "far ends last"])
@pytest.mark.parametrize("committed", [True, False], ids=["committed", "rolled back"])
def test_every_write_fails_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, committed: bool, turned: bool
) -> None:
    monkeypatch.setattr(gathering, "BATCH_ROWS", 15)
    records = tenant(20)
    if turned:
        records = dict(reversed(records.items()))
    load(database, records)
    first = dump(database)
    load(database, next_day(records))
    second, told = dump(database), changes(database)
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))

    monkeypatch.setattr("loader.graph.database._wait", lambda _: 0.001)
    commit = neo4j.Transaction.commit
    calls = count(1)

    def flaky(self: Any) -> None:
        broken = next(calls) % 2 == 0
        if committed or not broken:
            commit(self)
        if broken:
            raise ServiceUnavailable("the connection was cut")

    monkeypatch.setattr(neo4j.Transaction, "commit", flaky)
    load(database, records)
    assert dump(database) == first
    assert changes(database) == []
    load(database, next_day(records))
    assert dump(database) == second
    assert changes(database) == told
    assert load(database, next_day(records)).counters.total == 0
