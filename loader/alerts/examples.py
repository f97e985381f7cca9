"""Plays a rule's examples on an empty database: what must open an alert opens one, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.desk import list_alerts
from loader.alerts.evaluate import evaluate
from loader.alerts.rule import ExampleChange, Rule, RuleExample
from loader.library.example_format import QueryExample
from loader.library.examples import place_example

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.graph.database import Transaction

# Run 1 was evaluated before, so that what run 2 shows is news; both ended well.
_RUNS = """
CREATE (:AlertRule {id: $rule, lastEvaluatedSeq: 1})
WITH 1 AS one UNWIND [1, 2] AS seq
CREATE (:SyncRun {id: 'run-' + toString(seq), seq: seq, status: 'complete', startedAt: $now, finishedAt: $now})
"""
_CHANGES = """
UNWIND $rows AS row
MATCH (run:SyncRun {seq: row.runSeq})
CREATE (c:Change)<-[:RECORDED]-(run) SET c = row
WITH c MATCH (e:Entity {_key: c.entityKey}) CREATE (c)-[:CHANGE_OF]->(e)
"""


def play_example(database: Database, rule: Rule, example: RuleExample) -> list[str]:
    """Puts the example into the empty database and evaluates the rule; gives back what is wrong, as sentences."""
    now = datetime.now(UTC)
    graph = QueryExample(name=example.name, graph=example.graph, scopes=example.scopes, returns=[])
    keys = place_example(database, graph, rule.needs)
    rows = [_change(number, change, example, keys, now) for number, change in enumerate(example.changes)]

    def work(transaction: Transaction) -> None:
        transaction.run(_RUNS, rule=rule.id, now=now)
        transaction.run(_CHANGES, rows=rows)

    database.write(work)
    outcome = evaluate(database, [rule], now=now).outcomes[0]
    if outcome.status == "failed":
        return [outcome.reason]
    titles: dict[str, list[str]] = {}
    for listed in list_alerts(database):
        titles.setdefault(listed.alert.entity_key, []).append(listed.alert.title)
    return _faults(example, keys, titles)


def _faults(example: RuleExample, keys: dict[str, str], titles: dict[str, list[str]]) -> list[str]:
    faults = []
    for alias, wording in example.opens.items():
        found = titles.pop(keys[alias], [])
        if not found:
            faults.append(f"{alias} must open an alert and does not")
        elif not any(wording in title for title in found):
            faults.append(f"the alert of {alias} must say {wording!r} and says {found[0]!r}")
    names = {key: alias for alias, key in keys.items()}
    return faults + [
        f"{names.get(key, key)} must not open an alert and does: {found[0]}" for key, found in titles.items()
    ]


def _change(
    number: int, change: ExampleChange, example: RuleExample, keys: dict[str, str], now: datetime
) -> dict[str, Any]:
    """The change as the graph room writes it; values are texts there."""
    key = keys[change.entity] if change.entity else _key(change.key or "", keys)
    row = {
        "id": f"change-{number}",
        "runSeq": change.seq,
        "at": now,
        "op": change.op,
        "entityKey": key,
        "entityType": example.graph.nodes[change.entity].type if change.entity else change.type,
        "entityName": change.name or change.entity,
        "path": change.path or "",
        "before": None if change.before is None else str(change.before),
        "after": None if change.after is None else str(change.after),
    }
    return {name: value for name, value in row.items() if value is not None}


def _key(written: str, keys: dict[str, str]) -> str:
    """`@alias/and/more` is below that node's key."""
    alias, slash, rest = written.removeprefix("@").partition("/")
    return f"{keys[alias]}{slash}{rest}" if written.startswith("@") else written
