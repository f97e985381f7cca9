"""JSON lines at the end of a file: what may have been written before a crash is looked for there first."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from loader.errors import UsageError
from loader.files import FILE_MODE, private_folder, reason_of
from loader.notify.channels.channel import NotDeliveredError
from loader.notify.message import Message
from loader.notify.planning import Traits

# What one crash can have left is at the end.
_TAIL = 16_000_000


class FileChannel:
    """Appends documents to a file."""

    traits = Traits(people=False, at_a_time=500)

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Appends those that are not there yet. Half a line that a crash left is ended first, and is no document."""
        try:
            private_folder(self._path.parent)
            # A disk that filled up in the middle has taken a part.
            tried = any(one.again or one.attempts for one in messages)
            there = self._written() if tried else frozenset()
            lines = b"".join(one.document.as_bytes() + b"\n" for one in messages if one.id not in there)
            append(self._path, lines)
        except OSError as error:
            raise NotDeliveredError(f"{self._path} cannot be written: {reason_of(error)}") from error
        except UsageError as error:
            raise NotDeliveredError(str(error).rstrip(".")) from error
        return [""] * len(messages)

    def _written(self) -> frozenset[str]:
        """The ids of the messages at the end of the file."""
        if not self._path.exists():
            return frozenset()
        with self._path.open("rb") as file:
            file.seek(max(0, self._path.stat().st_size - _TAIL))
            return frozenset(filter(None, map(_id_in, file.read().splitlines())))


def append(path: Path, lines: bytes) -> None:
    """Writes whole lines at the end of a file and waits for the disk. A new file is its owner's alone."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
    with os.fdopen(descriptor, "rb+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                lines = b"\n" + lines
        view = memoryview(lines)
        while view:
            view = view[file.write(view) or 0 :]
        os.fsync(file.fileno())


def _id_in(line: bytes) -> str:
    try:
        document = json.loads(line)
    except ValueError:
        return ""
    return str(document.get("id") or "") if isinstance(document, dict) else ""
