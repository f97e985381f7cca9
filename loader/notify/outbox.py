"""The outbox: what there is to tell, written in the very transaction in which the alerts are.

`(:Delivery {id})-[:DELIVERS]->(:Notice {id})-[:NOTICE_OF]->(:Alert)`. A notice is an occasion, a delivery is one
channel's part of it. Both have ids that follow from what they are, so that writing them again makes none twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Alert
from loader.alerts.life import Step
from loader.alerts.owners import places_of
from loader.alerts.rule import Rule
from loader.alerts.store import DamagedError, alert_of
from loader.config.notify import Route
from loader.graph.constraints import Held, ensure
from loader.notify.document import RuleFacts, cut
from loader.notify.notice import ENDS, NEWS, facts_of, notice_id, opening_of
from loader.notify.routing import Place, Way, waits, ways

if TYPE_CHECKING:
    from loader.graph.database import Database, Transaction

logger = logging.getLogger(__name__)

_SCHEMA = (
    Held("azgraph_notice_id", "Notice", ("id",), unique=True),
    Held("azgraph_delivery_id", "Delivery", ("id",), unique=True),
    Held("azgraph_notice_opening", "Notice", ("opening",)),
    Held("azgraph_notice_alert", "Notice", ("alertId",)),
    Held("azgraph_delivery_state", "Delivery", ("channel", "state")),
    Held("azgraph_delivery_message", "Delivery", ("messageId",)),
)
_AROUND = """
UNWIND $alerts AS one
OPTIONAL MATCH (e:Entity {_key: one.key})
OPTIONAL MATCH (s:Entity {_key: '/subscriptions/' + one.area})
RETURN one.id AS id, e.webLink AS webLink, s.name AS subscription,
       COLLECT { MATCH (c:Change) WHERE c.id IN one.changes RETURN properties(c) ORDER BY c.id LIMIT 5 } AS changes
