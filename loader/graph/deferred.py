"""Links whose far end is not loaded yet: kept until the nodes of the run are there.

Written at once, each of them would need a stub that is taken over a moment later, which costs more than both nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loader.graph.links import Edge
from loader.graph.spool import Spool
from loader.model import Target

_CHUNK = 5_000


class DeferredLinks:
    """Relationships with their far ends. Safe for threads."""

    def __init__(self) -> None:
        self._kept: Spool[tuple[tuple[Any, ...], tuple[Any, ...]]] = Spool()

    def add(self, links: list[tuple[Edge, Target]]) -> None:
        """Keeps links for the end of the run."""
        self._kept.add(
            [
                (
                    (edge.start, edge.verb, edge.end, edge.owner, dict(edge.properties)),
                    (target.key, target.type, dict(target.properties)),
                )
                for edge, target in links
            ]
        )

    def take(self) -> Iterator[list[tuple[Edge, Target]]]:
        """Gives all links back in chunks, and is empty afterwards."""
        for rows in self._kept.take(_CHUNK):
            yield [(Edge(*edge), Target(*target)) for edge, target in rows]
