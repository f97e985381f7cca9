"""What Neo4j can hold: values, property names and keys brought into a form it stores as data, whatever they contain."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from loader.model import Value

_INT_LIMIT = 2**63
# A range index of Neo4j takes keys up to some 8 kB; longer ones would fail the whole batch.
MAX_KEY_BYTES = 3_000


def node_key(key: str) -> str:
    """The `_key` of a key: itself, or its beginning and its SHA-256 where it is too long to index."""
    if len(key) <= MAX_KEY_BYTES // 4:
        return key if key.isascii() else clean_text(key)
    encoded = clean_text(key).encode()
    if len(encoded) <= MAX_KEY_BYTES:
        return encoded.decode()
    return f"{encoded[:200].decode(errors='ignore')}#sha256:{sha256(encoded).hexdigest()}"


def clean_text(value: str) -> str:
    """Lone surrogates cannot be sent as UTF-8; they become question marks."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="replace").decode()
    return value


@lru_cache(maxsize=20_000)
def _stored_name(name: str) -> str | None:
    """None for names that are azgraph's own."""
    return None if name.startswith("_") else property_name(name)


@lru_cache(maxsize=20_000)
def property_name(name: str) -> str:
    """Neo4j's names may hold anything but null bytes."""
    return clean_text(name.replace("\0", "\\u0000"))


_MANY = (list, tuple, set, frozenset)


def stored_value(value: Any) -> Any:
    """A value as Neo4j stores it: lists of one kind only, integers within 64 bit, times in UTC."""
    # This is the innermost loop of a first load: the kinds that nearly all values have come first.
    kind = type(value)
    if kind is str:
        return value if value.isascii() else clean_text(value)
    if kind is bool or value is None:
        return value
    if kind is datetime and value.tzinfo is UTC:
        return value
    if isinstance(value, _MANY):
        return _stored_list([stored_value(item) for item in value if item is not None])
    if isinstance(value, int):
        return int(value) if -_INT_LIMIT <= value < _INT_LIMIT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    return clean_text(str(value))


def _stored_list(items: list[Any]) -> list[Any]:
    kinds = set(map(type, items))
    if len(kinds) <= 1 and list not in kinds:
        return items
    if kinds == {int, float}:
        return [float(item) for item in items]
    return [as_text(item) for item in items]


def stored_properties(properties: Mapping[str, Value]) -> dict[str, Any]:
    """Properties by names and values that Neo4j can hold; what has no value is left out."""
    stored = {}
    for name, value in properties.items():
        kept = stored_value(value)
        if kept is not None and (stored_name := _stored_name(name)) is not None:
            stored[stored_name] = kept
    return stored


def as_text(value: Any) -> str:
    """A stored value as people read it in a change: ISO times, true/false, lists in brackets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(as_text(item) for item in value) + "]"
    return value.isoformat() if isinstance(value, datetime) else str(value)
