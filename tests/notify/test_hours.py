"""Digests and quiet hours by the clocks on people's walls, which are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from loader.config.hours import parse_digest, parse_hours, parse_zone
from loader.config.notify import Quiet
from loader.notify.quiet import is_quiet

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "since", "due"),
    [
        ("08:00", "2026-01-10T06:59", "2026-01-10T07:00"),
        # What happens at the very time of a digest is in the next one.
        ("08:00", "2026-01-10T07:00", "2026-01-11T07:00"),
        # Summer time begins on 29 March at two, which is three.
        ("08:00", "2026-03-28T12:00", "2026-03-29T06:00"),
        ("02:30", "2026-03-28T12:00", "2026-03-29T01:30"),
        # It ends on 25 October at three, which is two once more: there is one digest all the same.
        ("02:30", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("02:30", "2026-10-25T00:30", "2026-10-26T01:30"),
        ("monday 08:00", "2026-03-28T12:00", "2026-03-30T06:00"),
        ("Daily 8:00", "2026-07-01T00:00", "2026-07-01T06:00"),
    ],
)
def test_a_digest_is_due_by_the_clock_on_the_wall(written: str, since: str, due: str) -> None:
    assert parse_digest(written).after(utc(since), BERLIN) == utc(due)


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        ({"hours": "22:00-07:00"}, "2026-01-10T20:59", False),
        ({"hours": "22:00-07:00"}, "2026-01-10T21:00", True),
        ({"hours": "22:00-07:00"}, "2026-01-11T05:59", True),
        ({"hours": "22:00-07:00"}, "2026-01-11T06:00", False),
        ({"hours": "12:00-13:00"}, "2026-01-11T11:30", True),
        # The night in which an hour is left out, and the one that has an hour twice.
        ({"hours": "22:00-07:00"}, "2026-03-29T04:59", True),
        ({"hours": "22:00-07:00"}, "2026-03-29T05:00", False),
        ({"hours": "22:00-07:00"}, "2026-10-25T05:59", True),
        ({"hours": "22:00-07:00"}, "2026-10-25T06:00", False),
        ({"hours": "02:15-02:45"}, "2026-10-25T00:20", True),
        ({"hours": "02:15-02:45"}, "2026-10-25T01:20", False),
        ({"days": ["saturday", "sunday"]}, "2026-03-27T22:59", False),
        ({"days": ["saturday", "sunday"]}, "2026-03-27T23:00", True),
        ({"days": ["saturday", "sunday"]}, "2026-03-29T22:00", False),
        ({"hours": "22:00-07:00", "unless": "high"}, "2026-01-10T23:00", False),
        ({"hours": "22:00-07:00", "unless": "critical"}, "2026-01-10T23:00", True),
    ],
)
def test_it_is_quiet_by_the_clock_on_the_wall(quiet: dict[str, object], now: str, expected: bool) -> None:
    assert is_quiet(Quiet.model_validate(quiet), "high", utc(now), BERLIN) is expected


@pytest.mark.parametrize("written", ["", "8", "24:00", "08:60", "someday 08:00", "08:00 monday", "8:00:00"])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="08:00"):
        parse_digest(written)
    with pytest.raises(ValueError, match="22:00-07:00"):
        parse_hours(f"{written}-{written}")


@pytest.mark.parametrize("written", ["Europe/Berln", "../../etc/passwd", "", "/etc/localtime"])
def test_what_is_no_time_zone_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        parse_zone(written)
