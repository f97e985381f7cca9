"""stdout and stderr as scripts need them: a reader that has gone ends the command quietly, every letter can be told.

`azgraph check … | head` closes the pipe in the middle. Click and rich would end that with code 1, which means findings.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, NoReturn, TextIO

# As a shell tells of a process that a broken pipe ended: 128 and the number of SIGPIPE.
BROKEN_PIPE = 141


class PipeClosed(BaseException):
    """Nobody reads what is written any more."""


class _Guarded:
    """A stream whose broken pipe is `PipeClosed`; in all else it is that stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            raise _told(error) from error

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            raise _told(error) from error


def _told(error: OSError) -> BaseException:
    # Windows says EINVAL of a pipe that is closed.
    closed = error.errno == errno.EPIPE or (os.name == "nt" and error.errno == errno.EINVAL)
    return PipeClosed() if closed else error


def guarded(stream: TextIO | None) -> Any:
    """The stream with a broken pipe told apart, and letters that its encoding lacks as escapes.

    A process that was started without the stream (`>&-`) writes to nowhere.
    """
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    buffer = getattr(stream, "buffer", None)
    if isinstance(buffer, io.RawIOBase):
        # PYTHONUNBUFFERED: Python writes once, and loses without a word what a pipe that closes did not take of it.
        stream = io.TextIOWrapper(io.BufferedWriter(buffer), stream.encoding, line_buffering=True, write_through=True)
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return _Guarded(stream)


def leave_quietly() -> NoReturn:
    """Ends the process; what is still in the buffers goes nowhere, so that Python does not tell of it either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            os.dup2(nowhere, stream.fileno())
    sys.exit(BROKEN_PIPE)
