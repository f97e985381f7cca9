"""`azgraph --help` against importing one Azure SDK package, turn by turn."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence

from bench.loading import timed

_TURNS = 15
HELP = (sys.executable, "-m", "loader.cli", "--help")
IMPORT = (sys.executable, "-c", "import azure.mgmt.network.aio")


def measure() -> tuple[float, float]:
    """Median seconds of `azgraph --help`, and of the import."""
    for command in (HELP, IMPORT):
        _seconds(command)
    turns = [(_seconds(HELP), _seconds(IMPORT)) for _ in range(_TURNS)]
    ours, theirs = zip(*turns, strict=True)
    return statistics.median(ours), statistics.median(theirs)


def _seconds(command: Sequence[str]) -> float:
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
