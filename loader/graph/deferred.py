"""Links whose far end is not loaded yet: kept in a temporary file until the nodes of the run are there.

Written at once, each of them would need a stub that is taken over a moment later, which costs more than both nodes.
"""

from __future__ import annotations

import pickle
import tempfile
import threading
from collections.abc import Iterator
from typing import IO

from loader.graph.links import Edge
from loader.model import Target

_CHUNK = 5_000


class DeferredLinks:
    """Relationships with their far ends, on disk: a run's memory does not grow with them. Safe for threads."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()

    def add(self, links: list[tuple[Edge, Target]]) -> None:
        """Keeps links for the end of the run."""
        plain = [
            (
                (edge.start, edge.verb, edge.end, edge.owner, dict(edge.properties)),
                (target.key, target.type, dict(target.properties)),
            )
            for edge, target in links
        ]
        with self._lock:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="azgraph-links-")  # noqa: SIM115 (closed by `take`)
            pickle.dump(plain, self._file, pickle.HIGHEST_PROTOCOL)

    def take(self) -> Iterator[list[tuple[Edge, Target]]]:
        """Gives all links back in chunks, and is empty afterwards."""
        with self._lock:
            kept, self._file = self._file, None
        if kept is None:
            return
        with kept:
            end = kept.tell()
            kept.seek(0)
            chunk: list[tuple[Edge, Target]] = []
            while kept.tell() < end:
                # Nobody but this process can reach the file: it has no name.
                chunk += [(Edge(*edge), Target(*target)) for edge, target in pickle.load(kept)]  # noqa: S301
                while len(chunk) >= _CHUNK:
                    yield chunk[:_CHUNK]
                    chunk = chunk[_CHUNK:]
            if chunk:
                yield chunk
