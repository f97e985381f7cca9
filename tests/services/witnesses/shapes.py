"""What the installed SDKs' models say may stand in an answer, in one form for all three generations of models.

`azure-mgmt-*` has msrest's models (`_attribute_map`) and newer ones (`rest_field`), `msgraph-sdk` has Kiota's.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Shape:
    """What may stand at one place of an answer.

    fields: what an object may have, by name; item: what a list or a map has; open: anything may be there, so that
    the model proves nothing; values: an enumeration's; kind: "text", "flag", "whole" or "number" of a single value,
    empty where the model does not tell; about: what the model says of the place.
    """

    name: str
    fields: Callable[[], Mapping[str, Shape]] = field(default=dict, compare=False)
    item: Shape | None = None
    is_map: bool = False
    open: bool = False
    values: frozenset[str] = frozenset()
    kind: str = ""
    about: str = field(default="", compare=False)


ANYTHING = Shape("anything", open=True)
SCALAR = Shape("scalar")
_FLATTENED = "flattened"
# What the three generations call a single value. Times and lengths of time are text on the wire.
_KINDS = {
    **dict.fromkeys(("str", "date", "datetime", "time", "timedelta", "bytes", "UUID", "uuid"), "text"),
    **dict.fromkeys(("iso-8601", "rfc-1123", "duration", "base64", "bytearray"), "text"),
    **dict.fromkeys(("bool",), "flag"),
    **dict.fromkeys(("int", "long", "unix-time"), "whole"),
    **dict.fromkeys(("float", "decimal"), "number"),
}


def shape_of(model: type) -> Shape:
    """The shape of an SDK's model, whichever generator it is from."""
    if hasattr(model, "get_field_deserializers"):
        return Shape(model.__name__, lambda: _kiota_fields(model))
    if hasattr(model, "_attribute_map"):
        return Shape(model.__name__, lambda: _msrest_fields(model))
    return Shape(model.__name__, lambda: _typed_fields(model))


# --- models with `rest_field` --------------------------------------------------------------------------------------


@cache
def _typed_fields(model: Any) -> Mapping[str, Shape]:
    found: dict[str, Shape] = {}
    for derived in model.__dict__.get("__mapping__", {}).values():
        if derived is not model:
            found = _merged(found, _typed_fields(derived))
    package = importlib.import_module(model.__module__.rpartition(".")[0])
    model.__new__(model)  # the generated code works out its fields' names here
    for parent in model.__mro__[::-1]:
        known = {**vars(typing), **vars(sys.modules[parent.__module__]), "_models": package}
        for attribute, annotation in inspect.get_annotations(parent).items():
            if attribute in model._attr_to_rest_field:
                wire = model._attr_to_rest_field[attribute]._rest_name
                shape = _of_annotation(annotation, known, _said_of(model, attribute))
                if model._attr_to_rest_field[attribute]._format == "unix-timestamp":
                    shape = Shape("scalar", kind="whole", about=shape.about)
                found = _merged(found, {wire: shape})
    return found


