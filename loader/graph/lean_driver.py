"""Imports Neo4j's driver without what azgraph has no use for: each process is some 40 MB smaller, and times go quickly.

numpy, which the driver takes for arrays where it is installed; azgraph stores none. Who imports it later has it. And
tables that the driver makes of all numbers of 16 bit, for packing without its extension in Rust, and of the months of
10,000 years. Times in UTC, which all are that azgraph stores, cost the driver twenty times what they do here, in which
they are counted with Python's own; that was most of what sending a node costs.
"""

import sys
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

_UNKNOWN = "numpy" not in sys.modules
if _UNKNOWN:
    # To Python this means: there is no such module.
    sys.modules["numpy"] = None  # type: ignore[assignment]
try:
    import neo4j.time
finally:
    if _UNKNOWN:
        del sys.modules["numpy"]


class _Months(dict[tuple[int, int], int]):
    """The days of months, counted when they are first asked for."""

    def __missing__(self, month: tuple[int, int]) -> int:
        self[month] = days = monthrange(*month)[1]
        return days


# These are the driver's own matters: where another version has them otherwise, processes are larger and nothing else.
with suppress(ImportError, KeyError):
    from neo4j._codec.packstream import v1, v2

    neo4j.time._DAYS_IN_MONTH = _Months()
    if vars(v1)["_rust_pack"] and vars(v1)["_rust_unpack"]:
        for packing in (v1, v2):
            vars(packing).update(PACKED_UINT_16=[], UNPACKED_UINT_16={})

with suppress(ImportError, AttributeError):
    from neo4j._codec.hydration.bolt.v2 import temporal
    from neo4j._codec.packstream import Structure
    from neo4j.time import Date, DateTime, Time
    from pytz import utc  # type: ignore[import-untyped]

    _EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
    _EPOCH_DAY = _EPOCH.toordinal()
    _usually_sent: Any = temporal.dehydrate_datetime
    _usually_read: Any = temporal.hydrate_datetime

    def _sent(value: Any) -> Any:
        """A time as Bolt has it: seconds since 1970 in UTC, nanoseconds, seconds of its zone."""
        if type(value) is datetime and value.tzinfo is UTC:
            since = value - _EPOCH
            return Structure(b"I", since.days * 86_400 + since.seconds, since.microseconds * 1_000, 0)
        return _usually_sent(value)

    def _read(seconds: int, nanoseconds: int, tz: int | str | None = None) -> Any:
        """The driver's own time of what Bolt has."""
        days, second = divmod(seconds, 86_400)
        day = _EPOCH_DAY + days
        if tz != 0 or day < 1:
            # Of days before the year 1 it tells that it has none.
            return _usually_read(seconds, nanoseconds, tz)
        hour, minute = divmod(second // 60, 60)
        return DateTime.combine(Date.from_ordinal(day), Time(hour, minute, second % 60, nanoseconds, tzinfo=utc))

    temporal.dehydrate_datetime, temporal.hydrate_datetime = _sent, _read
