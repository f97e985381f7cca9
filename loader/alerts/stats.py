"""Numbers that people ask for: how long until something is resolved, what is new and what is resolved each week."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from loader.verdicts import Severity

if TYPE_CHECKING:
    from loader.graph import Database

_ALERTS = """
MATCH (a:Alert) WHERE a.notifyKey IS NOT NULL
RETURN a.ruleId AS rule, a.severity AS severity, coalesce(a.owner, '') AS owner, a.state AS state,
  coalesce(a.resolvedBy, '') AS resolvedBy, coalesce(a.history, []) AS history
"""
_HOUR = 3600
BY = ("owner", "severity", "rule")


@dataclass(slots=True)
class Tally:
    """The numbers of some alerts. seconds: from opening to resolving, over all `repaired` that were resolved.

    new counts openings and reopenings, but not a baseline; repaired what the rule no longer finds or a person closed.
    """

    there: int = 0
    new: int = 0
    repaired: int = 0
    seconds: float = 0.0

    @property
    def hours(self) -> float | None:
        """The mean time to resolve in hours; None where nothing was resolved."""
        return round(self.seconds / self.repaired / _HOUR, 1) if self.repaired else None

    def as_json(self) -> dict[str, Any]:
        return {"there": self.there, "new": self.new, "resolved": self.repaired, "hoursToResolve": self.hours}


@dataclass(slots=True)
class Stats:
    """The numbers of all alerts, of each week (by its Monday), and by owner, severity and rule."""

    whole: Tally = field(default_factory=Tally)
    weeks: dict[str, Tally] = field(default_factory=dict)
    by: dict[str, dict[str, Tally]] = field(default_factory=lambda: {name: {} for name in BY})

    def as_json(self) -> dict[str, Any]:
        return {
            "all": self.whole.as_json(),
            "weeks": [{"week": week, "new": one.new, "resolved": one.repaired} for week, one in self.weeks.items()],
            **{f"by{name.capitalize()}": self.rows(name) for name in BY},
        }

    def rows(self, name: str) -> list[dict[str, Any]]:
        """One group of numbers as rows: severities in their order, the others by what is there."""
        order = [str(one) for one in Severity]
        groups = self.by[name].items()
        ranked = sorted(groups, key=lambda one: (order.index(one[0]) if one[0] in order else -one[1].there, one[0]))
        return [{name: key or "nobody", **tally.as_json()} for key, tally in ranked]


def stats(database: Database, *, weeks: int = 8, now: datetime | None = None) -> Stats:
    """The numbers of all alerts that are kept, read one after the other.

    weeks: so many are told one by one, the running one last; the other numbers are about all time. An alert keeps its
    newest events only, so of one that flaps for months the oldest openings are no longer counted.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    found = Stats()
    first = _monday(moment) - timedelta(weeks=weeks - 1)
    found.weeks = {_week(first + timedelta(weeks=number)): Tally() for number in range(weeks)}
    for row in database.stream(_ALERTS):
        groups = [found.by[name].setdefault(str(row[name]), Tally()) for name in BY]
        for tally in (found.whole, *groups):
            tally.there += row["state"] != "resolved"
        for event in _events(row):
            week = found.weeks.get(_week(event.at))
            for tally in (found.whole, *groups, *([week] if week else ())):
                tally.new += event.new
                tally.repaired += event.repaired
                tally.seconds += event.seconds
    return found


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    new: bool = False
    repaired: bool = False
    seconds: float = 0.0


def _events(row: Mapping[str, Any]) -> Iterator[_Event]:
    """The openings and repairs in an alert's history."""
    opened: datetime | None = None
    history = list(_read(row["history"]))
    for position, (event, at, note) in enumerate(history):
        if event in ("opened", "reopened"):
            opened = at
            if note != "baseline":
                yield _Event(at, new=True)
            continue
        by_hand = event == "closed" and row["resolvedBy"] == "hand" and position == len(history) - 1
        if event == "resolved" or by_hand:
            yield _Event(at, repaired=opened is not None, seconds=(at - opened).total_seconds() if opened else 0)
            opened = None


def _read(history: Iterable[Any]) -> Iterator[tuple[str, datetime, str]]:
    """The events that can be read; what somebody changed by hand counts for nothing."""
    for written in history:
        try:
            entry = json.loads(written)
            yield str(entry["event"]), datetime.fromisoformat(entry["at"]), str(entry.get("note", ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def _monday(moment: datetime) -> datetime:
    return moment - timedelta(days=moment.weekday())


def _week(moment: datetime) -> str:
    return _monday(moment).date().isoformat()
