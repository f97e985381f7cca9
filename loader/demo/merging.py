"""Merging of wire JSON: a patch onto an object (RFC 7386), and defaults under one."""

from __future__ import annotations

from typing import Any

from loader.demo.reading import Block


class Scope(Block):
    """An object out of a list whose defaults came with the list: its placeholders see its own fields first."""


def merge_patch(target: Any, patch: Any) -> Any:
    """`target` with `patch` over it as RFC 7386 says: objects field by field, null removes, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = _like(patch, target if isinstance(target, dict) else {})
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def with_defaults(defaults: Any, own: Any) -> Any:
    """`own` over `defaults`, as a merge patch.

    A default list of one object is no value, but what each object of own's list shares; without such a list it goes.
    """
    if _is_shared(defaults) and isinstance(own, list):
        return [_scoped(with_defaults(defaults[0], item)) for item in own]
    if not isinstance(own, dict) or not isinstance(defaults, dict):
        return own
    merged = _like(own, {name: value for name, value in defaults.items() if name in own or not _is_shared(value)})
    for name, value in own.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = with_defaults(defaults.get(name), value)
    for name, value in merged.items():
        if name not in own and isinstance(value, dict):
            merged[name] = with_defaults(value, {})
    return merged


def _is_shared(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)


def _like(source: Any, fields: dict[str, Any]) -> Block:
    block = Block(fields)
    block.line = getattr(source, "line", 0)
    return block


def _scoped(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    scope = Scope(item)
    scope.line = getattr(item, "line", 0)
    return scope
