"""The driver is what it was without the tables that azgraph leaves out of it."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime

import neo4j.time
import pytest

from loader.graph import Database


@pytest.mark.parametrize("moment", [datetime(2024, 2, 29, 23, 59, tzinfo=UTC), datetime(1900, 3, 1, tzinfo=UTC)])
def test_times_and_long_texts_come_back_as_they_went(database: Database, moment: datetime) -> None:
    sent = {"moment": moment, "text": "ä" * 70_000, "numbers": [0, 255, 256, 65_535, 65_536, -32_769]}
    (row,) = database.read("RETURN $sent AS sent", {"sent": sent})
    assert row["sent"] == sent


def test_months_have_their_days() -> None:
    for year in (1, 1900, 2000, 2023, 2024, 9999):
        for month in range(1, 13):
            assert neo4j.time.Date.days_in_month(year, month) == monthrange(year, month)[1]
