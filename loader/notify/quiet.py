"""Whether it is quiet now, for a route and a severity, by the clock on its wall."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loader.config.hours import DAYS, Hours, instant, parse_hours
from loader.config.notify import Quiet
from loader.verdicts import Severity


def is_quiet(quiet: Quiet | None, severity: str, now: datetime, zone: ZoneInfo) -> bool:
    """Whether what is this bad waits. The end of quiet hours is no part of them."""
    if quiet is None or (quiet.unless is not None and Severity(severity).rank <= Severity(quiet.unless).rank):
        return False
    day = now.astimezone(zone).date()
    if DAYS[day.weekday()] in quiet.days:
        return True
    return quiet.hours is not None and _within(parse_hours(quiet.hours), now, zone)


def _within(hours: Hours, now: datetime, zone: ZoneInfo) -> bool:
    """By moments and not by the clock's face, which shows some times twice and others never."""
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        end = day if hours.begin < hours.end else day + timedelta(days=1)
        if instant(day, hours.begin, zone) <= now < instant(end, hours.end, zone):
            return True
    return False
