"""What a watch remembers over its own end: when each instance was loaded last, and how that ended."""

from __future__ import annotations

import json
import threading
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
    that loaded nothing.
    """

    started: float = 0
    ended: float = 0
    status: str = ""
    whole: float = 0
    loaded: float = 0
    failures: int = 0

    @property
    def since(self) -> datetime | None:
        """When it began."""
        return datetime.fromtimestamp(self.started, UTC) if self.started else None


class State:
    """The last runs by instance, in a file. What cannot be read is as good as nothing: then all is due.

    owed: the instances whose last run was broken off before this state was read, and not made up for yet.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._last: dict[str, Last] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            known = {one.name for one in fields(Last)}
            stored: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            self._last = {
                name: Last(**{key: value for key, value in one.items() if key in known}) for name, one in stored.items()
            }
        self.owed = {name for name, last in self._last.items() if last.ended < last.started}

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
