"""Spans of time as people write them: `30m`, `24h`, `7d`."""

from __future__ import annotations

import re
from datetime import timedelta

# Where spans are given by name, it stands for every name.
ALL = "all"
_SPAN = re.compile(r"([1-9]\d{0,4})\s*([mhdw])", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
HOW = "write a span of time such as 30m, 24h, 7d or 2w"


def span(written: object) -> timedelta:
    """The span that a text says. Raises ValueError with what to write instead."""
    found = _SPAN.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{str(written)[:40]!r} is no span of time; {HOW}")
    return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})


def told(time: timedelta) -> str:
    """A span in words, in the largest unit of which there are two at least: `26 hours`."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if (count := time // length) >= (1 if unit == "minute" else 2):
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
