"""Whether an answer that was written by hand is one that the SDK's model of its operation could read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.services.witnesses.shapes import Shape
from tests.truth.oddness import odd_in

_TYPES: dict[str, tuple[type, ...]] = {"text": (str,), "flag": (bool,), "whole": (int,), "number": (int, float)}

# What models say of enumerations that are none, and of those of which one text has several. Graph writes flags so:
# "deviceCodeFlow,authenticationTransfer".
_NO_ENUMERATION = "enum data type is currently deprecated"
_SEVERAL = "any combination of"


def faults(shape: Shape, value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where the value is none of the shape, by path, with what is wrong there. No value at all is everywhere right."""
    odd, value = odd_in(value)
    found = list(_faults(shape, value, path))
    if odd and not found:
        yield path, f"the model knows {value!r}, so it is not odd"
    elif not odd:
        yield from found


def _faults(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if value is None or shape.open:
        return
    if shape.item is not None and shape.item.values and isinstance(value, str):
        yield from faults(shape.item, value, path)
    elif shape.item is not None:
        yield from _of_many(shape, shape.item, value, path)
    elif fields := shape.fields():
        yield from _of_object(fields, value, path)
    elif shape.values and _NO_ENUMERATION not in shape.about:
        several = isinstance(value, str) and value not in shape.values
        parts = re.split(", ?" if _SEVERAL in shape.about else ",", value) if several else [value]
        if {*parts} - shape.values:
            yield path, f"{value!r} is none of {', '.join(sorted(shape.values))}"
    elif shape.kind and (
        not isinstance(value, _TYPES[shape.kind]) or isinstance(value, bool) != (shape.kind == "flag")
    ):
        yield path, f"{value!r} is no {shape.kind}"


def _of_many(shape: Shape, item: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict if shape.is_map else list):
        yield path, f"{value!r} is no {'object' if shape.is_map else 'list'}"
    elif shape.is_map:
        for name, one in value.items():
            yield from faults(item, one, _below(path, str(name)))
    else:
        for one in value:
            yield from faults(item, one, f"{path}[]")


def _of_object(fields: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield path, f"{value!r} is no object"
        return
    for name, one in value.items():
        odd, key = odd_in(name)
        if key not in fields and (odd_in(one)[0] or "odata." in key):
            continue
        if (key in fields) == odd:
            near = [known for known in fields if known.lower() == key.lower()]
            yield (
                _below(path, key),
                "the model has it, so it is not odd" if odd else f"the model has no such key {near}",
            )
        elif not odd:
            yield from faults(fields[key], one, _below(path, key))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
