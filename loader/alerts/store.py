"""Alerts and rule states in the graph: read whole, written only where they differ.

`(:Alert {id})-[:ALERT_ON]->(:Entity)`, `(:Alert)-[:OPENED_BY]->(:Change)` and `(:AlertRule {id})`. An alert whose
entity is gone stays, without the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from loader.alerts.alert import SHORT_ID, Alert
from loader.alerts.life import Step
from loader.errors import UsageError
from loader.graph.constraints import Held, ensure
from loader.graph.schema import ensure_schema as ensure_graph_schema

if TYPE_CHECKING:
    from loader.graph.database import Database, Transaction

BATCH = 2_000

_READY: WeakSet[Database] = WeakSet()
_SCHEMA = (Held("azgraph_alert_rule_id", "AlertRule", ("id",), unique=True),)

# `adrift`: the entity is there but the edge is not, as after the entity was deleted and made again.
_OF_RULE = """
MATCH (a:Alert {ruleId: $rule})
WHERE a.notifyKey IS NOT NULL AND (a.state <> 'resolved' OR a.id IN $ids)
OPTIONAL MATCH (e:Entity {_key: a.entityKey})
RETURN properties(a) AS alert, e IS NOT NULL AND NOT EXISTS { (a)-[:ALERT_ON]->(e) } AS adrift
"""

# Whatever happened to an alert stands at the end of its history. What is to be written goes on from there, or was read
# before something else happened to it (somebody muted it, another evaluation ended it), and is left.
_WRITE = """
UNWIND $rows AS row
MERGE (a:Alert {id: row.id})
WITH a, row WHERE coalesce(a.history[-1] IN row.alert.history, true)
SET a = row.alert
WITH a
CALL (a) { MATCH (a)-[old:ALERT_ON]->(e) WHERE e._key <> a.entityKey DELETE old }
CALL (a) { MATCH (e:Entity {_key: a.entityKey}) MERGE (a)-[:ALERT_ON]->(e) }
CALL (a) { MATCH (a)-[old:OPENED_BY]->(c) WHERE NOT c.id IN a.openedBy DELETE old }
CALL (a) { UNWIND a.openedBy AS id MATCH (c:Change {id: id}) MERGE (a)-[:OPENED_BY]->(c) }
RETURN a.id AS id
"""

# Writes more into the transaction in which these steps' alerts are written. It may be called again for the same ones.
Also = Callable[["Transaction", Sequence[Step]], None]


class DamagedError(ValueError):
    """A node of ours that no longer holds what we wrote; the sentence says which and what to do."""


class RuleState(BaseModel):
    """What is remembered of a rule between evaluations: the properties of its `(:AlertRule)` node.

    last_evaluated_seq: the run up to which the rule has seen everything with success. areas: where it has its
    baseline. last_status: ok, incomplete or failed. last_evaluated_at: of a rule that has an `every`.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")

    id: str
    title: str = ""
    severity: str = ""
    kind: str = ""
    last_evaluated_seq: int | None = None
    last_evaluated_at: datetime | None = None
    last_status: str = ""
    last_reason: str = ""
    areas: tuple[str, ...] = ()


def ensure_schema(database: Database) -> None:
    """Constraints and indexes of the alert nodes; does nothing where they exist, and asks once a connection."""
    if database in _READY:
        return
    ensure_graph_schema(database)
    ensure(database, _SCHEMA)
    _READY.add(database)


def read_rule_state(database: Database, rule_id: str) -> RuleState | None:
    rows = database.read("MATCH (r:AlertRule {id: $id}) RETURN properties(r) AS rule", {"id": rule_id})
    if not rows:
        return None
    try:
        return RuleState.model_validate(rows[0]["rule"])
    except ValidationError as error:
        raise DamagedError(f"the node (:AlertRule {{id: {rule_id!r}}}) was changed by hand; delete it") from error


def write_rule_state(database: Database, before: RuleState | None, after: RuleState) -> None:
    """Writes the rule's state where it differs from what the graph has."""
    if before != after:
        properties = _stored(after)
        _write(database, "MERGE (r:AlertRule {id: $id}) SET r = $rule", {"id": after.id, "rule": properties})


def read_alerts(database: Database, rule_id: str, ids: Iterable[str]) -> tuple[dict[str, Alert], set[str]]:
    """The rule's alerts that are not resolved, and those of `ids`; with the ids of those that lost their edge."""
    rows = database.read(_OF_RULE, {"rule": rule_id, "ids": list(ids)})
    alerts = [alert_of(row["alert"]) for row in rows]
    adrift = {alert.id for alert, row in zip(alerts, rows, strict=True) if row["adrift"]}
    return {alert.id: alert for alert in alerts}, adrift


def alert_of(stored: Mapping[str, Any]) -> Alert:
    """The alert of a node's properties. Raises DamagedError where they are not as we write them."""
    try:
        return Alert.model_validate(stored)
    except ValidationError as error:
        raise DamagedError(f"the node (:Alert {{id: {stored.get('id')!r}}}) was changed by hand; delete it") from error


def write_steps(database: Database, steps: Sequence[Step], also: Also | None = None) -> None:
    """The one place where what an evaluation did to alerts is written, in batches of one transaction each.

    steps: the alerts that differ from what the graph has, each with its event; those with `is_news` are what people
    may hear of (`alert.baseline` tells those of a baseline). also: is called in each batch's transaction with the
    batch's steps, so that what it writes there (an outbox) is there exactly if the alerts are. A transaction that is
    tried again calls it again, so it must MERGE; `alert.notify_key` and the event name an occasion for good. An alert
    to which something happened since it was read is left as it is, and the next evaluation sees to it.
    """
    for start in range(0, len(steps), BATCH):
        part = steps[start : start + BATCH]
        rows = [{"id": step.alert.id, "alert": _stored(step.alert)} for step in part]

        def work(transaction: Transaction, part: Sequence[Step] = part, rows: list[Any] = rows) -> None:
            written, _ = transaction.apply(_WRITE, {"rows": rows})
            if also is not None:
                ids = {row["id"] for row in written}
                also(transaction, [step for step in part if step.alert.id in ids])

        database.write(work)


def write_alert(database: Database, alert: Alert) -> None:
    """Writes what somebody did to an alert by hand. Raises UsageError where it has changed since it was read."""
    rows = [{"id": alert.id, "alert": _stored(alert)}]
    written, _ = database.write(lambda transaction: transaction.apply(_WRITE, {"rows": rows}))[0]
    if not written:
        raise UsageError(f"Alert {alert.id[:SHORT_ID]} has just changed; look at it, and do it again.")


def _stored(model: BaseModel) -> dict[str, Any]:
    """A model as node properties: in camel case, tuples as lists, without nulls."""
    properties = model.model_dump(by_alias=True, exclude_none=True)
    return {
        name: list(value) if isinstance(value, tuple) else (str(value) if isinstance(value, str) else value)
        for name, value in properties.items()
    }


def _write(database: Database, statement: str, parameters: dict[str, Any]) -> None:
    def work(transaction: Transaction) -> None:
        transaction.apply(statement, parameters)

    database.write(work)
