"""Which links a derivation wants, has and lacks: the same as with two dictionaries, in little memory."""

from __future__ import annotations

import random
import tracemalloc
from datetime import UTC, datetime, time
from typing import Any

import pytest

from loader.graph import Database
from loader.graph.spool import Spool
from loader.graph.wanted import Identity, WantedLinks
from loader.model import Derivation
from tests.graph.tenant import load, vm


def _link(number: int) -> Identity:
    return f"/from/{number}", "REACHES", f"/to/{number}", ""


def test_a_spool_gives_back_what_it_took_in_its_order() -> None:
    spool: Spool[tuple[int, str]] = Spool()
    assert list(spool.take(10)) == []
    rows = [(number, "x" * 500) for number in range(5_000)]
    for at in range(0, len(rows), 7):
        spool.add(rows[at : at + 7])
    taken = list(spool.take(1_000))
    assert [len(one) for one in taken] == [1_000] * 5
    assert [row for one in taken for row in one] == rows
    assert list(spool.take(10)) == [], "what was taken is gone"


def test_wanted_links_behave_as_two_dictionaries() -> None:
    chance = random.Random(5)
    wanted, links = {}, WantedLinks()
    for _ in range(8_000):
        number, told = chance.randrange(5_000), {"ports": [chance.choice(["22", "443"])], "open": chance.random() < 0.5}
        wanted[_link(number)] = told
        links.add(_link(number), dict(told))
    stored = [(_link(chance.randrange(7_000)), {"ports": ["22"], "open": chance.random() < 0.5}) for _ in range(4_000)]
    kept: set[Identity] = set()
    for identity, told in stored:
        keep = identity not in kept and wanted.get(identity) == told
        assert links.has(identity, told) is keep
        kept |= {identity} if keep else set()
    missing = [one for some in links.missing(700) for one in some]
    assert len({identity for identity, _ in missing}) == len(missing)
    assert dict(missing) == {identity: told for identity, told in wanted.items() if identity not in kept}


@pytest.mark.parametrize(
    "stored",
    [
        {"at": datetime(2026, 5, 1, 12, tzinfo=UTC), "ports": ["1"]},
        {"number": 1, "ports": ["1"]},
        {"raw": b"\0"},
        {"at": time(12, tzinfo=UTC)},
        {},
    ],
)
def test_what_a_link_says_is_compared_whole(stored: dict[str, Any]) -> None:
    links = WantedLinks()
    links.add(_link(1), {"at": datetime(2026, 5, 1, 12, tzinfo=UTC), "number": 1.0})
    assert not links.has(_link(1), stored)
    assert links.has(_link(1), {"number": 1.0, "at": datetime(2026, 5, 1, 12, tzinfo=UTC)})
    assert not links.has(_link(1), {"number": 1.0, "at": datetime(2026, 5, 1, 12, tzinfo=UTC)}), "one too many"


def test_memory_hardly_grows_with_the_links() -> None:
    links = WantedLinks()
    tracemalloc.start()
    try:
        for number in range(20_000):
            links.add(_link(number), {"ports": ["443"], "via": [f"/subscriptions/{number}/rule"]})
        assert sum(len(one) for one in links.missing(5_000)) == 20_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 9_000_000


@pytest.mark.graph
def test_what_somebody_else_changed_or_doubled_is_put_right(database: Database) -> None:
    """More links than are kept in memory; the one that is to be there stays, with what it says."""
    pairs = Derivation(
        name="pairs",
        inputs=("azure_vm",),
        relationships=(("azure_vm", "SHARES", "azure_vm"),),
        query="MATCH (a:azure_vm), (b:azure_vm) RETURN a._key AS `from`, b._key AS `to`",
    )
    machines = [vm(number) for number in range(40)]
    load(database, {"azure_vm": machines}, before_end=lambda run: run.derive([pairs], code="a"))
    count = "MATCH ()-[r:SHARES]->() RETURN count(r) AS n, count(r.note) + count(r.place) AS odd"
    assert database.read(count) == [{"n": 1_600, "odd": 0}]
    before = {row["id"] for row in database.read("MATCH ()-[r:SHARES]->() RETURN elementId(r) AS id")}
    change = (
        "MATCH (a:azure_vm)-[r:SHARES]->(b) WITH a, b, r LIMIT 30 SET r.note = 'mine', r.place = point({x: 1, y: 2}) "
        "WITH a, b, r CREATE (a)-[again:SHARES]->(b) SET again._derivation = r._derivation"
    )
    database.write(lambda transaction: transaction.run(change))
    load(database, {"azure_vm": machines}, before_end=lambda run: run.derive([pairs], code="b"))
    assert database.read(count) == [{"n": 1_600, "odd": 0}]
    after = {row["id"] for row in database.read("MATCH ()-[r:SHARES]->() RETURN elementId(r) AS id")}
    assert len(before & after) == 1_570, "what was right is not written again"
