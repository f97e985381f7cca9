"""Changes that leave the graph, kept as compressed JSON lines: one file for each month, its owner's alone."""

from __future__ import annotations

import gzip
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from loader.graph.native import native


class Archive:
    """Appends to `changes-YYYY-MM.jsonl.gz` in a folder.

    Each call is a whole gzip member, on the disk before it returns. Where a run is killed between that and the deletion
    the next one writes the same changes again: lines of the same `id` are one change.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, changes: Iterable[Mapping[str, Any]]) -> None:
        """Writes changes, given as their properties. Raises OSError."""
        months: defaultdict[str, list[bytes]] = defaultdict(list)
        for change in changes:
            plain = native(change)
            at = plain.get("at")
            month = f"{at:%Y-%m}" if hasattr(at, "strftime") else "unknown"
            months[month].append(orjson.dumps(plain, default=str, option=orjson.OPT_SORT_KEYS))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for month, lines in months.items():
            self._append(self._folder / f"changes-{month}.jsonl.gz", b"\n".join(lines) + b"\n")

    def _append(self, path: Path, text: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            before = file.tell()
            try:
                file.write(gzip.compress(text))
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                # Half a member would make all that follows it unreadable.
                os.ftruncate(file.fileno(), before)
                raise
