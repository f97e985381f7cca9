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
    """How a command ended. told: the JSON document it printed, None where it printed none."""

    code: int
    told: Any = None


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

    def run(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Ended:
        """Runs `azgraph` with these arguments and waits for its end. What it says on stderr goes to ours."""
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
            code = self._process.wait()
            out.seek(0)
            try:
                return Ended(code, json.loads(out.read() or b"null"))
            except ValueError:
                return Ended(code)

    def stop(self) -> None:
        """Asks the command at work to end, and ends it where it does not."""
        self._stopped.set()
        with self._lock:
            process = self._process
        if process is None or process.poll() is not None:
            return
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
