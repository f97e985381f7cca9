"""What an entry of the library tells of itself where a user's `overrides.yaml` or `tier0.yaml` changed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Self, TypeVar

from pydantic import PrivateAttr

from loader.library.parameters import Parameter
from loader.yaml_reader import Strict

# What the values of parameters are called among the others: `parameters.days`.
PARAMETERS = "parameters."


@dataclass(frozen=True, slots=True)
class Overridden:
    """What was changed of one entry. of: which ("check x"); by: the file and line that did it.

    shipped, own: the values before and after, by name: `title`, `severity`, `parameters.<name>`, and `buckets.<days>`
    of an expiry rule.
    """

    of: str
    by: str
    shipped: dict[str, Any]
    own: dict[str, Any]

    @property
    def sentence(self) -> str:
        """What an auditor must know: "Of check x, severity is low (shipped: high), by contoso/overrides.yaml:3."."""
        changes = (
            f"{_named(name)} is {_told(value)} (shipped: {_told(self.shipped[name])})"
            for name, value in self.own.items()
        )
        return f"Of {self.of}, {', '.join(changes)}, by {self.by}."

    def as_json(self) -> dict[str, Any]:
        """Its fields by their names, and the sentence."""
        return {**asdict(self), "sentence": self.sentence}


class Overridable(Strict):
    """The base of what can be overridden. No YAML file says it of itself: only an override makes it so."""

    _overridden: tuple[Overridden, ...] = PrivateAttr(default=())

    @property
    def overridden(self) -> tuple[Overridden, ...]:
        """What was changed of it, by each file that did; none where it is as its own file has it."""
        return self._overridden

    def changed(self, values: Mapping[str, Any], *overridden: Overridden) -> Self:
        """A copy with other values, that says so. overridden: all that is then to be told of it."""
        copy = self.model_copy(update=dict(values))
        copy._overridden = overridden
        return copy


class Changeable(Protocol):
    """What queries, checks and rules have in common."""

    @property
    def title(self) -> str: ...
    @property
    def parameters(self) -> dict[str, Parameter]: ...
    @property
    def overridden(self) -> tuple[Overridden, ...]: ...
    def changed(self, values: Mapping[str, Any], *overridden: Overridden) -> Self: ...


Entry = TypeVar("Entry", bound=Changeable)


def _named(name: str) -> str:
    """`parameters.days` as "parameter days", `buckets.30` as "bucket 30"."""
    group, dot, one = name.partition(".")
    return f"{group.removesuffix('s')} {one}" if dot else name


def _told(value: Any) -> str:
    """A value on one line; what is not one word in quotes, so that it can be told from the sentence around it."""
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    text = ", ".join(value) if isinstance(value, list) else " ".join(str(value).split())
    return text if text and " " not in text else f'"{text}"'
