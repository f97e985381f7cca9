"""An occasion to tell somebody: one event of one alert, with what was known of it when it happened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loader.alerts.alert import Alert
from loader.notify.document import AlertFacts, ChangeFacts, EntityFacts, RuleFacts, Subscription, cut, cut_values

# What ends an alert; it is told to whom its opening was told.
ENDS = ("resolved", "closed")
# What begins one or calls it to mind.
NEWS = ("opened", "reopened", "reminded", "raised", "unmuted")
# Of these, what may happen more than once to one opening.
_AGAIN = ("raised", "unmuted")


@dataclass(frozen=True, slots=True)
class Notice:
    """As the graph keeps it. opening: names the opening that it belongs to, the same for all that follows of it."""

    id: str
    alert_id: str
    opening: str
    event: str
    at: datetime
    facts: AlertFacts

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self.facts.rule.id


def notice_id(alert: Alert, event: str) -> str:
    """One for each occasion, however often it is evaluated."""
    run = f"\0{json.loads(alert.history[-1])['seq']}" if event in _AGAIN and alert.history else ""
    return hashlib.sha256(f"{alert.notify_key}\0{event}{run}".encode()).hexdigest()[:32]


def opening_of(alert: Alert) -> str:
    """Names this opening of the alert: another one comes when it reopens."""
    return f"{alert.id}:{alert.times_opened}"


def facts_of(alert: Alert, event: str, rule: RuleFacts, around: Mapping[str, Any]) -> AlertFacts:
    """What is told of an alert. around: what the graph knows of its entity: webLink, subscription, changes."""
    return AlertFacts(
        id=alert.id,
        event=event,
        rule=rule,
        severity=str(alert.severity),
        state=str(alert.state),
        title=cut(alert.title, 500),
        entity=EntityFacts(
            key=cut(alert.entity_key),
            type=alert.entity_type,
            name=cut(alert.entity_name, 500),
            web_link=str(around.get("webLink") or ""),
            subscription=Subscription(id=alert.subscription, name=cut(str(around.get("subscription") or ""), 500)),
        ),
        owner=cut(alert.owner, 500),
        values=cut_values(json.loads(alert.values or "{}")),
        times_opened=alert.times_opened,
        bucket=alert.bucket,
        opened_at=alert.opened_at,
        resolved_at=alert.resolved_at,
        changes=tuple(_change(one) for one in around.get("changes") or ()),
    )


def _change(stored: Mapping[str, Any]) -> ChangeFacts:
    return ChangeFacts(
        op=str(stored.get("op") or ""),
        path=str(stored.get("path") or ""),
        before=_short(stored.get("before")),
        after=_short(stored.get("after")),
        actor=cut(str(stored.get("actorName") or stored.get("actor") or ""), 200),
    )


def _short(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else cut(str(value), 200)
