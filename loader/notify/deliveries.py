"""Deliveries in the graph, and the states they go through.

    pending ── planned ── sending ── sent
      │           ▲          │
      │           └─ failed ─┼─ dead        refused, or tried too often
      │                      └─ unsure      nobody knows whether it left before a crash, and the channel leaves it
      └─ overtaken, dropped                 the alert is over already; nobody has had its route for two weeks

`planned` fixes which deliveries are one message, and its id; `sending` is written before the message leaves, `sent`
after. What is found in `sending` by who holds the lease is what a crash left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from loader.notify.document import AlertFacts, Kind
from loader.notify.notice import ENDS, Notice

if TYPE_CHECKING:
    from loader.graph.database import Database
    from loader.graph.lease import Lease

# Only where a search begins has a label: on a graph that has just begun Neo4j would plan to begin at the other end.
# What was put off by a clock that has been set back since is due.
_READ = """
MATCH (d:Delivery {channel: $channel, state: $state})-[:DELIVERS]->(n)
WHERE d.notBefore IS NULL OR d.notBefore <= $now OR d.changedAt > $now + duration({hours: 1})
OPTIONAL MATCH (a:Alert {id: n.alertId})
RETURN properties(d) AS delivery, properties(n) AS notice, a.state AS alertState,
       a IS NOT NULL AND n.opening = a.id + ':' + toString(a.timesOpened) AS thisOpening,
       EXISTS { MATCH (m:Notice {alertId: n.alertId}) USING INDEX m:Notice(alertId)
                WHERE m.at < n.at
                MATCH (m)<-[:DELIVERS]-(x)
                WHERE x.channel = d.channel AND x.state = 'planned' AND x.notBefore > $now } AS behind,
       EXISTS { MATCH (m:Notice {opening: n.opening}) USING INDEX m:Notice(opening)
                MATCH (m)<-[:DELIVERS]-(x)
                WHERE x.channel = d.channel AND x.state IN ['sent', 'sending', 'unsure', 'planned'] } AS told,
       head(COLLECT { MATCH (m:Notice {alertId: n.alertId}) USING INDEX m:Notice(alertId)
                      MATCH (m)<-[:DELIVERS]-(x) WHERE x.channel = d.channel AND x.receipt <> ''
                      RETURN x.receipt ORDER BY m.at DESC LIMIT 1 })
         AS receipt
ORDER BY n.at, n.id
"""
_WAITING = """
MATCH (d:Delivery {route: $route, state: 'pending', digest: true})-[:DELIVERS]->(n:Notice)
OPTIONAL MATCH (a:Alert {id: n.alertId})
RETURN properties(d) AS delivery, properties(n) AS notice, a.state AS alertState, true AS thisOpening, false AS behind,
       false AS told, null AS receipt
ORDER BY n.at, n.id
"""
_PLAN = """
UNWIND $rows AS row MATCH (d:Delivery {id: row.id})
SET d.state = row.state, d.messageId = row.message, d.kind = row.kind, d.changedAt = $now
"""
_SENDING = """
UNWIND $messages AS message MATCH (d:Delivery {messageId: message}) WHERE d.state = 'planned'
SET d.state = 'sending', d.attempts = d.attempts + 1, d.changedAt = $now
"""
_SENT = """
UNWIND $rows AS row MATCH (d:Delivery {messageId: row.message}) WHERE d.state = 'sending'
SET d.state = 'sent', d.sentAt = $now, d.changedAt = $now, d.receipt = row.receipt
REMOVE d.reason, d.notBefore, d.again
"""
_FAILED = """
UNWIND $messages AS message MATCH (d:Delivery {messageId: message}) WHERE d.state = 'sending'
SET d.state = $state, d.reason = $reason, d.notBefore = $until, d.changedAt = $now,
    d.again = CASE WHEN $again THEN true ELSE d.again END
"""
_CRASHED = """
MATCH (d:Delivery {channel: $channel, state: 'sending'})
SET d.state = $state, d.again = true, d.changedAt = $now,
    d.reason = 'azgraph ended while this was being sent; nobody knows whether it arrived'
RETURN count(DISTINCT d.messageId) AS messages
"""
_RETRY = """
MATCH (d:Delivery) WHERE d.messageId IS NOT NULL AND d.state IN $states
  AND ($channel IS NULL OR d.channel = $channel) AND ($message IS NULL OR d.messageId STARTS WITH $message)
