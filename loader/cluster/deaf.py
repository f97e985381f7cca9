"""What a worker of this machine does first: Ctrl-C reaches every process of a terminal, and is the run's own to answer.

Dask calls `dask_setup` of a module that it is told to preload.
"""

from __future__ import annotations

import signal


def dask_setup(_worker: object) -> None:
    """Called in the worker's main thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
