"""What an alert is: one finding of a rule, with its life, as the graph keeps it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from loader.areas import is_subscription
from loader.verdicts import Severity

# The newest events of an alert that are kept: enough to see it flap, too few to grow without end.
HISTORY_LENGTH = 50
# As many characters of an id as a table shows; any beginning that is unique names the alert.
SHORT_ID = 8


class State(StrEnum):
    """Where an alert stands. Open, acknowledged and muted ones are there; resolved ones are gone or closed."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    RESOLVED = "resolved"


class Finding(BaseModel):
    """One row of a rule's query, ready to become an alert.

    seq: the run that shows it: the latest for a state, the one that recorded it for a change. values: JSON text.
    scope: the entity's `_scope` (`type|area|parent`), empty where the entity is not in the graph. there: the entity is
    in the graph and loaded, so that it can tell its owner.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    identity: str
    entity_key: str
    entity_type: str = ""
    entity_name: str = ""
    scope: str = ""
    title: str
    severity: Severity
    values: str
    seq: int
    bucket: int | None = None
    owner: str = ""
    there: bool = True
    # The ids of the changes that brought it, where that is known.
    opened_by: tuple[str, ...] = ()
    # Of a finding of Azure's own services: what these call it.
    said: tuple[str, ...] = ()


class Alert(BaseModel):
    """The properties of an `(:Alert)` node, in camel case there; times are UTC datetimes."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")

    id: str
    rule_id: str
    identity: str
    entity_key: str
    entity_type: str = ""
    entity_name: str = ""
    scope: str = ""
    title: str
    severity: Severity
    state: State
    opened_at: datetime
    opened_seq: int
    last_seen_seq: int
    times_opened: int = 1
    is_new: bool
    baseline: bool
    values: str
    notify_key: str
    bucket: int | None = None
    resolved_at: datetime | None = None
    resolved_seq: int | None = None
    # rule: no longer returned; time: a change rule's close_after; hand: `azgraph alerts resolve`; exception: somebody
    # has accepted it; other: another alert says the same; off: the rule is switched off.
    resolved_by: str | None = None
    muted_until: datetime | None = None
    muted: bool = False
    note: str = ""
    owner: str = ""
    # The ids of the changes that opened it, where that is known: its OPENED_BY relationships.
    opened_by: tuple[str, ...] = ()
    # What Azure's own services say of the same, which is told here and nowhere else.
    also: tuple[str, ...] = ()
    # One JSON object an event, oldest first: {"at", "seq", "event", "note"}.
    history: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """The subscription id, or the tenant's area (`tenant:<id>`, `shared:<id>`); empty where it is not known."""
        return area_of(self.scope, self.entity_key)

    @property
    def subscription(self) -> str:
        """The id of the subscription that it is in; empty where it is in none."""
        return self.area if is_subscription(self.area) else ""

    @property
    def parent(self) -> str:
        """The key of what the entity was fetched under; empty where there is none."""
        return self.scope.split("|", 2)[2] if self.scope.count("|") >= 2 else ""

    def to(self, event: str, at: datetime, seq: int, *, remark: str = "", **changes: Any) -> Alert:
        """This alert with `changes`, and the event in its history."""
        entry = json.dumps({"at": at.astimezone(UTC).isoformat(), "seq": seq, "event": event, "note": remark})
        return self.model_copy(update={**changes, "history": (*self.history, entry)[-HISTORY_LENGTH:]})

    def mute_holds(self, now: datetime) -> bool:
        """A mute outlives the finding: it holds until it is lifted or its time is over."""
        return self.muted and (self.muted_until is None or self.muted_until > now)


def area_of(scope: str, key: str) -> str:
    """The area of an entity, told by its `_scope` (`type|area|parent`); an id in a subscription is of that one."""
    if key.startswith("/subscriptions/"):
        return key.split("/")[2]
    return scope.split("|")[1] if "|" in scope else ""


def identity_of(values: list[Any]) -> str:
    """The identity text of a finding's declared columns; the same values give the same text in any run."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def alert_id(rule_id: str, identity: str) -> str:
    """The id of the alert: one for each rule and identity, so that writing it twice is writing it once."""
    return hashlib.sha256(f"{rule_id}\0{identity}".encode()).hexdigest()[:32]
