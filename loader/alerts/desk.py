"""What people do with alerts: list them, look at one, acknowledge, mute or close it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import SHORT_ID, Alert, State
from loader.alerts.rule import Rule
from loader.alerts.scopes import last_run
from loader.alerts.store import DamagedError, alert_of, write_alert
from loader.errors import UsageError
from loader.verdicts import Severity

if TYPE_CHECKING:
    from loader.graph import Database

logger = logging.getLogger(__name__)

# What a list shows unless it is asked for more: what somebody may still have to do.
UNRESOLVED = (State.OPEN, State.ACKNOWLEDGED, State.MUTED)

_LIST = """
MATCH (a:Alert)
WHERE a.notifyKey IS NOT NULL AND a.state IN $states AND ($severities IS NULL OR a.severity IN $severities)
  AND ($rules IS NULL OR a.ruleId IN $rules)
OPTIONAL MATCH (a)-[:ALERT_ON]->(e)
WITH a, head(collect(e)) AS e
RETURN properties(a) AS alert, e.webLink AS webLink
"""
_FIND = """
MATCH (a:Alert) WHERE a.notifyKey IS NOT NULL AND a.id STARTS WITH $id
OPTIONAL MATCH (a)-[:ALERT_ON]->(e)
WITH a, head(collect(e)) AS e
RETURN properties(a) AS alert, e.webLink AS webLink LIMIT 2
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert, and where Azure's portal shows what it is about (empty where the entity is gone)."""

    alert: Alert
    web_link: str

    def as_json(self) -> dict[str, Any]:
        alert = self.alert.model_dump(mode="json", by_alias=True)
        alert["values"] = json.loads(self.alert.values)
        alert["history"] = [json.loads(event) for event in self.alert.history]
        return {**alert, "webLink": self.web_link}

    def as_row(self) -> dict[str, Any]:
        """The alert as a line of a list."""
        return {
            "id": self.alert.id[:SHORT_ID],
            "severity": str(self.alert.severity),
            "state": str(self.alert.state),
            "title": self.alert.title,
            "rule": self.alert.rule_id,
            "opened": self.alert.opened_at.date().isoformat(),
            "entity": self.alert.entity_key,
            "isNew": self.alert.is_new,
            "timesOpened": self.alert.times_opened,
            "webLink": self.web_link,
        }


def states_named(names: Iterable[str]) -> tuple[State, ...]:
    """States by their names, where `all` is every one. Raises UsageError for a name that is none."""
    wanted = [name.lower() for name in names]
    for name in wanted:
        if name not in (*State, "all"):
            raise UsageError(f"There is no state {name!r}; choose from {', '.join(State)} and all.")
    return tuple(state for state in State if "all" in wanted or state in wanted)


def rule_facts(rules: Iterable[Rule], rule_id: str) -> dict[str, Any]:
    """What the library says of a rule to whoever reads its alert; empty texts where it is not among these rules."""
    rule = next((rule for rule in rules if rule.id == rule_id), None)
    return {
        "description": rule.description if rule else "",
        "remediation": rule.remediation if rule else "",
        "references": rule.references if rule else [],
        "overridden": [change.as_json() for change in rule.overridden] if rule else [],
    }


def list_alerts(
    database: Database,
    *,
    states: Iterable[State] = UNRESOLVED,
    severities: Iterable[Severity] = (),
    rules: Iterable[str] = (),
) -> list[Listed]:
    """Alerts in these states; open ones first, the worst of them first, then the newest. No filter means all."""
    rows = database.read(
        _LIST,
        {
            "states": [str(state) for state in states],
            "severities": [str(severity) for severity in severities] or None,
            "rules": list(rules) or None,
        },
    )
    order = list(State)
    return sorted(
        _readable(rows),
        key=lambda one: (
            order.index(one.alert.state),
            one.alert.severity.rank,
            -one.alert.opened_at.timestamp(),
            one.alert.title,
            one.alert.id,
        ),
    )


def find_alert(database: Database, alert_id: str) -> Listed:
    """The alert with this id, or with an id that begins so. Raises UsageError where there is none or more than one."""
    rows = database.read(_FIND, {"id": alert_id}) if alert_id else []
    if not rows:
        raise UsageError(f"There is no alert {alert_id!r}; `azgraph alerts list` shows their ids.")
    if len(rows) > 1:
        raise UsageError(f"Several alerts have an id that begins with {alert_id!r}; give more of it.")
    try:
        return _listed(rows[0])
    except DamagedError as error:
        raise UsageError(f"The alert cannot be shown: {error}.") from error


def acknowledge(database: Database, alert_id: str, note: str = "", *, now: datetime | None = None) -> Alert:
    """Somebody looks after it: it stays until the rule no longer finds it. Raises UsageError for a resolved one."""
    alert = _unresolved(database, alert_id, "acknowledged")
    return _save(database, alert, "acknowledged", note, now, state=State.ACKNOWLEDGED, muted=False, muted_until=None)


def mute(
    database: Database, alert_id: str, note: str, *, until: datetime | None = None, now: datetime | None = None
) -> Alert:
    """Nobody wants to hear of it, until a point in time or for good; it stays muted when the finding comes and goes."""
    moment = now or datetime.now(UTC)
    if until is not None and until <= moment:
        raise UsageError(f"A mute must end in the future; {until.isoformat()} is over.")
    alert = _unresolved(database, alert_id, "muted")
    return _save(database, alert, "muted", note, moment, state=State.MUTED, muted=True, muted_until=until)


def resolve(database: Database, alert_id: str, note: str = "", *, now: datetime | None = None) -> Alert:
    """Closes it by hand; it reopens where a later run still finds it. Raises UsageError for a resolved one."""
    alert = _unresolved(database, alert_id, "closed")
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    seq = last_run(database).seq
    return _save(
        database,
        alert,
        "closed",
        note,
        moment,
        state=State.RESOLVED,
        resolved_at=moment,
        resolved_seq=seq,
        resolved_by="hand",
        is_new=False,
    )


def _readable(rows: Iterable[dict[str, Any]]) -> Iterator[Listed]:
    """Those that are as we write them; one that was changed by hand is told of in the log, and is no other's end."""
    for row in rows:
        try:
            yield _listed(row)
        except DamagedError as error:
            logger.error("An alert is left out: %s.", error)


def _listed(row: dict[str, Any]) -> Listed:
    return Listed(alert_of(row["alert"]), str(row["webLink"] or ""))


def _unresolved(database: Database, alert_id: str, wanted: str) -> Alert:
    alert = find_alert(database, alert_id).alert
    if alert.state is State.RESOLVED:
        raise UsageError(f"Alert {alert.id[:SHORT_ID]} is resolved already and cannot be {wanted}.")
    return alert


def _save(database: Database, alert: Alert, event: str, note: str, now: datetime | None, **changes: Any) -> Alert:
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    changed = alert.to(event, moment, alert.last_seen_seq, remark=note, note=note or alert.note, **changes)
    write_alert(database, changed)
    return changed
