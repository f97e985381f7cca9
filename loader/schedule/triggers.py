"""From an interval of the configuration to APScheduler's triggers, in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from loader.config.interval import Cron

# APScheduler counts the days of the week from Monday, cron from Sunday: names leave no doubt.
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def trigger(interval: timedelta | Cron, *, since: datetime | None, now: datetime, jitter: int) -> Any:
    """The trigger of an instance. since: when its last run began, None where there was none. jitter: in seconds."""
    if isinstance(interval, timedelta):
        begin = now if since is None else since + interval
        return IntervalTrigger(
            seconds=interval.total_seconds(),
            start_date=begin,
            timezone=UTC,
            jitter=jitter or None,
        )
    times = {
        "minute": _listed(interval.minutes),
        "hour": _listed(interval.hours),
        "month": _listed(interval.months),
        "second": "0",
        "timezone": UTC,
        "jitter": jitter or None,
    }
    weekdays = ",".join(_WEEKDAYS[one] for one in interval.weekdays or ())
    if interval.days and weekdays:
        # cron takes either of them, where both are restricted.
        return OrTrigger([CronTrigger(day=_listed(interval.days), **times), CronTrigger(day_of_week=weekdays, **times)])
    return CronTrigger(day=_listed(interval.days), day_of_week=weekdays or "*", **times)


def first_time(one: Any, interval: timedelta | Cron, *, since: datetime | None, now: datetime) -> datetime:
    """When the first run is due: now where one was missed or, for an interval, there was none; else as it goes on."""
    if since is None:
        return now if isinstance(interval, timedelta) else one.get_next_fire_time(None, now) or now
    due = one.get_next_fire_time(None, since + timedelta(seconds=1))
    return now if due is None or due <= now else due


def late_at(interval: timedelta | Cron, loaded: datetime, allowance: timedelta) -> datetime:
    """When an instance that was loaded then is late: two of its turns have passed, and what else it is allowed."""
    if isinstance(interval, timedelta):
        return loaded + 2 * interval + allowance
    one = trigger(interval, since=None, now=loaded, jitter=0)
    at = loaded
    for _ in range(2):
        at = one.get_next_fire_time(None, at + timedelta(seconds=1)) or at
    return at + allowance


def _listed(values: Iterable[int] | None) -> str:
    return "*" if values is None else ",".join(map(str, values))
