"""Neo4j's values as Python's: a value that Python has no name for is told as text, and costs nobody else anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neo4j import Record
from neo4j.time import Date, DateTime, Duration, Time

Row = dict[str, Any]
_PLAIN = frozenset({str, int, float, bool, type(None)})

# Neo4j counts years to a billion, Python from 1 to 9999. A calendar repeats itself every 400 years.
_ERA_DAYS, _ERA_YEARS = 146_097, 400
_EPOCH_DAY = Date(1970, 1, 1).to_ordinal()
_DAY = 86_400


def row_of(record: Record) -> Row:
    """A record as a dictionary. What the driver could not read is text, where the driver's own `dict` would raise."""
    return {
        name: native(value) if _is_broken(value) else value
        for name, value in zip(record.keys(), tuple.__iter__(record), strict=True)
    }


def native_row(record: Record) -> Row:
    """The same with times as Python's, and nodes and relationships as their properties."""
    if not any(map(_is_broken, tuple.__iter__(record))):
        return {name: native(value) for name, value in record.data().items()}
    told = zip(record.keys(), tuple.__iter__(record), strict=True)
    return {name: native(value if _is_broken(value) else record.data(name)[name]) for name, value in told}


def native(value: Any) -> Any:
    """Neo4j's times as Python's, also inside lists and maps; all else as it is."""
    # Nearly all values are of these, and asking for the others costs more than all the rest.
    if type(value) in _PLAIN:
        return value
    if isinstance(value, DateTime | Date | Time):
        try:
            return value.to_native()
        except (ValueError, OverflowError):
            return str(value)
    if isinstance(value, Duration):
        return str(value)
    if isinstance(value, list):
        return [native(item) for item in value]
    if isinstance(value, dict):
        return {name: native(item) for name, item in value.items()}
    return _written_out(value.raw_data) if _is_broken(value) else value


def _is_broken(value: Any) -> bool:
    """Whether the driver could not read the value: it keeps what came over the wire, and why it could not.

    https://neo4j.com/docs/api/python-driver/5.0/api.html#neo4j.exceptions.BrokenRecordError
    """
    return type(value).__name__ == "BrokenHydrationObject"


def _written_out(raw: Any) -> Any:
    """What came over the wire, as far as it can be read."""
    if isinstance(raw, list | dict):
        return native(raw)
    tag: bytes = getattr(raw, "tag", b"")
    fields: Sequence[Any] = getattr(raw, "fields", ())
    if tag == b"D":
        return _date(fields[0])
    if tag in (b"I", b"i", b"d"):
        # Of those with a zone the moment counts, which comes in UTC.
        return _moment(fields[0]) + ("" if tag == b"d" else "Z")
    if tag in (b"F", b"f"):
        return _moment(fields[0])
    if tag == b"N":
        return native(fields[2])
    return "a value that cannot be read"


def _moment(seconds: int) -> str:
    day, rest = divmod(seconds, _DAY)
    return f"{_date(day)}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"


def _date(day: int) -> str:
    """A day since 1970 in ISO 8601, whose years beyond 9999 and before 0 have a sign."""
    # Into the years from 401 to 800, which Python has.
    eras, ordinal = divmod(day + _EPOCH_DAY - 1, _ERA_DAYS)
    there = Date.from_ordinal(ordinal + 1 + _ERA_DAYS)
    year = there.year + (eras - 1) * _ERA_YEARS
    sign = "+" if year > 9999 else "-" if year < 0 else ""
    return f"{sign}{abs(year):04}-{there.month:02}-{there.day:02}"
