"""Cron lines mean here what they mean to cron; what was missed comes once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from loader.config.interval import parse_interval
from loader.schedule.triggers import first_time, late_at, trigger

# A Saturday.
NOW = datetime(2026, 11, 28, 12, 0, 30, tzinfo=UTC)


def times(text: str, count: int = 4) -> list[str]:
    interval = parse_interval(text)
    assert interval is not None
    one = trigger(interval, since=None, now=NOW, jitter=0)
    found, previous, at = [], None, NOW
    for _ in range(count):
        previous = one.get_next_fire_time(previous, at)
        found.append(f"{previous:%a %d %H:%M}")
        at = previous + timedelta(seconds=1)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 3 * * *", ["Sun 29 03:00", "Mon 30 03:00", "Tue 01 03:00", "Wed 02 03:00"]),
        ("0 0 * * 0", ["Sun 29 00:00", "Sun 06 00:00", "Sun 13 00:00", "Sun 20 00:00"]),
        ("0 0 * * 7", ["Sun 29 00:00", "Sun 06 00:00", "Sun 13 00:00", "Sun 20 00:00"]),
        ("15 */8 * * 1-2", ["Mon 30 00:15", "Mon 30 08:15", "Mon 30 16:15", "Tue 01 00:15"]),
        # cron takes a day that is the 13th, or a Friday.
        ("0 0 13 * 5", ["Fri 04 00:00", "Fri 11 00:00", "Sun 13 00:00", "Fri 18 00:00"]),
        ("1h", ["Sat 28 12:00", "Sat 28 13:00", "Sat 28 14:00", "Sat 28 15:00"]),
    ],
)
def test_times(text: str, expected: list[str]) -> None:
    assert times(text) == expected


@pytest.mark.parametrize(
    ("text", "since", "expected"),
    [
        ("1d", None, timedelta(0)),
        ("1d", timedelta(days=9), timedelta(0)),
        ("1d", timedelta(hours=20), timedelta(hours=4)),
        ("0 3 * * *", None, timedelta(hours=14, minutes=59, seconds=30)),
        ("0 3 * * *", timedelta(days=2), timedelta(0)),
        ("0 3 * * *", timedelta(hours=2), timedelta(hours=14, minutes=59, seconds=30)),
    ],
)
def test_the_first_time(text: str, since: timedelta | None, expected: timedelta) -> None:
    interval = parse_interval(text)
    assert interval is not None
    before = None if since is None else NOW - since
    one = trigger(interval, since=before, now=NOW, jitter=0)
    assert first_time(one, interval, since=before, now=NOW) - NOW == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1h", "Sat 28 15:00:30"), ("0 3 * * *", "Mon 30 04:00:00"), ("0 3 * * 0", "Sun 06 04:00:00")],
)
def test_when_an_instance_is_late(text: str, expected: str) -> None:
    interval = parse_interval(text)
    assert interval is not None
    assert f"{late_at(interval, NOW, timedelta(hours=1)):%a %d %H:%M:%S}" == expected
