"""Plays a rule's examples over several runs, in an empty database: what must open opens, stays and ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Alert
from loader.alerts.evaluate import evaluate
from loader.alerts.example_format import ExampleChange, Link, RuleExample, Then
from loader.alerts.listing import list_alerts
from loader.alerts.rule import Rule
from loader.library.example_conclusions import conclude
from loader.library.example_format import QueryExample
from loader.library.examples import place_example, stored_value

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.graph.database import Transaction

# Run 1 was evaluated before, so that what run 2 shows is news; both ended well.
_RUNS = """
CREATE (:AlertRule {id: $rule, lastEvaluatedSeq: 1})
WITH 1 AS one UNWIND [1, 2] AS seq
CREATE (:SyncRun {id: 'run-' + toString(seq), seq: seq, status: 'complete', startedAt: $now, finishedAt: $now})
"""
_RUN = (
    "CREATE (:SyncRun {id: 'run-' + toString($seq), seq: $seq, status: 'complete', startedAt: $now, finishedAt: $now})"
)
_CHANGES = """
UNWIND $rows AS row
MATCH (run:SyncRun {seq: row.runSeq})
CREATE (c:Change)<-[:RECORDED]-(run) SET c = row
WITH c MATCH (e:Entity {_key: c.entityKey}) CREATE (c)-[:CHANGE_OF]->(e)
"""
_NODES = "UNWIND $rows AS row MATCH (e:Entity {_key: row.key}) SET e += row.properties"
_GONE = "UNWIND $keys AS key MATCH (e:Entity {_key: key}) DETACH DELETE e"
_LINKED = """
UNWIND $rows AS row MATCH (a:Entity {_key: row.start}), (b:Entity {_key: row.end}) CREATE (a)-[:$(row.verb)]->(b)
"""
_UNLINKED = """
UNWIND $rows AS row MATCH (:Entity {_key: row.start})-[r]->(:Entity {_key: row.end}) WHERE type(r) = row.verb DELETE r
"""


def play_example(database: Database, rule: Rule, example: RuleExample) -> list[str]:
    """Puts the example into the empty database and lets the rule live over its runs; gives what is wrong, as sentences.

    What opens must stay the same over another run. Then what `then` says is different, and exactly the alerts that it
    resolves end; those of a change rule close after `close_after`, and not an hour before.
    """
    life = _Life(database, rule, example)
    faults = life.opens()
    if not faults:
        faults = life.stays()
    if not faults and example.then is not None:
        faults = life.goes_on(example.then)
    if not faults and rule.close_after is not None:
        faults = life.closes(rule.close_after)
    return faults


class _Life:
    """The example in the database, run after run."""

    def __init__(self, database: Database, rule: Rule, example: RuleExample) -> None:
        self._database, self._rule, self._example = database, rule, example
        self._seq, self._began = 2, datetime.now(UTC)
        self._now = self._began
        graph = QueryExample(name=example.name, graph=example.graph, scopes=example.scopes, returns=[])
        self._keys = place_example(database, graph, rule.needs, [rule.cypher])
        self._aliases = {key: alias for alias, key in self._keys.items()}
        rows = [_change(number, one, example, self._keys, self._now) for number, one in enumerate(example.changes)]

        def work(transaction: Transaction) -> None:
            transaction.run(_RUNS, rule=rule.id, now=self._now)
            transaction.run(_CHANGES, rows=rows)

        database.write(work)

    def opens(self) -> list[str]:
        if failure := self._evaluated():
            return [failure]
        titles: dict[str, list[str]] = {}
        for alert in self._there():
            titles.setdefault(alert.entity_key, []).append(alert.title)
        faults = []
        for alias, wording in self._example.opens.items():
            found = titles.pop(self._keys[alias], [])
            if not found:
                faults.append(f"{alias} must open an alert and does not")
            elif not any(wording in title for title in found):
                faults.append(f"the alert of {alias} must say {wording!r} and says {found[0]!r}")
        return faults + [
            f"{self._name(key)} must not open an alert and does: {found[0]}" for key, found in titles.items()
        ]

    def stays(self) -> list[str]:
        """Another run that finds nothing different: nothing opens or ends, and no alert says anything else.

        What a change rule opened must stay until its time is over, so its run is an hour before that.
        """
        before = {alert.id: alert for alert in self._there()}
        if self._rule.close_after is not None:
            self._now = self._began + self._rule.close_after - timedelta(hours=1)
        self._next_run()
        if failure := self._evaluated():
            return [failure]
        after = {alert.id: alert for alert in self._there()}
        faults = [f"the alert of {self._name(one.entity_key)} must stay and does not" for one in _only(before, after)]
        faults += [
            f"{self._name(one.entity_key)} opens in a run that found nothing new: {one.title}"
            for one in _only(after, before)
        ]
        return faults + [
            f"the alert of {self._name(one.entity_key)} says something else where nothing is different: "
            f"{_said(one)} and then {_said(after[one.id])}"
            for one in before.values()
            if one.id in after and _said(one) != _said(after[one.id])
        ]

    def goes_on(self, then: Then) -> list[str]:
        """The next run, with what is different in it."""
        before = {alert.id: alert for alert in self._there()}
        self._apply(then)
        self._next_run()
        if failure := self._evaluated():
            return [failure]
        after = {alert.id: alert for alert in self._there()}
        faults = [f"{self._name(one.entity_key)} opens with what `then` changes" for one in _only(after, before)]
        ended = {self._name(one.entity_key) for one in _only(before, after)}
        stayed = {self._name(one.entity_key) for one in after.values()}
        faults += [
            f"the alert of {alias} must end with what `then` changes and does not"
            for alias in then.resolves
            if alias in stayed
        ]
        return faults + [f"the alert of {one} ends too, which `then` does not name" for one in ended - {*then.resolves}]

    def closes(self, after: timedelta) -> list[str]:
        """Of a change rule, what time alone does."""
        self._now = self._began + after
        if failure := self._evaluated():
            return [failure]
        return [f"the alert of {self._name(one.entity_key)} is there after `close_after`" for one in self._there()]

    def _evaluated(self) -> str:
        """Evaluates the rule; gives why that failed."""
        outcome = evaluate(self._database, [self._rule], now=self._now).outcomes[0]
        return outcome.reason if outcome.status == "failed" else ""

    def _there(self) -> list[Alert]:
        return [listed.alert for listed in list_alerts(self._database, rules=[self._rule.id])]

    def _name(self, key: str) -> str:
        return self._aliases.get(key, key)

    def _next_run(self) -> None:
        self._seq += 1
        self._database.write(lambda transaction: transaction.run(_RUN, seq=self._seq, now=self._now))

    def _apply(self, then: Then) -> None:
        nodes = [
            {"key": self._keys[alias], "properties": {name: stored_value(value) for name, value in properties.items()}}
            for alias, properties in then.nodes.items()
        ]

        def work(transaction: Transaction) -> None:
            transaction.run(_NODES, rows=nodes)
            transaction.run(_UNLINKED, rows=self._links(then.unlinked))
            transaction.run(_LINKED, rows=self._links(then.linked))
            transaction.run(_GONE, keys=[self._keys[alias] for alias in then.gone])

        self._database.write(work)
        conclude(self._database, [self._rule.cypher])

    def _links(self, links: Iterable[Link]) -> list[dict[str, str]]:
        return [{"start": self._keys[one.start], "verb": one.verb, "end": self._keys[one.end]} for one in links]


def _only(some: dict[str, Alert], others: dict[str, Alert]) -> list[Alert]:
    return [alert for one, alert in some.items() if one not in others]


def _said(alert: Alert) -> tuple[str, str, str]:
    """What people read of it."""
    return alert.title, str(alert.severity), alert.values


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