SET d.again = coalesce(d.again, false) OR d.state = 'unsure',
    d.state = 'planned', d.attempts = 0, d.changedAt = $now REMOVE d.notBefore
RETURN count(DISTINCT d.messageId) AS messages
"""
# Of another configuration over the same graph, or of a route or channel that is gone; as `planning.is_ours` has it.
_STRANGE = """
MATCH (d:Delivery)-[:DELIVERS]->(n:Notice)
WHERE d.state IN ['pending', 'planned'] AND NOT [d.channel, d.route] IN $known
  AND (NOT d.channel IN $followers OR NOT n.event IN $ends)
"""
_DROP = f"""{_STRANGE} AND n.at < $before
SET d.state = 'dropped', d.changedAt = $now, d.reason = $reason
RETURN d.channel AS channel, d.route AS route, count(*) AS deliveries ORDER BY channel, route
"""
_LEFT = f"""{_STRANGE}
RETURN d.channel AS channel, d.route AS route, count(*) AS deliveries, min(n.at) AS oldest ORDER BY channel, route
"""
_LIST = """
MATCH (d:Delivery)-[:DELIVERS]->(n:Notice) WHERE d.state IN $states
WITH d.channel AS channel, d.state AS state, coalesce(d.messageId, d.id) AS message,
     collect({title: n.title, severity: n.severity, event: n.event, at: n.at}) AS notices, min(d.route) AS route,
     max(d.kind) AS kind, max(d.attempts) AS attempts, max(d.reason) AS reason, max(d.notBefore) AS notBefore,
     max(d.digest) AS digest, max(d.sentAt) AS sentAt
RETURN * ORDER BY channel, state, message
"""
_PRUNE = """
MATCH (n:Notice) WHERE n.at < $before
  AND NOT EXISTS { MATCH (n)<-[:DELIVERS]-(d) WHERE d.state IN ['pending', 'planned', 'sending'] }
  AND NOT EXISTS { MATCH (a:Alert {id: n.alertId}) WHERE a.state <> 'resolved' }
WITH n LIMIT 2000
OPTIONAL MATCH (n)<-[:DELIVERS]-(d)
DETACH DELETE d, n
"""
STATES = ("pending", "planned", "sending", "sent", "unsure", "dead", "overtaken", "dropped")
# What somebody may have to look at.
UNSETTLED = ("pending", "planned", "sending", "unsure", "dead")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One channel's part of a notice, as it is read.

    told: something of this opening of the alert has gone to the channel already. alert_state: the alert's state now,
    None where it is gone or has reopened since. receipt: what the channel made for the alert before (an issue's name).
    again: it may have left before. behind: what happened to the alert before it waits for another try, and goes first.
    kind and message: of what is planned.
    """

    id: str
    notice: Notice
    route: str
    digest: bool = False
    told: bool = False
    alert_state: str | None = None
    receipt: str = ""
    attempts: int = 0
    again: bool = False
    behind: bool = False
    kind: Kind = Kind.ALERT
    message: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """Deliveries that are told together. state: planned, or how those that are not told end."""

    deliveries: tuple[str, ...]
    state: str = "planned"
    kind: Kind | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """What this configuration tells: its channels with the routes that lead there, and those that follow alerts."""

    known: Sequence[tuple[str, str]]
    followers: Sequence[str]

    @property
    def parameters(self) -> dict[str, Any]:
        """As the queries take them."""
        return {"known": [list(one) for one in self.known], "followers": list(self.followers), "ends": list(ENDS)}


@dataclass(frozen=True, slots=True)
class Strange:
    """Deliveries of a channel and route that are not ours."""

    channel: str
    route: str
    deliveries: int
    oldest: datetime | None = None


