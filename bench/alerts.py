"""What ten thousand alerts at once take: opened, found again, listed, told, resolved; in time and in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.server import Server
from loader.alerts.evaluate import evaluate
from loader.alerts.library import pick, shipped_rules
from loader.alerts.listing import Filter, stream_alerts
from loader.alerts.rule import Rule
from loader.alerts.store import BATCH
from loader.config.notify import Notify
from loader.graph import Database
from loader.graph.schema import ensure_schema
from loader.notify import outbox
from loader.notify.message import Message
from loader.notify.outbox import Outbox, rule_facts
from loader.notify.sending import Post, send

ALERTS = 10_000
RULE = "key-vault-purge-protection-off"
_TYPE = "azure_keyvault_service"
_AREA = "11111111-1111-1111-1111-111111111111"
_GROUPS, _OWNERS = 200, 50
_TICK = 0.02

_RUN = """
CREATE (:SyncRun {id: 'run-' + toString($seq), seq: $seq, status: 'complete', startedAt: datetime(),
  finishedAt: datetime()})
MERGE (s:SyncScope {id: $step + '|' + $area})
SET s.step = $step, s.area = $area, s.status = 'complete', s.reason = '', s.seq = $seq
"""
_VAULTS = f"UNWIND $rows AS row CREATE (e:Entity:{_TYPE}) SET e = row"
_TURN = f"MATCH (e:{_TYPE}) SET e.enablePurgeProtection = $safe"
# What must be written whoever writes it: the node, its properties, its relationship.
_CEILING = """
UNWIND $rows AS row MATCH (e:Entity {_key: row.entityKey}) CREATE (a:Alert)-[:ALERT_ON]->(e) SET a = row
"""
_ALERTS = "MATCH (a:Alert) RETURN properties(a) AS alert"
_FORGET = "MATCH (a) WHERE a:Alert OR a:AlertRule DETACH DELETE a"
_TELLING = {
    "channels": [{"name": "people", "apprise": {"env": "NOT_READ"}}],
    "routes": [{"name": "all", "channels": ["people"]}],
}


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of each step, and by how many megabytes the process grew at most over all of them."""

    ceiling: float
    opened: float
    again: float
    listed: float
    told: float
    resolved: float
    megabytes: float


@dataclass
class _Counting:
    """A channel in place of the network: it only counts what it gets."""

    got: list[Message] = field(default_factory=list)

    def send(self, messages: Sequence[Message]) -> list[str]:
        self.got += messages
        return [""] * len(messages)


def measure(server: Server) -> Took:
    """Opens, finds again, lists, tells and resolves `ALERTS` alerts of one rule; the database is empty before."""
    server.empty()
    # A connection of its own: what one has made sure of, another's emptying must not make untrue.
    with Database(server.database.uri, "neo4j", server.password) as database:
        ensure_schema(database)
        _written(database, _VAULTS, list(_vaults()))
        rules = pick(shipped_rules().rules.values(), [RULE])
        _run(database, 1)
        evaluate(database, rules)
        rows = [row["alert"] for row in database.read(_ALERTS)]
        database.write(lambda transaction: transaction.run(_FORGET))
        ceiling = _seconds(lambda: _written(database, _CEILING, rows))
        database.write(lambda transaction: transaction.run(_FORGET))
        rows.clear()
        people = _Counting()
        post = _post(rules, people)

        def evaluated() -> None:
            evaluate(database, rules, also=post.outbox.write)

        # The first evaluation is a baseline, of which nobody is told: all is well in it.
        outbox.ensure_schema(database)
        _turn(database, safe=True)
        _run(database, 2)
        evaluated()
        _turn(database, safe=False)
        _run(database, 3)
        with _growth() as grown:
            opened = _seconds(evaluated)
            again = _seconds(evaluated)
            listed = _seconds(lambda: sum(1 for _ in stream_alerts(database, Filter())))
            told = _seconds(lambda: send(database, post))
            _turn(database, safe=True)
            _run(database, 4)
            resolved = _seconds(evaluated)
        left = sum(1 for _ in stream_alerts(database, Filter()))
    if left:
        raise RuntimeError(f"{left} alerts are open after all was repaired")
    if [one.document.total for one in people.got] != [ALERTS]:
        raise RuntimeError(f"people got {len(people.got)} messages in place of one summary")
    return Took(ceiling, opened, again, listed, told, resolved, grown[0])


def _post(rules: Iterable[Rule], channel: _Counting) -> Post:
    said = Notify.model_validate(_TELLING)
    return Post(said, Outbox(said.routes, rule_facts(rules)), Path(), open=lambda _channel: channel)


def _turn(database: Database, *, safe: bool) -> None:
    database.write(lambda transaction: transaction.run(_TURN, safe=safe))


def _vaults() -> Iterator[dict[str, Any]]:
    for number in range(ALERTS):
        group = f"/subscriptions/{_AREA}/resourcegroups/group-{number % _GROUPS}"
        yield {
            "_key": f"{group}/providers/microsoft.keyvault/vaults/vault-{number}",
            "_type": _TYPE,
            "_scope": f"{_TYPE}|{_AREA}|",
            "name": f"vault-{number}",
            "vaultUrl": f"https://vault-{number}.vault.azure.net/",
            "enablePurgeProtection": False,
            "tag.owner": f"team-{number % _OWNERS}",
        }


def _run(database: Database, seq: int) -> None:
    database.write(lambda transaction: transaction.run(_RUN, seq=seq, step=_TYPE, area=_AREA))


def _written(database: Database, statement: str, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        database.write(lambda transaction, part=part: transaction.run(statement, rows=part))  # type: ignore[misc]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _growth() -> Iterator[list[float]]:
    """By how many megabytes this process grows at most while it works; told at the end."""
    process, grown, done = psutil.Process(), [0.0], threading.Event()
    before = process.memory_info().rss

    def look() -> None:
        while not done.wait(_TICK):
            grown[0] = max(grown[0], (process.memory_info().rss - before) / 1e6)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield grown
    finally:
        done.set()
        looking.join()
