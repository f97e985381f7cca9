"""Digests to look at: what the next one of a route would say, and what happened with the latest run."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.store import alert_of
from loader.notify.deliveries import Delivery, read_waiting
from loader.notify.document import Document, Kind, RuleFacts
from loader.notify.message import document
from loader.notify.notice import ENDS, NEWS, Notice, facts_of, notice_id, opening_of
from loader.notify.sending import Post

if TYPE_CHECKING:
    from loader.graph import Database

_HAPPENED = """
MATCH (r:SyncRun) WHERE r.status IN ['complete', 'partial'] WITH max(r.seq) AS latest
MATCH (a:Alert) WHERE a.notifyKey IS NOT NULL AND any(one IN a.history WHERE one CONTAINS '"seq": ' + toString(latest))
OPTIONAL MATCH (a)-[:ALERT_ON]->(e:Entity)
OPTIONAL MATCH (s:Entity {_key: '/subscriptions/' + split(a.entityKey, '/')[2]})
RETURN properties(a) AS alert, latest AS seq, e.webLink AS webLink, s.name AS subscription,
       COLLECT { MATCH (a)-[:OPENED_BY]->(c) RETURN properties(c) ORDER BY c.id LIMIT 5 } AS changes
"""


def waiting(database: Database, post: Post, route: str | None = None) -> list[Document]:
    """What the next digest of each route would say; without those of which nothing waits."""
    found = []
    for one in post.notify.routes:
        if route not in (None, one.name) or one.digest is None:
            continue
        # Several channels of a route have the same digest.
        deliveries = {each.notice.id: each for each in read_waiting(database, one.name)}
        if deliveries:
            found.append(document(uuid.uuid4().hex, Kind.DIGEST, list(deliveries.values())))
    return found


def latest(database: Database, rules: dict[str, RuleFacts]) -> Document:
    """What became of alerts with the latest run, whatever routes there are. A baseline is no news."""
    rows = database.read(_HAPPENED)
    deliveries = [Delivery(id=one.id, notice=one, route="latest run") for row in rows for one in _notices(row, rules)]
    if deliveries:
        return document(uuid.uuid4().hex, Kind.DIGEST, deliveries)
    return Document(
        id=uuid.uuid4().hex,
        kind=Kind.DIGEST,
        event="several",
        at=datetime.now(UTC),
        route="latest run",
        total=0,
        severities={},
        events={},
        rules={},
        alerts=(),
    )


def _notices(row: Any, rules: dict[str, RuleFacts]) -> Iterator[Notice]:
    alert = alert_of(row["alert"])
    for event, at in _events(alert.history, row["seq"]):
        if event in (*NEWS, *ENDS) and not (event == "opened" and alert.baseline):
            rule = rules.get(alert.rule_id) or RuleFacts(id=alert.rule_id, title=alert.rule_id)
            facts = facts_of(alert, event, rule, row)
            yield Notice(notice_id(alert, event), alert.id, opening_of(alert), event, at, facts)


def _events(history: Iterable[str], seq: int) -> Iterator[tuple[str, datetime]]:
    for one in map(json.loads, history):
        if one["seq"] == seq:
            yield one["event"], datetime.fromisoformat(one["at"])
