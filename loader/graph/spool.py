"""Rows for later: a few in memory, more in a temporary file, so that memory does not grow with the tenant."""

from __future__ import annotations

import pickle
import tempfile
import threading
from collections.abc import Iterator
from typing import IO, Generic, TypeVar

Row = TypeVar("Row")

# Bytes that stay in memory. The file has no name, so nobody but this process can reach it.
_IN_MEMORY = 1_000_000


class Spool(Generic[Row]):
    """Rows of plain values and tuples, given back in the order in which they came. Safe for threads."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()

    def add(self, rows: list[Row]) -> None:
        """Keeps rows."""
        with self._lock:
            if self._file is None:
                # Closed by `take`.
                self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="azgraph-")  # noqa: SIM115
            pickle.dump(rows, self._file, pickle.HIGHEST_PROTOCOL)

    def take(self, at_once: int) -> Iterator[list[Row]]:
        """Gives all rows back, so many at a time, and is empty afterwards."""
        with self._lock:
            kept, self._file = self._file, None
        if kept is None:
            return
        with kept:
            end = kept.tell()
            kept.seek(0)
            rows: list[Row] = []
            while kept.tell() < end:
                rows += pickle.load(kept)  # noqa: S301
                while len(rows) >= at_once:
                    yield rows[:at_once]
                    rows = rows[at_once:]
            if rows:
                yield rows