def _of_annotation(annotation: Any, known: Mapping[str, Any], about: str = "") -> Shape:
    """The shape that a type annotation of generated code means."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return _of_annotation(eval(annotation, dict(known)), known, about)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        several = [_of_annotation(one, known, about) for one in arguments if one is not type(None)]
        return next((one for one in several if one.values), several[0])
    if origin is list:
        return Shape("list", item=_of_annotation(arguments[0], known), about=about)
    if origin is dict:
        return Shape("map", item=_of_annotation(arguments[1], known), is_map=True, about=about)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        values = frozenset(str(one.value) for one in annotation)
        return Shape(annotation.__name__, values=values, kind="text", about=about)
    if isinstance(annotation, type) and hasattr(annotation, "_calculated"):
        return Shape(annotation.__name__, lambda: _typed_fields(annotation), about=about)
    opaque = annotation is Any or annotation in (object, typing.MutableMapping)
    kind = _KINDS.get(getattr(annotation, "__name__", ""), "")
    return Shape("anything", open=True, about=about) if opaque else Shape("scalar", kind=kind, about=about)


# --- msrest's models -----------------------------------------------------------------------------------------------


@cache
def _msrest_fields(model: Any) -> Mapping[str, Shape]:
    package = importlib.import_module(model.__module__.rpartition(".")[0])
    found: dict[str, Shape] = {}
    for kinds in model.__dict__.get("_subtype_map", {}).values():
        for derived in kinds.values():
            found = _merged(found, _msrest_fields(getattr(package, derived)))
    for attribute, wire in model._attribute_map.items():
        steps = [step.replace("\\.", ".") for step in re.split(r"(?<!\\)\.", wire["key"])]
        found = _merged(found, _nested(steps, _of_msrest(wire["type"], package, _said_of(model, attribute))))
    return found


def _nested(steps: list[str], leaf: Shape) -> dict[str, Shape]:
    """The shape as the generator flattened it: `properties.sku` of the wire is `sku` of the model."""
    if len(steps) == 1:
        return {steps[0]: leaf}
    inner = _nested(steps[1:], leaf)
    return {steps[0]: Shape(_FLATTENED, lambda: inner)}


def _merged(one: Mapping[str, Shape], other: Mapping[str, Shape]) -> dict[str, Shape]:
    """The fields of both: of flattened parts of one object, or of a model and the models derived from it."""
    shared = {name: _union(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **shared}


def _union(one: Shape, other: Shape) -> Shape:
    if one is other or _is_plain(one) or _is_plain(other) or (one.name == other.name and one.name != _FLATTENED):
        return other
    return Shape(other.name, lambda: _merged(one.fields(), other.fields()), about=other.about)


def _is_plain(shape: Shape) -> bool:
    return shape.open or shape.item is not None or bool(shape.values) or shape.name == "scalar"


def _of_msrest(kind: str, package: Any, about: str) -> Shape:
    if kind.startswith("["):
        return Shape("list", item=_of_msrest(kind[1:-1], package, about), about=about)
    if kind.startswith("{"):
        return Shape("map", item=_of_msrest(kind[1:-1], package, about), is_map=True, about=about)
    model = getattr(package, kind, None)
    if isinstance(model, type) and hasattr(model, "_attribute_map"):
        return Shape(kind, lambda: _msrest_fields(model), about=about)
    if kind == "object":
        return Shape("anything", open=True, about=about)
    if isinstance(model, type) and issubclass(model, Enum):
        return Shape(kind, values=frozenset(str(one.value) for one in model), kind="text", about=about)
    _, known, listed = about.partition("nown values are:")
    values = frozenset(re.findall(r'"([^"]+)"', listed)) if known else frozenset()
    return Shape("scalar", values=values, kind=_KINDS.get(kind, ""), about=about)


@cache
def _paragraphs(model: type) -> Mapping[str, str]:
    """What a generated model's docstring says of each of its fields."""
    said = re.split(r"\n\s*:ivar ", inspect.getdoc(model) or "")
    return {name: " ".join(text.partition(":vartype")[0].split()) for name, _, text in (o.partition(":") for o in said)}


def _said_of(model: Any, attribute: str) -> str:
    return next((said for one in model.__mro__ if (said := _paragraphs(one).get(attribute))), "")


# --- Kiota's models ------------------------------------------------------------------------------------------------


class _Asked:
    """Stands for the parsed JSON, and keeps which of its readers a field's deserializer calls, and with which class."""

    def __init__(self) -> None:
        self.reader = ""
        self.kind: Any = None

    def __getattr__(self, reader: str) -> Callable[..., None]:
        def called(kind: Any = None) -> None:
            self.reader, self.kind = reader, kind

        return called


@cache
def _kiota_fields(model: Any) -> Mapping[str, Shape]:
    found: dict[str, Shape] = {"@odata.type": SCALAR}
    made = inspect.getsource(model.create_from_discriminator_value)
    for module, name in re.findall(r"from (\.\S+) import (\w+)", made):
        derived = getattr(importlib.import_module(module, model.__module__.rpartition(".")[0]), name)
        if derived is not model:
            found = _merged(found, _kiota_fields(derived))
    for wire, read in model().get_field_deserializers().items():
        asked = _Asked()
        read(asked)
        found = _merged(found, {wire: _of_kiota(asked, _comment_on(model, wire))})
    return found


def _of_kiota(asked: _Asked, about: str) -> Shape:
    if asked.reader == "get_object_value" or asked.reader == "get_collection_of_object_values":
        one = Shape(asked.kind.__name__, lambda: _kiota_fields(asked.kind), about=about)
    elif asked.reader in ("get_enum_value", "get_collection_of_enum_values"):
        values = frozenset(str(member.value) for member in asked.kind)
        one = Shape(asked.kind.__name__, values=values, kind="text", about=about)
    else:
        named = getattr(asked.kind, "__name__", asked.reader.removeprefix("get_").removesuffix("_value"))
        one = Shape("scalar", kind=_KINDS.get(named, ""), about=about)
    return Shape("list", item=one, about=about) if "collection" in asked.reader else one


@cache
def _comments(model: type) -> Mapping[str, str]:
    return {
        name: said for said, name in re.findall(r"^    # (.*)\n    (\w+): ", inspect.getsource(model), re.MULTILINE)
    }


def _comment_on(model: type, wire: str) -> str:
    attribute = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", wire).lower()
    for one in model.__mro__:
        if one.__module__.startswith("msgraph.") and attribute in _comments(one):
            return _comments(one)[attribute]
    return ""
