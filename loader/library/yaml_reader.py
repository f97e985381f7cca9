"""Reads a YAML file into a strict pydantic model; every error names the file, the line and the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from loader.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)
# The same reader in C, several times as fast, where PyYAML was built with it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Strict(BaseModel):
    """The base of everything read from YAML: no unknown keys, no guessing of types, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def yaml_files(folder: Path) -> list[Path]:
    """Every YAML file of a folder and those below, sorted. Raises UsageError for one that would be passed over."""
    for path in sorted(folder.rglob("*.yml")):
        raise UsageError(f"{path}:1: files of the library end in .yaml; rename it.")
    return sorted(folder.rglob("*.yaml"))


class Document:
    """A parsed YAML file: its `data`, and where each part of it stands.

    Raises UsageError where the file is unreadable, is not one YAML mapping, or says a key twice.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            self._node = loader.get_single_node()
            if not isinstance(self._node, yaml.MappingNode):
                raise self.error((), "the file must be a mapping of `key: value` lines")
            for key, reason in _bad_keys(self._node):
                raise UsageError(f"{path}:{key.start_mark.line + 1}: the key {key.value!r} {reason}.")
            for scalar, reason in _bad_values(loader, self._node):
                raise UsageError(f"{path}:{scalar.start_mark.line + 1}: {scalar.value!r} is no value: {reason}.")
            self.data: Any = loader.construct_document(self._node)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise UsageError(f"{path}:{line}: this is not valid YAML: {error.problem}.") from error
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise UsageError(f"{path}:1: the file cannot be read: {error}") from error

    def error(self, location: Sequence[int | str], reason: str) -> UsageError:
        """An error at a location such as ("examples", 0, "graph"), pointing at the deepest part that exists."""
        place = ".".join(map(str, location))
        return UsageError(f"{self.path}:{self.line(location)}: {place + ': ' if place else ''}{reason}.")

    def line(self, location: Sequence[int | str]) -> int:
        """The line of a location, counted from 1; of its nearest parent where it does not exist itself."""
        node, line = self._node, 1
        for step in location:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
                if found is None:
                    continue  # pydantic also names the branch of a union it tried
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line

    def validate(self, model: type[Model]) -> Model:
        """The document as `model`. Raises UsageError for the first thing that is wrong with it."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            first = error.errors()[0]
            reason = _REASONS.get(first["type"]) or first["msg"].removeprefix("Value error, ")
            raise self.error(first["loc"], reason) from error


_REASONS = {
    "extra_forbidden": "this key is not known here",
    "missing": "this key is missing",
    "string_type": "this must be text; put it in quotes",
}


def _bad_values(loader: Any, node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Dates and times that look like such and are none: `2026-02-30`."""
    if isinstance(node, yaml.MappingNode | yaml.SequenceNode):
        pairs = node.value if isinstance(node, yaml.MappingNode) else [(item,) for item in node.value]
        for child in (part for pair in pairs for part in pair):
            yield from _bad_values(loader, child)
    elif node.tag.endswith(":timestamp"):
        try:
            loader.construct_object(node)
        except ValueError as error:
            yield node, str(error)


def _bad_keys(node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Keys that a mapping says twice (readers keep the last silently), and those that YAML takes for no text."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith(":str"):
                yield key, "is not text to YAML; put it in quotes"
            elif key.value in seen:
                yield key, "stands here a second time"
            else:
                seen.add(key.value)
            yield from _bad_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _bad_keys(item)
