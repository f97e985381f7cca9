"""Typed parameters of queries and checks: declared in YAML, given as `--param name=value`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from neo4j.time import Duration
from pydantic import model_validator

from loader.errors import UsageError
from loader.library.kinds import Kind
from loader.tier0 import Followed, declared
from loader.yaml_reader import Strict

Given = str | int | bool | list[str]
Bound = str | int | bool | list[str] | Duration

_DURATION = re.compile(r"^(\d+)\s*(w|d|h|m)$")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


class Parameter(Strict):
    """A declared parameter. Without a default it must be given. Durations are written `90d`, `4w`, `12h`, `30m`.

    tier0: the key of `tier0.yaml` that is its default; a list has it in the place of one of its own.
    kind: what a text, or each text of a list, names; `azgraph query run` looks it up by name, sign-in name or id.
    """

    type: Literal["string", "integer", "boolean", "list", "duration"]
    kind: Kind | None = None
    tier0: Followed | None = None
    default: Given | None = None
    description: str

    @model_validator(mode="before")
    @classmethod
    def _default_follows_tier0(cls, written: Any) -> Any:
        if not isinstance(written, dict) or written.get("tier0") not in get_args(Followed):
            return written
        if written.get("type") != "list" or "default" in written:
            raise ValueError("what follows `tier0` is a list and has no default of its own")
        return {**written, "default": declared(()).tier0.followed(written["tier0"])}

    @model_validator(mode="after")
    def _default_fits(self) -> Parameter:
        if self.kind is not None and self.type not in ("string", "list"):
            raise ValueError(f"a parameter of the type {self.type} names nothing, so it has no kind")
        if self.default is not None:
            self.bind(self.default)
        return self

    def bind(self, value: Given) -> Bound:
        """A value, from YAML or from the command line (then always text), as the driver takes it; or ValueError."""
        if self.type == "string" and isinstance(value, str):
            return value
        if self.type == "list" and isinstance(value, list | str):
            return value if isinstance(value, list) else [part.strip() for part in value.split(",") if part.strip()]
        if self.type == "boolean" and str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        if self.type == "integer" and not isinstance(value, bool) and re.fullmatch(r"-?\d+", str(value)):
            return int(str(value))
        if self.type == "duration" and (match := _DURATION.match(str(value))):
            return Duration(**{_UNITS[match[2]]: int(match[1])})
        raise ValueError(f"{value!r} is not {_MEANINGS[self.type]}")


_MEANINGS = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "list": "a list of texts (a,b,c)",
    "duration": "a duration such as 90d, 4w, 12h or 30m",
}


def parse(pairs: Iterable[str]) -> dict[str, str]:
    """`name=value` texts of the command line as a mapping. Raises UsageError."""
    given = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"`--param {pair}` must be written `--param name=value`.")
        given[name.strip()] = value
    return given


def bind(owner: str, declared: Mapping[str, Parameter], given: Mapping[str, Given]) -> dict[str, Bound]:
    """All declared parameters with the given values or their defaults, as the driver takes them.

    owner: the query or check, for the error. Raises UsageError for unknown names, wrong values and missing ones.
    """
    unknown = [name for name in given if name not in declared]
    if unknown:
        known = ", ".join(declared) or "none"
        raise UsageError(f"{owner} has no parameter {unknown[0]!r}. It has: {known}.")
    bound = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.default)
        if value is None or (parameter.default is None and str(value).strip() == ""):
            raise UsageError(f"{owner} needs `--param {name}=…`: {parameter.description.rstrip('.')}.")
        try:
            bound[name] = parameter.bind(value)
        except ValueError as error:
            raise UsageError(f"The parameter {name} of {owner}: {error}.") from error
    return bound
