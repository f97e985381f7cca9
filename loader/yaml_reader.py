"""Reads a YAML file into a strict pydantic model; every error names the file, the line and the reason.

Every YAML file that azgraph reads comes through here: library, overrides, exceptions, configuration, demo. What YAML
offers beyond plain data is refused before anything of it is built: a kilobyte of aliases expands to gigabytes, a tag
names a type to build, a second document would be passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from loader.errors import UsageError
from loader.files import read_text, shipped
from loader.mistakes import first_mistake, yaml_mistake

Model = TypeVar("Model", bound=BaseModel)
# The same reader in C, several times as fast, where PyYAML was built with it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A file of people's is far below these; the parsers' own recursion ends a little above the depth.
_LARGEST, _DEEPEST = 10_000_000, 100
_WIDEST = 2**63 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")
# The library and the demo.
_SHIPPED = (shipped("queries"), shipped("alertrules"), Path(__file__).resolve().parent / "demo")


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

    may_be_empty: whether a file that says nothing counts as an empty mapping. Raises UsageError where the file is
    unreadable, is not one plain YAML mapping, or says a key twice.
    """

    def __init__(self, path: Path, *, may_be_empty: bool = False) -> None:
        self.path = path
        text = plain_text(path)
        try:
            loader = _Loader(text)
            self._node = loader.get_single_node()
            if self._node is None and may_be_empty:
                self._node = yaml.MappingNode("tag:yaml.org,2002:map", [])
            if not isinstance(self._node, yaml.MappingNode):
                raise self.error((), "the file must be a mapping of `key: value` lines")
            for key, reason in _bad_keys(self._node):
                raise UsageError(f"{path}:{key.start_mark.line + 1}: the key {key.value!r} {reason}.")
            for scalar, reason in _bad_values(loader, self._node):
                raise UsageError(f"{path}:{scalar.start_mark.line + 1}: {scalar.value[:40]!r} is no value: {reason}.")
            self.data: Any = loader.construct_document(self._node)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise _invalid(path, error, text) from error

    def error(self, location: Sequence[int | str], reason: str) -> UsageError:
        """An error at a location such as ("examples", 0, "graph"), pointing at the deepest part that exists."""
        return self._error(location, location, reason)

    def _error(self, at: Sequence[int | str], location: Sequence[int | str], reason: str) -> UsageError:
        place, end = ".".join(map(str, location)), "" if reason.endswith("?") else "."
        return UsageError(f"{self.path}:{self.line(at)}: {place + ': ' if place else ''}{reason}{end}")

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
            found = first_mistake(error.errors(include_url=False), model)
            raise self._error(found.line_of, found.place, found.reason) from error


def plain_text(path: Path) -> str:
    """The text of a YAML file that is plain data: one document, no aliases, anchors or tags, not nested without end.

    Files that come with azgraph are as good as its code: they may have aliases, which spare their readers repetition,
    and are not read twice. Raises UsageError with file and line. Nothing is built of the file, so that none of these
    can do anything.
    """
    text = read_text(path, limit=_LARGEST)
    if any(path.resolve().is_relative_to(folder) for folder in _SHIPPED):
        return text
    depth = documents = 0
    try:
        for event in yaml.parse(text, _Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            documents += isinstance(event, yaml.DocumentStartEvent)
            if reason := _beyond_plain(event, depth, documents):
                raise UsageError(f"{path}:{event.start_mark.line + 1 if event.start_mark else 1}: {reason}.")
    except yaml.YAMLError as error:
        raise _invalid(path, error, text) from error
    return text


def _beyond_plain(event: Any, depth: int, documents: int) -> str | None:
    if isinstance(event, yaml.AliasEvent):
        return f"aliases are not read here; write out what *{event.anchor} stands for"
    if getattr(event, "anchor", None) is not None:
        return f"anchors are not read here; take &{event.anchor} out"
    if getattr(event, "tag", None) is not None:
        return f"tags are not read here; take {event.tag} out"
    if depth > _DEEPEST:
        return f"the file is nested deeper than {_DEEPEST} levels"
    return "a second document begins here; write one file for each" if documents > 1 else None


def _invalid(path: Path, error: Exception, text: str) -> UsageError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    lines = text.split("\n")
    if mark and mark.line < len(lines):
        problem = yaml_mistake(problem, lines[mark.line], mark.column)
    return UsageError(f"{path}:{mark.line + 1 if mark else 1}: this is not valid YAML: {problem}.")


def _bad_values(loader: Any, node: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """What looks like a date or a number and is none that can be kept: `2026-02-30`, `.nan`, a hundred digits."""
    if isinstance(node, yaml.MappingNode | yaml.SequenceNode):
        pairs = node.value if isinstance(node, yaml.MappingNode) else [(item,) for item in node.value]
        for child in (part for pair in pairs for part in pair):
            yield from _bad_values(loader, child)
    elif node.tag.endswith((":timestamp", ":int", ":float")):
        try:
            value = loader.construct_object(node)
        except (ValueError, OverflowError) as error:
            yield node, str(error).partition(";")[0]
        else:
            if isinstance(value, int | float) and not abs(value) <= _WIDEST:
                yield node, "numbers are finite and have at most 64 bits"
    elif _SURROGATE.search(node.value):
        yield node, "half a character (a lone surrogate)"


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
