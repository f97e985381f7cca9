"""Azure answers null, or nothing, for almost any field. No answer may end a sync for that."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from loader.mapping import build_record
from loader.model import Json
from loader.services import entity_types
from tests.services import examples_of
from tests.services.examples_of import Example

TYPES = entity_types()


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field below `value`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from paths(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def with_value(answer: Json, path: tuple[Any, ...], value: Any) -> Json:
    changed: Any = deepcopy(answer)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return dict(changed)


@pytest.mark.parametrize("example", examples_of.examples(), ids=str)
def test_any_field_may_be_null(example: Example) -> None:
    declared = TYPES[example.type]
    for path in paths(example.answer):
        answer = with_value(example.answer, path, None)
        for entity in declared.spread(answer) if declared.spread else (answer,):
            if declared.keep is None or declared.keep(entity):
                build_record(declared, entity)
        for detail in declared.details:
            if detail.call.when is not None:
                detail.call.when(answer)
