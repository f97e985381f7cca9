"""What people do with alerts: acknowledge, mute, unmute or close one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import SHORT_ID, Alert, State
from loader.alerts.listing import find_alert
from loader.alerts.scopes import last_run
from loader.alerts.store import write_alert
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.graph import Database


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


def unmute(database: Database, alert_id: str, note: str = "", *, now: datetime | None = None) -> Alert:
    """Lifts a mute: what is still found is open again. Raises UsageError for an alert that is not muted."""
    alert = find_alert(database, alert_id).alert
    if not alert.muted:
        raise UsageError(f"Alert {alert.id[:SHORT_ID]} is not muted.")
    state = State.OPEN if alert.state is State.MUTED else alert.state
    return _save(database, alert, "unmuted", note, now, state=state, muted=False, muted_until=None)


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
