"""Alerts as people look at them: lists, and one by its id."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import SHORT_ID, Alert, State
from loader.alerts.rule import Rule
from loader.alerts.store import DamagedError, alert_of
from loader.coverage.coverage import Coverage
from loader.errors import UsageError
from loader.graph.native import native
from loader.packs.places import subscriptions
from loader.verdicts import Severity

if TYPE_CHECKING:
    from loader.graph import Database

logger = logging.getLogger(__name__)

# Whoever has no owner, in a filter.
NOBODY = "-"
_MOST = 2**31
# What a list shows unless it is asked for more: what somebody may still have to do.
UNRESOLVED = (State.OPEN, State.ACKNOWLEDGED, State.MUTED)

_WHERE = """
MATCH (a:Alert)
WHERE a.notifyKey IS NOT NULL AND a.state IN $states AND ($severities IS NULL OR a.severity IN $severities)
  AND ($rules IS NULL OR a.ruleId IN $rules) AND ($types IS NULL OR a.entityType IN $types)
  AND ($owners IS NULL OR toLower(coalesce(a.owner, '')) IN $owners)
  AND ($subscriptions IS NULL OR split(a.entityKey, '/')[2] IN $subscriptions
    OR split(coalesce(a.scope, ''), '|')[1] IN $subscriptions)
  AND (NOT $new OR a.isNew) AND ($since IS NULL OR a.openedAt >= $since)
"""
# Sorted there, so that of ten thousand alerts no more than one batch has to be held here.
_LIST = f"""{_WHERE}
WITH a ORDER BY [at IN range(0, size($stateOrder) - 1) WHERE $stateOrder[at] = a.state],
  [at IN range(0, size($severityOrder) - 1) WHERE $severityOrder[at] = a.severity], a.openedAt DESC, a.title, a.id
LIMIT $limit
OPTIONAL MATCH (a)-[:ALERT_ON]->(e)
WITH a, collect(e)[0] AS e
RETURN properties(a) AS alert, e.webLink AS webLink
"""
_COUNT = f"{_WHERE} RETURN count(a) AS alerts"
_BY_STATE = "MATCH (a:Alert) WHERE a.notifyKey IS NOT NULL RETURN a.state AS state, count(a) AS alerts"
_OF_RULE = "MATCH (a:Alert {ruleId: $rule}) RETURN a.ruleId AS rule LIMIT 1"
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
            "owner": self.alert.owner,
            "type": self.alert.entity_type,
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


def rule_facts(rule: Rule | None) -> dict[str, Any]:
    """What the library says of a rule to whoever reads its alert; empty texts where it has it no more."""
    return {
        "description": rule.description if rule else "",
        "remediation": rule.remediation if rule else "",
        "references": rule.references if rule else [],
        "overridden": [change.as_json() for change in rule.overridden] if rule else [],
    }


def rules_without_alerts(database: Database, rules: Iterable[str]) -> list[str]:
    """Those of the rules that never opened an alert, as a misspelt one never did."""
    return [rule for rule in rules if not database.read(_OF_RULE, {"rule": rule})]


def there_are(database: Database) -> str:
    """What is said where a list is empty: which alerts there are, lest none be taken for nothing wrong."""
    found = {row["state"]: row["alerts"] for row in database.read(_BY_STATE)}
    if not found:
        return "There is no alert yet; `azgraph alerts evaluate` opens them."
    return f"No alert fits. There are: {', '.join(f'{found[one]:,} {one}' for one in State if one in found)}."


@dataclass(frozen=True, slots=True)
class Filter:
    """Which alerts are listed; what is empty filters nothing.

    owners: in any case; `-` stands for those without one. subscriptions: ids, or names where the graph knows them.
    new: only what opened or reopened with the latest evaluated run. since: opened or reopened at that time or after.
    """

    states: Sequence[State] = UNRESOLVED
    severities: Sequence[Severity] = ()
    rules: Sequence[str] = ()
    owners: Sequence[str] = ()
    subscriptions: Sequence[str] = ()
    types: Sequence[str] = ()
    new: bool = False
    since: datetime | None = None

    def parameters(self, database: Database) -> dict[str, Any]:
        """As the queries take them. Raises UsageError for a subscription that the graph does not know."""
        known = Coverage.read(database, ()).subscriptions if self.subscriptions else {}
        since = self.since if self.since is None or self.since.tzinfo else self.since.replace(tzinfo=UTC)
        return {
            "states": [str(state) for state in self.states],
            "severities": [str(severity) for severity in self.severities] or None,
            "rules": list(self.rules) or None,
            "types": list(self.types) or None,
            "owners": ["" if one == NOBODY else one.lower() for one in self.owners] or None,
            "subscriptions": [one.rpartition("/")[2] for one in subscriptions(self.subscriptions, known)] or None,
            "new": self.new,
            "since": since,
            "stateOrder": [str(state) for state in State],
            "severityOrder": [str(severity) for severity in Severity],
        }


def stream_alerts(database: Database, wanted: Filter, *, limit: int | None = None) -> Iterator[Listed]:
    """These alerts one after the other: open ones first, the worst of them first, then the newest."""
    parameters = {**wanted.parameters(database), "limit": limit or _MOST}
    return _readable(native(row) for row in database.stream(_LIST, parameters))


def count_alerts(database: Database, wanted: Filter) -> int:
    """How many alerts there are of these."""
    return int(database.read(_COUNT, wanted.parameters(database))[0]["alerts"])


def list_alerts(
    database: Database,
    *,
    states: Iterable[State] = UNRESOLVED,
    severities: Iterable[Severity] = (),
    rules: Iterable[str] = (),
) -> list[Listed]:
    """Alerts in these states, in the order of `stream_alerts`. No filter means all."""
    return list(stream_alerts(database, Filter(tuple(states), tuple(severities), tuple(rules))))


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


def _readable(rows: Iterable[dict[str, Any]]) -> Iterator[Listed]:
    """Those that are as we write them; one that was changed by hand is told of in the log, and is no other's end."""
    for row in rows:
        try:
            yield _listed(row)
        except DamagedError as error:
            logger.error("An alert is left out: %s.", error)


def _listed(row: dict[str, Any]) -> Listed:
    return Listed(alert_of(row["alert"]), str(row["webLink"] or ""))