class Deliveries:
    """Reads and writes the deliveries of the graph. lease: writes only while it is held."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database, self._lease = database, lease

    def read(self, channel: str, state: str, now: datetime) -> list[Delivery]:
        """Those of a channel in a state that are due, in the order in which things happened."""
        rows = self._database.read(_READ, {"channel": channel, "state": state, "now": now})
        return [_delivery(row) for row in rows]

    def plan(self, planned: Iterable[Planned], now: datetime) -> None:
        """Fixes what is one message, all at once."""
        rows = [
            {"id": delivery, "state": one.state, "message": one.message, "kind": one.kind and str(one.kind)}
            for one in planned
            for delivery in one.deliveries
        ]
        self._write(_PLAN, rows=rows, now=now)

    def sending(self, messages: Sequence[str], now: datetime) -> None:
        """Marks messages before they leave."""
        self._write(_SENDING, messages=list(messages), now=now)

    def sent(self, messages: Sequence[str], receipts: Sequence[str], now: datetime) -> None:
        """Marks messages that have arrived."""
        rows = [{"message": one, "receipt": receipt} for one, receipt in zip(messages, receipts, strict=True)]
        self._write(_SENT, rows=rows, now=now)

    def failed(self, messages: Sequence[str], reason: str, now: datetime, until: datetime | None) -> None:
        """Marks messages that certainly have not arrived. until: when to try again; None for never."""
        self._fail(messages, reason, now, until, for_good="dead", again=False)

    def unclear(self, messages: Sequence[str], reason: str, now: datetime, until: datetime | None) -> None:
        """Marks messages that may have arrived. until: when to send them again; None where somebody must decide."""
        self._fail(messages, reason, now, until, for_good="unsure", again=True)

    def _fail(
        self, messages: Sequence[str], reason: str, now: datetime, until: datetime | None, *, for_good: str, again: bool
    ) -> None:
        state = for_good if until is None else "planned"
        self._write(_FAILED, messages=list(messages), reason=reason, now=now, until=until, state=state, again=again)

    def crashed(self, channel: str, now: datetime, *, send_again: bool) -> int:
        """Settles what a crash left in the middle; gives how many messages that were."""
        rows = self._write(_CRASHED, channel=channel, now=now, state="planned" if send_again else "unsure")
        return int(rows[0]["messages"])

    def drop(self, ours: Ours, before: datetime, reason: str, now: datetime) -> list[Strange]:
        """Ends what is not ours and of what happened before a point in time; gives what that was."""
        rows = self._write(_DROP, before=before, reason=reason, now=now, **ours.parameters)
        return [Strange(row["channel"], row["route"], row["deliveries"]) for row in rows]

    def left(self, ours: Ours) -> list[Strange]:
        """What waits and is not ours."""
        rows = self._database.read(_LEFT, ours.parameters)
        return [Strange(row["channel"], row["route"], row["deliveries"], row["oldest"]) for row in rows]

    def retry(self, now: datetime, *, channel: str | None = None, message: str | None = None) -> int:
        """Lets what is dead, unsure or waits for another try be sent at once; gives how many messages."""
        states = ["dead", "unsure", "planned"]
        rows = self._write(_RETRY, now=now, channel=channel, message=message, states=states)
        return int(rows[0]["messages"])

    def prune(self, before: datetime) -> None:
        """Deletes a batch of notices of alerts that are over and told."""
        self._write(_PRUNE, before=before)

    def _write(self, statement: str, **parameters: Any) -> list[Any]:
        def work(transaction: Any) -> list[Any]:
            self._lease.check(transaction)
            rows: list[Any] = transaction.run(statement, **parameters)
            return rows

        return self._database.write(work)[0]


def read_waiting(database: Database, route: str) -> list[Delivery]:
    """What waits for the digest of a route."""
    return [_delivery(row) for row in database.read(_WAITING, {"route": route})]


def listed(database: Database, states: Iterable[str]) -> list[dict[str, Any]]:
    """Messages in these states, and what is not yet a message, each as a row."""
    return [dict(row) for row in database.read(_LIST, {"states": list(states)})]


def _delivery(row: Any) -> Delivery:
    stored, told = row["delivery"], row["notice"]
    notice = Notice(
        id=told["id"],
        alert_id=told["alertId"],
        opening=told["opening"],
        event=told["event"],
        at=told["at"],
        facts=AlertFacts.model_validate_json(told["facts"]),
    )
    return Delivery(
        id=stored["id"],
        notice=notice,
        route=stored["route"],
        digest=bool(stored.get("digest")),
        told=bool(row["told"]),
        alert_state=row["alertState"] if row["thisOpening"] else None,
        receipt=row["receipt"] or "",
        attempts=int(stored.get("attempts") or 0),
        again=bool(stored.get("again")),
        behind=bool(row["behind"]),
        kind=Kind(stored.get("kind") or Kind.ALERT),
        message=stored.get("messageId") or "",
    )
