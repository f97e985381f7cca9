"""Times of day and of the week: when a digest is due, and when it is to be quiet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOW_DIGEST = "write a time for each day such as 08:00, or a day of the week before it, such as monday 08:00"
HOW_HOURS = "write two different times such as 22:00-07:00"
_TIME = r"([01]?\d|2[0-3]):([0-5]\d)"


@dataclass(frozen=True, slots=True)
class Digest:
    """When a digest is due: each day at a time, or on one day of the week (0 is Monday)."""

    at: time
    weekday: int | None = None

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first time that it is due after a moment, in UTC."""
        day = moment.astimezone(zone).date()
        while True:
            due = instant(day, self.at, zone)
            if due > moment and self.weekday in (None, day.weekday()):
                return due
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of day to another; over midnight where the end comes before the beginning."""

    begin: time
    end: time


def parse_digest(written: str) -> Digest:
    """What `digest` says. Raises ValueError with what to write instead."""
    found = re.fullmatch(rf"(?:([a-z]+)\s+)?{_TIME}", written.strip().lower())
    if found is None or (found[1] or "daily") not in (*DAYS, "daily"):
        raise ValueError(f"{written[:40]!r} is no time of a digest; {HOW_DIGEST}")
    weekday = DAYS.index(found[1]) if found[1] in DAYS else None
    return Digest(time(int(found[2]), int(found[3])), weekday)


def parse_hours(written: str) -> Hours:
    """What `quiet.hours` says. Raises ValueError with what to write instead."""
    found = re.fullmatch(rf"{_TIME}\s*-\s*{_TIME}", written.strip())
    if found is None or found.group(1, 2) == found.group(3, 4):
        raise ValueError(f"{written[:40]!r} are no quiet hours; {HOW_HOURS}")
    return Hours(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))


def parse_zone(written: str) -> ZoneInfo:
    """A time zone by its name. Raises ValueError with what to write instead."""
    try:
        return ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{written[:40]!r} is no time zone; write one such as Europe/Berlin, or UTC") from error


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment at which a clock there shows this, in UTC.

    What it shows twice (when summer time ends) is the first of both; what it leaves out is as much later as it is put
    forward.
    """
    return datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))
