"""Reads the demo's YAML: plain scalars as in JSON, no key twice, and every text and mapping knows its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from loader.errors import UsageError
from loader.yaml_reader import plain_text


class Text(str):
    """A string that knows the line it was written on."""

    __slots__ = ("line",)
    line: int


class Block(dict[str, Any]):
    """A mapping that knows the line it was written on."""

    line: int = 0


# The same in C, where PyYAML was built with it: a tenth of the time.
_Quick: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Quick):  # type: ignore[misc]
    """YAML without its surprises: `On`, `no`, `22:30` and dates stay the text they are."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - PyYAML's own way to say it


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


def _text(loader: _Loader, node: yaml.ScalarNode) -> Text:
    text = Text(loader.construct_scalar(node))
    text.line = node.start_mark.line + 1
    return text


def _block(loader: _Loader, node: yaml.MappingNode) -> Block:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
        seen.add(key.value)
    loader.flatten_mapping(node)
    block = Block(
        (str(loader.construct_object(k, deep=True)), loader.construct_object(v, deep=True)) for k, v in node.value
    )
    block.line = node.start_mark.line + 1
    return block


_Loader.add_constructor("tag:yaml.org,2002:str", _text)
_Loader.add_constructor("tag:yaml.org,2002:map", _block)


def read_yaml(path: Path) -> Any:
    """The content of one file; raises UsageError with file, line and reason."""
    try:
        return yaml.load(plain_text(path), _Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}, line {line}: {error.problem}.") from error


def read_list(path: Path) -> list[Block]:
    """The content of a file that must be a list of mappings."""
    content = read_yaml(path)
    if not isinstance(content, list) or not all(isinstance(entry, Block) for entry in content):
        raise UsageError(f"{path}, line 1: expected a list of mappings.")
    return content
