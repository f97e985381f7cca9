"""Azure answers null, or nothing, for almost any field, which no answer may fail for. Another shape is no absence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from loader.mapping import build_record
from loader.model import Json, Record
from loader.services import entity_types
from loader.shapes import NoPropertiesError, WrongShapeError
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
        # A resource without its `properties` was not read, and that is told.
        with suppress(NoPropertiesError):
            for entity in declared.spread(answer) if declared.spread else (answer,):
                if declared.keep is None or declared.keep(entity):
                    record = build_record(declared, entity)
                    assert record is None or not record.odd or record.withheld
        for detail in declared.details:
            if detail.call.when is not None:
                with suppress(NoPropertiesError):  # it is asked then
                    detail.call.when(answer)


# What has another source where this one is gone, and what shows a single value as a list of one.
OTHERWISE = {"name", "displayName", "hostname"}
# By type, how names begin: a policy's rule that is not told is not known anyhow, and a parameter may be anything.
NOT_TOLD = {
    ("azure_ad_role_policy", "asks"),
    ("azure_defender_alert", "remediation"),
    ("azure_keyvault_service", "HAS"),
    ("azure_policy_assignment", "parameters"),
}


def at(answer: Json, path: tuple[Any, ...]) -> Any:
    value: Any = answer
    for name in path:
        value = value[name]
    return value


@pytest.mark.parametrize("example", examples_of.examples(), ids=str)
def test_what_has_another_shape_is_unknown(example: Example) -> None:
    """A number where an object or a list is due: what hangs on it is not known, and nothing is taken for absent."""
    declared = TYPES[example.type]
    whole = build_record(declared, example.answer) if not declared.spread and _is_kept(example) else None
    if whole is None:
        return
    shown = {one.name for one in declared.properties if one.kind == "texts" and isinstance(one.source, str)} | OTHERWISE
    for path in paths(example.answer):
        if not isinstance(at(example.answer, path), dict | list) or path[0] in ("tags", "systemData", "@parent"):
            continue
        try:
            record = build_record(declared, with_value(example.answer, path, 7))
        except WrongShapeError:  # what an entity goes by; it is told as one that could not be loaded
            continue
        assert record is not None
        names = {*whole.properties, *record.properties} - record.unknown - shown
        lost = {name for name in names if whole.properties.get(name) != record.properties.get(name)}
        lost |= _verbs(whole, record) - record.unknown_verbs
        told = {
            one for one in lost if not any(example.type == kind and one.startswith(name) for kind, name in NOT_TOLD)
        }
        assert told == set(), path
        assert bool(record.odd) >= bool(record.unknown - whole.unknown)


def _is_kept(example: Example) -> bool:
    declared = TYPES[example.type]
    return declared.keep is None or bool(declared.keep(example.answer))


def _verbs(one: Record, other: Record) -> set[str]:
    """The verbs of which two records have different links."""
    verbs = {link.verb for link in (*one.links, *other.links)}
    return {
        verb
        for verb in verbs
        if [link for link in one.links if link.verb == verb] != [link for link in other.links if link.verb == verb]
    }
