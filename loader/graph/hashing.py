"""One hash for a record: its properties and the links that its own answer declares."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import blake2b, sha256
from operator import itemgetter
from typing import Any

import orjson

from loader.graph.values import node_key, stored_properties
from loader.model import EntityType, Record

# Goes up when the stored shape of nodes or relationships changes; every graph is then rewritten once.
GRAPH_FORMAT = "1"

# Digests that no content has: made by another schema version; made by a run that was killed.
OTHER_SCHEMA, REPAIR = 0, 1

_LINK_ORDER = itemgetter(0, 1, 2, 3)
# Sorted names, and UTC times.
OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def canonical(record: Record) -> bytes:
    """The record's content in one spelling: sorted names, UTC times, links in an order of their own.

    What a link says of its far end (`Target.properties`) is not the record's own content and stays out.
    """
    links = [(link.verb, link.incoming, link.target.key, link.key, link.properties) for link in record.links]
    if len(links) > 1:
        links.sort(key=_LINK_ORDER)
    try:
        return orjson.dumps((record.properties, links), option=OPTIONS)
    except (TypeError, ValueError):
        # Integers beyond 64 bit, lone surrogates, sets: bring them to what the graph would store.
        plain = [
            (verb, incoming, node_key(far), node_key(key), stored_properties(properties))
            for verb, incoming, far, key, properties in links
        ]
        return orjson.dumps((stored_properties(record.properties), plain), option=OPTIONS)


def digest_of(content: bytes) -> int:
    """64 bits of a content."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big")


class Hasher:
    """Hashes for one schema version: `_hash` is `<schema>:<16 hex digits>`."""

    def __init__(self, schema_version: str) -> None:
        self.prefix = f"{schema_version}:"

    def digest(self, content: bytes) -> int:
        """64 bits of a record's canonical content, never one of the two values that stand for something else."""
        number = digest_of(content)
        return number if number > REPAIR else REPAIR + 1

    def stored(self, digest: int) -> str:
        """The `_hash` of a digest."""
        return f"{self.prefix}{digest:016x}"

    @property
    def to_repair(self) -> str:
        """What stands for the `_hash` of a node whose relationships may be missing."""
        return self.stored(REPAIR)

    def parse(self, stored: str) -> int:
        """The digest of a `_hash`; 0 where it was made by another schema version or is empty, and so says nothing."""
        if not stored.startswith(self.prefix):
            return OTHER_SCHEMA
        return int(stored[len(self.prefix) :], 16)


def version_of(entity_types: Mapping[str, EntityType], loader_version: str) -> str:
    """A short name of how this loader maps answers: it changes with the release, and with any declaration."""
    told = [GRAPH_FORMAT, loader_version]
    for name in sorted(entity_types):
        one = entity_types[name]
        told += [name, repr(one.classes), _source(one.key), _source(one.name)]
        told += [f"{prop.name} {prop.kind} {_source(prop.source)}" for prop in one.properties]
        told += [
            f"{link.verb} {link.other} {link.is_incoming} {_source(link.to)} {_source(link.make)}"
            for link in one.relationships
        ]
    return sha256("\n".join(told).encode()).hexdigest()[:8]


@cache
def _source(source: str | Callable[..., Any] | None) -> str:
    if source is None or isinstance(source, str):
        return source or ""
    try:
        return inspect.getsource(source)
    except (OSError, TypeError):
        return getattr(source, "__qualname__", type(source).__qualname__)
