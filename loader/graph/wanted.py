"""The links that a derivation finds, compared with those that the graph has of it: 17 bytes of memory for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from loader.graph.hashing import OPTIONS, digest_of
from loader.graph.known import KnownNodes
from loader.graph.links import memory_digest
from loader.graph.spool import Spool

Properties = dict[str, Any]
# Start, verb, end, and what tells links between the same two apart.
Identity = tuple[str, str, str, str]

_TOGETHER = 1_000


class WantedLinks:
    """Links with their properties, as the graph stores them; of several with one identity the last one counts."""

    def __init__(self) -> None:
        self._known = KnownNodes()
        self._links: Spool[tuple[Identity, int, Properties]] = Spool()
        self._latest: list[tuple[Identity, int, Properties]] = []

    def add(self, identity: Identity, properties: Properties) -> None:
        """Takes a link that is to be there."""
        content = _digest(properties)
        self._known.add(memory_digest(identity), content, 0)
        self._latest.append((identity, content, properties))
        if len(self._latest) == _TOGETHER:
            self._spool()

    def has(self, identity: Identity, properties: Properties) -> bool:
        """Whether a link of the graph is one of them. Of two that are the same the second one is too many."""
        return self._meet(identity, _digest(properties))

    def missing(self, at_once: int) -> Iterator[list[tuple[Identity, Properties]]]:
        """Those that the graph was not said to have; once all of the graph's have been asked for."""
        self._spool()
        if next(self._known.unseen(), None) is None:
            return
        for links in self._links.take(at_once):
            new = [(identity, properties) for identity, content, properties in links if self._meet(identity, content)]
            if new:
                yield new

    def _meet(self, identity: Identity, content: int) -> bool:
        """Whether the link is to be there with that content, and was not met before."""
        key = memory_digest(identity)
        found = self._known.see(key)
        if found is None:
            return False
        wanted, scope, before = found
        if wanted != content:
            self._known.add(key, wanted, scope, seen=before)
        return wanted == content and not before

    def _spool(self) -> None:
        if self._latest:
            self._links.add(self._latest)
            self._latest = []


def _digest(properties: Properties) -> int:
    try:
        content = orjson.dumps(properties, default=str, option=OPTIONS)
    except TypeError:
        # What somebody else wrote there may be of a kind that we never write, such as a time with a zone.
        content = repr(sorted(properties.items())).encode(errors="replace")
    return digest_of(content)
