"""How often an instance is loaded: never, every so often, or as a cron line says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

DISABLED = "DISABLED"
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(weeks=1)
HOW = f"write {DISABLED}, a time from 30 minutes to 1 week such as 30m, 6h, 1d or 1w, or a cron line such as 0 3 * * *"

_SPAN = re.compile(r"(\d+)\s*([a-z]+)", re.IGNORECASE)
_UNITS = {
    "m": "minutes", "min": "minutes", "minute": "minutes", "minutes": "minutes",
    "h": "hours", "hour": "hours", "hours": "hours",
    "d": "days", "day": "days", "days": "days",
    "w": "weeks", "week": "weeks", "weeks": "weeks",
}  # fmt: skip
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# The fields of a cron line, with their least and greatest values and the names that stand for numbers.
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron line, each field as the values it allows; None where it allows all. Days of the week count from Sunday."""

    minutes: tuple[int, ...] | None
    hours: tuple[int, ...] | None
    days: tuple[int, ...] | None
    months: tuple[int, ...] | None
    weekdays: tuple[int, ...] | None


Interval = timedelta | Cron | None


def parse_interval(written: str) -> Interval:
    """What `interval` says; None for DISABLED. Raises ValueError with what to write instead."""
    text = written.strip()
    if text.upper() == DISABLED:
        return None
    if span := _SPAN.fullmatch(text):
        unit = _UNITS.get(span[2].lower())
        if unit is None:
            raise ValueError(f"{span[2]!r} is no unit of time; {HOW}")
        time = timedelta(**{unit: min(int(span[1]), 100_000)})
        if not SHORTEST <= time <= LONGEST:
            raise ValueError(f"{text!r} is not between 30 minutes and 1 week; {HOW}")
        return time
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{text[:40]!r} is no interval; {HOW}")
    minutes, hours, days, months, weekdays = (
        _values(part, *field) for part, field in zip(fields, _FIELDS, strict=True)
    )
    return Cron(minutes, hours, days, months, tuple(sorted({one % 7 for one in weekdays})) if weekdays else None)


def _values(written: str, name: str, least: int, greatest: int, names: tuple[str, ...]) -> tuple[int, ...] | None:
    found: set[int] = set()
    for part in written.lower().split(","):
        span, slash, step = part.partition("/")
        every = _number(step, name, 1, greatest, ()) if slash else 1
        if span == "*":
            if every == 1:
                return None
            first, last = least, greatest - (greatest == _FIELDS[-1][2])
        else:
            begin, dash, end = span.partition("-")
            first = _number(begin, name, least, greatest, names)
            last = _number(end, name, least, greatest, names) if dash else greatest if slash else first
        if last < first:
            raise ValueError(f"{part!r} as the {name} of a cron line ends before it begins")
        found.update(range(first, last + 1, every))
    return tuple(sorted(found))


def _number(written: str, name: str, least: int, greatest: int, names: tuple[str, ...]) -> int:
    value = names.index(written) + (least if names is _MONTHS else 0) if written in names else -1
    if value < 0 and written.isascii() and written.isdigit():
        value = int(written[:4])
    if not least <= value <= greatest:
        raise ValueError(f"{written[:20]!r} is no {name} of a cron line: from {least} to {greatest}")
    return value
