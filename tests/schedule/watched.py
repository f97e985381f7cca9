"""`azgraph watch` as a process: what it says as it says it, what its pages say, and a clock of it that runs fast."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.e2e.support import ROOT


class Said:
    """What a process says on stderr, as it says it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.lines: list[str] = []
        self.process = process
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with suppress(ValueError):  # closed while it was read, with the process that was killed
            for line in self.process.stderr:
                self.lines.append(line.rstrip())

    def until(self, what: Callable[[], Any], seconds: float = 90) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.05)
        return found

    def says(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def all(self) -> str:
        """All that was said, once the process has ended."""
        self._reading.join(10)
        return "\n".join(self.lines)

    @property
    def address(self) -> str:
        """Where its pages are."""
        self.until(lambda: self.says("See http://"))
        return next(line for line in self.lines if "See http://" in line).partition("http://")[2].partition("/")[0]


def ask(address: str, page: str) -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(f"http://{address}{page}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metrics(said: Said) -> dict[str, float]:
    """What Prometheus would be told, by name and labels."""
    text = ask(said.address, "/metrics")[1]
    rows = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name.removeprefix("azgraph_"): float(value) for name, value in rows}


def ready(said: Said) -> dict[str, Any]:
    """The instances of /readyz."""
    return dict(json.loads(ask(said.address, "/readyz")[1])["instances"])


def start(environment: dict[str, str], *, pace: float = 1) -> subprocess.Popen[str]:
    """`azgraph watch` of which one second is as many as `pace`. Users have no such setting."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.schedule.fast_clock", str(pace)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
