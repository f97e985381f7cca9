"""`!odd` in a table: before a value that Azure does not answer today, or a key, where the row is about just that.

The checks are handed the plain value. The test that holds payloads to the SDKs' models reads it marked, and asks that
the models do not know it, so that no word stays odd after Azure has learnt it.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

MARK = "!odd "


def read(text: str, *, marked: bool = False) -> Any:
    """A table's YAML as plain data; marked: with what is odd as text, for `odd_in`."""
    return yaml.load(text, _Marking if marked else _Plain)


def odd_in(value: Any) -> tuple[bool, Any]:
    """Whether a value or key that was read marked is odd, and what it is."""
    odd = isinstance(value, str) and value.startswith(MARK)
    return odd, json.loads(value.removeprefix(MARK)) if odd else value


class _Plain(yaml.CSafeLoader):
    pass


class _Marking(yaml.CSafeLoader):
    pass


def _value(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    plain = not node.style
    untagged = yaml.ScalarNode(loader.resolve(yaml.ScalarNode, node.value, (plain, not plain)), node.value)
    return loader.construct_object(untagged)


def _marked(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    return MARK + json.dumps(_value(loader, node))


_Plain.add_constructor("!odd", _value)
_Marking.add_constructor("!odd", _marked)
