"""What pydantic and readers of YAML find wrong, as words that say what to write instead."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from loader.nearest import nearest

Place = tuple[int | str, ...]
# What to write instead of what a pattern refuses, by the pattern: pydantic's errors tell no more of the field.
_INSTEAD: dict[str, str] = {}
_LIST = "this must be a list: lines that begin with `- `"
_MAPPING = "this must be a mapping of `key: value` lines"
_WHOLE = "this must be a whole number"
_DAY = "write a date such as 2027-06-30"
_TIME = "write a time such as 2027-06-30T08:00:00Z"
_REASONS = {
    "extra_forbidden": "this key is not known here",
    "missing": "this key is missing",
    "string_type": "this must be text; put it in quotes",
    "string_too_short": "this must not be empty",
    "string_too_long": "this must have at most {max_length} characters",
    "path_type": "this must be a path",
    "literal_error": "this must be {expected}",
    "enum": "this must be {expected}",
    "too_short": "this must list at least {min_length}",
    **dict.fromkeys(("bool_type", "bool_parsing"), "this must be true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing"), "this must be a number"),
    **dict.fromkeys(("list_type", "tuple_type"), _LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _MAPPING),
    **dict.fromkeys(("date_type", "date_parsing"), _DAY),
    **dict.fromkeys(("date_from_datetime_parsing", "date_from_datetime_inexact"), _DAY),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _TIME),
}


def matching(pattern: str, instead: str) -> Any:
    """The pattern of a model's text. instead: what is told to whoever writes another."""
    _INSTEAD[pattern] = instead
    return Field(pattern=pattern)


def reason(error: Mapping[str, Any]) -> str:
    """Why a value is refused, and what to write: an entry of pydantic's `errors()` in words."""
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "string_type" and error["input"] is None:
        return "nothing stands here; this must be text"
    if kind == "string_pattern_mismatch" and context["pattern"] in _INSTEAD:
        return _INSTEAD[context["pattern"]]
    if kind in _REASONS:
        return _REASONS[kind].format(**context)
    said = str(error["msg"]).removeprefix("Value error, ")
    return said.replace("Input should", "this should").replace("String should", "it should")


class Mistake(NamedTuple):
    """What is wrong with a value. line_of: the place whose line shows it."""

    place: Place
    reason: str
    line_of: Place


def first_mistake(errors: Sequence[Mapping[str, Any]], model: type[BaseModel]) -> Mistake:
    """The first of all that pydantic found. Of a key that is missing, one beside it that is not known is told too."""
    first = errors[0]
    place, told = tuple(first["loc"]), reason(first)
    if first["type"] == "extra_forbidden":
        near = nearest(str(place[-1]), keys_at(model, place[:-1]))
        return Mistake(place, told + (f"; did you mean {' or '.join(near[:2])}?" if near else ""), place)
    if first["type"] == "missing":
        beside = (tuple(one["loc"]) for one in errors if one["type"] == "extra_forbidden")
        if unknown := next((one for one in beside if one[:-1] == place[:-1]), None):
            return Mistake(place, f"{told}, and `{unknown[-1]}` is not known here", unknown)
    return Mistake(place, told, place)


def keys_at(model: Any, place: Iterable[int | str]) -> list[str]:
    """The keys that a model knows at a place; empty where there is no mapping of known keys."""
    for step in place:
        if isinstance(step, int):
            continue
        fields = _written(model)
        if step not in fields:
            return []
        model = next(iter(_models_in(fields[step].annotation)), None)
    return list(_written(model))


def _written(model: Any) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in getattr(model, "model_fields", {}).items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models_in(part)


def yaml_mistake(problem: str, line: str, column: int) -> str:
    """What to write where YAML cannot be read. problem: as the reader says it; line, column: where it stopped."""
    at = line[column : column + 1]
    if at == "\t" or "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with blanks, not tabs"
    if "cannot start any token" in problem:
        return f"put the text that begins with {at} in quotes"
    if "mapping values are not allowed" in problem:
        return "a text that has `: ` in it stands in quotes, and the keys of one mapping are indented alike"
    if "unexpected end of stream" in problem:
        return "a text in quotes has no end; put the other quote after it"
    if "expected ',' or" in problem:
        return "a bracket is not closed, or a comma is missing"
    if "unknown escape character" in problem:
        return "a backslash in double quotes stands twice; or take single quotes"
    return problem
