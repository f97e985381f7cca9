"""Runs commands of azgraph as processes: memory is given back, and a crash costs one run and not the watch."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loader.errors import ExitCode

# A stopped load ends within a second or two; what takes longer is ended, and the graph is right all the same.
_GRACE = 20.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. told: the JSON document it printed, None where it printed none. late: it had no end of its
    own in the time that it was given, and was ended.
    """

    code: int
    told: Any = None
    late: bool = False


class Commands:
    """One command at a time. `stop` may be called from any thread, and is for good."""

    def __init__(self, grace: float = _GRACE) -> None:
        self._grace = grace
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether no more commands are started."""
        return self._stopped.is_set()

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], longest: float | None = None) -> Ended:
        """Runs `azgraph` with these arguments and waits for its end. What it says on stderr goes to ours.

        longest: after so many seconds it is ended.
        """
        with tempfile.TemporaryFile() as out:
            with self._lock:
                if self.stopped:
                    return Ended(ExitCode.STOPPED)
                # A session of its own: Ctrl-C reaches the watch alone, which then stops the command once.
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "loader.cli", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    env=dict(environment),
                    start_new_session=True,
                )
            try:
                code, late = self._process.wait(longest), False
            except subprocess.TimeoutExpired:
                self._end(self._process)
                code, late = self._process.wait(), True
            out.seek(0)
            try:
                return Ended(code, json.loads(out.read() or b"null"), late)
            except ValueError:
                return Ended(code, late=late)

    def stop(self) -> None:
        """Asks the command at work to end, and ends it where it does not."""
        self._stopped.set()
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            self._end(process)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(self._grace)
        except subprocess.TimeoutExpired:
            process.kill()

    def kill(self) -> None:
        """Ends the command at once."""
        self._stopped.set()
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
