"""The JSON of an answer's body."""

from __future__ import annotations

import json
from typing import Any

import orjson

_MARK = b"\xef\xbb\xbf"


def json_of(body: bytes) -> Any:
    """What the body says; None where it is empty. Raises ValueError where it is no JSON, or was cut off.

    orjson holds to the standard; what it refuses is read again as Python's own parser reads it, for what Azure answered
    before must not fail from now on.
    """
    body = body.removeprefix(_MARK)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", errors="replace")
        return json.loads(text) if text.strip() else None


def bytes_of(document: Any) -> bytes:
    """JSON as bytes, also of what orjson refuses to write: lone surrogates, integers beyond 64 bit."""
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document).encode()
