"""What a watch remembers over its own end: when each instance was loaded last, and how that ended."""

from __future__ import annotations

import json
import math
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loader.files import private_folder, write_whole


@dataclass(slots=True)
class Last:
    """The last run of an instance; times are seconds since the epoch, 0 for never.

    A run that was stopped or killed has begun and not ended. status: complete, partial, failed or stopped. whole: when
    the last run that was complete ended; loaded: the last one that was complete or partial. failures: runs in a row
    that loaded nothing; took: the seconds of the last one that loaded anything.
    """

    started: float = 0
    ended: float = 0
    status: str = ""
    whole: float = 0
    loaded: float = 0
    failures: int = 0
    took: float = 0

    @property
    def since(self) -> datetime | None:
        """When it began."""
        return _at(self.started)

    @property
    def loaded_at(self) -> datetime | None:
        """When the last one that loaded anything ended."""
        return _at(self.loaded)


class State:
    """The last runs by instance, in a file. What cannot be read is as good as nothing: then all is due.

    owed: the instances whose last run was broken off before this state was read, and not made up for yet.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._last: dict[str, Last] = {}
        with suppress(OSError, ValueError, AttributeError):
            stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self._last = {name: _read(one) for name, one in stored.items() if isinstance(one, dict)}
        self.owed = {name for name, last in self._last.items() if last.ended < last.started}
        now = time.time()
        for last in self._last.values():
            # When it began is not known, so it is due.
            last.started = 0 if last.started > now else last.started
        self.clock_was_set(now)

    def clock_was_set(self, now: float) -> None:
        """The clock went back: what it said before was no later than now, or a load would be young for years."""
        with self._lock:
            for last in self._last.values():
                last.started, last.ended = min(last.started, now), min(last.ended, now)
                last.whole, last.loaded = min(last.whole, now), min(last.loaded, now)

    def of(self, name: str) -> Last:
        """The last run of an instance."""
        with self._lock:
            return self._last.setdefault(name, Last())

    def keep(self) -> None:
        """Writes it down."""
        with self._lock:
            text = json.dumps({name: asdict(one) for name, one in self._last.items()}, indent=2)
        private_folder(self._path.parent)
        write_whole(self._path, text + "\n")


def _read(stored: dict[str, Any]) -> Last:
    """What is no point in time, number or word is as good as nothing."""
    last = Last()
    for one in fields(Last):
        value = stored.get(one.name)
        if isinstance(value, str) if one.name == "status" else _is_number(value):
            setattr(last, one.name, value)
    return last


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _at(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