"""
_TAGS = """
UNWIND $keys AS key MATCH (e:Entity {_key: key})
RETURN key, [name IN keys(e) WHERE name STARTS WITH 'tag.' | [toLower(substring(name, 4)), toString(e[name])]] AS tags
"""
_TOLD_BEFORE = """
UNWIND $openings AS opening
MATCH (n:Notice {opening: opening}) USING INDEX n:Notice(opening)
MATCH (n)<-[:DELIVERS]-(d) WHERE n.event IN $news
RETURN DISTINCT opening, d.channel AS channel, d.route AS route
"""
_WRITE = """
UNWIND $rows AS row
MERGE (n:Notice {id: row.id})
ON CREATE SET n += row.notice
WITH n, row
CALL (n, row) { MATCH (a:Alert {id: row.notice.alertId}) MERGE (n)-[:NOTICE_OF]->(a) }
UNWIND row.ways AS way
MERGE (d:Delivery {id: way.id})
ON CREATE SET d += way
MERGE (d)-[:DELIVERS]->(n)
"""
_CLOSED_BY_HAND = """
MATCH (a:Alert {state: 'resolved', resolvedBy: 'hand'})
MATCH (n:Notice {opening: a.id + ':' + toString(a.timesOpened)})
WITH a, collect(n.event) AS events
WHERE none(event IN events WHERE event IN $ends)
RETURN properties(a) AS alert
"""


def ensure_schema(database: Database) -> None:
    """Constraints and indexes of the outbox; does nothing where they exist. Raises as `ensure` does."""
    ensure(database, _SCHEMA)


@dataclass(frozen=True)
class Outbox:
    """Writes what the routes tell of an evaluation's steps; `write` is the `also` of `loader.alerts.store`.

    rules: what is told of each rule, by its id. packs_of: the packs of a rule. followers: channels in which something
    ends with the alert (issues), which hear of its end whatever their route tells.
    """

    routes: Sequence[Route]
    rules: Mapping[str, RuleFacts] = field(default_factory=dict)
    packs_of: Callable[[str], Collection[str]] = lambda _rule: ()
    followers: Collection[str] = ()

    def write(self, transaction: Transaction, steps: Sequence[Step]) -> None:
        """What is new of these alerts, as notices and deliveries. What a baseline finds is none."""
        news = [step for step in steps if step.event in NEWS and _is_told(step)]
        ends = [step for step in steps if step.event in ENDS]
        told = self._told_before(transaction, ends)
        ends = [step for step in ends if opening_of(step.alert) in told]
        if not news and not ends:
            return
        around = _around(transaction, [step.alert for step in (*news, *ends)])
        places = _places(transaction, news, around) if news else {}
        rows = []
        for step in news:
            found = ways(self.routes, step.alert, step.event, places[step.alert.id], self.packs_of)
            rows.append(self._row(step, found, around))
        rows += [self._row(step, self._ends(step, told[opening_of(step.alert)]), around) for step in ends]
        transaction.apply(_WRITE, {"rows": [row for row in rows if row["ways"]]})

    def close_by_hand(self, database: Database) -> None:
        """Makes up for alerts that somebody closed by hand, which no evaluation wrote."""
        rows = database.read(_CLOSED_BY_HAND, {"ends": list(ENDS)})
        steps = [Step(alert, "closed") for row in rows if (alert := _ours(row["alert"])) is not None]
        if steps:
            database.write(lambda transaction: self.write(transaction, steps))

    def _told_before(self, transaction: Transaction, ends: Sequence[Step]) -> dict[str, list[tuple[str, str]]]:
        if not ends:
            return {}
        openings = sorted({opening_of(step.alert) for step in ends})
        told: dict[str, list[tuple[str, str]]] = {}
        for row in transaction.run(_TOLD_BEFORE, openings=openings, news=list(NEWS)):
            told.setdefault(row["opening"], []).append((row["channel"], row["route"]))
        return told

    def _ends(self, step: Step, told: Iterable[tuple[str, str]]) -> list[Way]:
        routes = {route.name: route for route in self.routes}
        found: dict[str, Way] = {}
        for channel, name in sorted(told):
            route = routes.get(name)
            if channel in self.followers:
                found[channel] = Way(channel, name, digest=False)
            elif route is not None and step.event in route.events and not step.alert.muted:
                found[channel] = Way(channel, name, waits(route, step.event))
        return list(found.values())

    def _row(self, step: Step, found: Iterable[Way], around: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        alert, event = step.alert, step.event
        rule = self.rules.get(alert.rule_id) or RuleFacts(id=alert.rule_id, title=alert.rule_id)
        facts = facts_of(alert, event, rule, around[alert.id])
        name = notice_id(alert, event)
        at = alert.resolved_at if event in ENDS and alert.resolved_at else _happened(alert)
        return {
            "id": name,
            "notice": {
                "alertId": alert.id,
                "ruleId": alert.rule_id,
                "opening": opening_of(alert),
                "event": event,
                "at": at,
                "severity": str(alert.severity),
                "title": facts.title,
                "facts": facts.model_dump_json(by_alias=True),
            },
            "ways": [
                {
                    "id": delivery_id(name, way.channel),
                    "channel": way.channel,
                    "route": way.route,
                    "digest": way.digest,
                    "state": "pending",
                    "attempts": 0,
                }
                for way in found
            ],
        }


def delivery_id(notice: str, channel: str) -> str:
    """One for each notice and channel."""
    return hashlib.sha256(f"{notice}\0{channel}".encode()).hexdigest()[:32]


def rule_facts(rules: Iterable[Rule]) -> dict[str, RuleFacts]:
    """What is told of rules, by their ids."""
    return {
        rule.id: RuleFacts(
            id=rule.id,
            title=cut(rule.title, 500),
            description=cut(" ".join(rule.description.split())),
            remediation=cut(" ".join(rule.remediation.split())),
            references=tuple(rule.references[:5]),
        )
        for rule in rules
    }


def _ours(stored: Mapping[str, Any]) -> Alert | None:
    """The alert of a node; None for one that was changed by hand, which keeps nobody else from being told."""
    try:
        return alert_of(stored)
    except DamagedError as error:
        logger.error("The end of an alert is not told: %s.", error)
        return None


def _is_told(step: Step) -> bool:
    return not step.alert.muted and not (step.event == "opened" and step.alert.baseline)


def _happened(alert: Alert) -> datetime:
    """When its newest event was."""
    return datetime.fromisoformat(json.loads(alert.history[-1])["at"]) if alert.history else alert.opened_at


def _around(transaction: Transaction, alerts: Sequence[Alert]) -> dict[str, dict[str, Any]]:
    rows = transaction.run(
        _AROUND,
        alerts=[
            {"id": one.id, "key": one.entity_key, "area": one.area, "changes": list(one.opened_by)} for one in alerts
        ],
    )
    return {row["id"]: dict(row) for row in rows}


def _places(
    transaction: Transaction, steps: Sequence[Step], around: Mapping[str, Mapping[str, Any]]
) -> dict[str, Place]:
    """The tags of each alert's entity; what it does not have itself is what it is in has."""
    keys = {step.alert.id: list(places_of(step.alert.entity_key)) for step in steps}
    rows = transaction.run(_TAGS, keys=sorted({key for found in keys.values() for key in found}))
    tags = {row["key"]: {name: value or "" for name, value in row["tags"]} for row in rows}
    found = {}
    for alert, places in keys.items():
        merged: dict[str, str] = {}
        for key in reversed(places):
            merged |= tags.get(key, {})
        found[alert] = Place(merged, str(around[alert].get("subscription") or ""))
    return found
