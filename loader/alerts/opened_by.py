"""Which changes opened an alert: known of change rules, looked up for states, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Alert
from loader.alerts.life import Step

if TYPE_CHECKING:
    from loader.graph import Database

# Changes of one run are what one look at Azure found different. Of several runs nobody knows which it was.
_CHANGED = """
UNWIND $keys AS key
MATCH (c:Change {entityKey: key}) WHERE c.runSeq > $since AND c.runSeq <= $until
WITH key, collect(DISTINCT c.runSeq) AS runs, collect(c.id) AS ids
WHERE size(runs) = 1 AND size(ids) <= $most
RETURN key, ids
"""
# More of them would explain nothing.
_MOST = 10


def with_changes(database: Database, steps: Sequence[Step], since: int, until: int) -> list[Step]:
    """The steps with those that opened led to what the entity's changes since the last evaluation were.

    Only where they are of one run. What a baseline finds was there before anybody looked.
    """
    keys = {
        step.alert.entity_key
        for step in steps
        if step.event in ("opened", "reopened") and not step.alert.baseline and not step.alert.opened_by
    }
    if not keys:
        return list(steps)
    rows = database.read(_CHANGED, {"keys": sorted(keys), "since": since, "until": until, "most": _MOST})
    changes = {row["key"]: tuple(sorted(row["ids"])) for row in rows}
    return [_led(step, changes) for step in steps]


def _led(step: Step, changes: dict[str, tuple[str, ...]]) -> Step:
    alert = step.alert
    if step.event not in ("opened", "reopened") or alert.baseline or alert.opened_by or alert.entity_key not in changes:
        return step
    return Step(alert.model_copy(update={"opened_by": changes[alert.entity_key]}), step.event)


_TOLD = """
MATCH (c:Change) WHERE c.id IN $ids
RETURN c.id AS id, c.runSeq AS run, toString(c.at) AS at, c.op AS op, c.path AS path, c.before AS before,
  c.after AS after, coalesce(c.actorName, c.actor) AS actor
ORDER BY run, path, id
"""


def changes_of(database: Database, alert: Alert) -> list[dict[str, Any]]:
    """The changes that opened an alert, as far as the graph still keeps them; who made them where Azure told."""
    if not alert.opened_by:
        return []
    rows = database.read(_TOLD, {"ids": list(alert.opened_by)})
    return [{name: value for name, value in row.items() if value not in (None, "")} for row in rows]
