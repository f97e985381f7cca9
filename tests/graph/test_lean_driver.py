"""The driver is what it was without the tables that azgraph leaves out of it."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone

import neo4j.time
import pytest
from neo4j._codec.hydration.bolt.v2 import hydration_handler

from loader.graph import Database, lean_driver


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2024, 2, 29, 23, 59, tzinfo=UTC),
        datetime(1900, 3, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2024, 2, 29, 12, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
        datetime(2024, 2, 29, 12, 30),  # noqa: DTZ001 - Neo4j has times without a zone
    ],
)
def test_times_and_long_texts_come_back_as_they_went(database: Database, moment: datetime) -> None:
    sent = {"moment": moment, "text": "ä" * 70_000, "numbers": [0, 255, 256, 65_535, 65_536, -32_769]}
    (row,) = database.read("RETURN $sent AS sent", {"sent": sent})
    assert row["sent"] == sent


def test_months_have_their_days() -> None:
    for year in (1, 1900, 2000, 2023, 2024, 9999):
        for month in range(1, 13):
            assert neo4j.time.Date.days_in_month(year, month) == monthrange(year, month)[1]


def test_a_time_is_the_one_that_the_driver_itself_would_send_and_read() -> None:
    for year in (1, 1899, 1969, 1970, 2000, 2024, 9999):
        for at in (datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)):
            sent, usual = lean_driver._sent(at), lean_driver._usually_sent(at)
            assert (sent.tag, sent.fields) == (usual.tag, usual.fields)
            read, usual = lean_driver._read(*sent.fields), lean_driver._usually_read(*sent.fields)
            assert (read, read.tzinfo, read.iso_format()) == (usual, usual.tzinfo, usual.iso_format())
            assert read.to_native() == at


def test_the_driver_takes_the_quick_way() -> None:
    """Where another version of it has its own matters otherwise, this is what tells."""
    assert lean_driver.temporal.dehydrate_datetime is lean_driver._sent
    hooks = hydration_handler.HydrationHandler().dehydration_hooks.exact_types
    assert hooks[datetime] is lean_driver._sent
