"""What `${…}` stands for in the demo's YAML. `docs/demo-tenant.md` lists the forms."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from loader.demo.merging import Scope

_PLACEHOLDER = re.compile(r"\$\{([^{}]+)\}")
_MOMENT = re.compile(r"(epoch )?now(?:([+-])(\d+)d)?|(clock)(?:-(\d+)m)?")
# All invented GUIDs begin alike, so that a demo object is recognised anywhere.
_GUID_PREFIX = "c0705000"
_GUID_SPACE = uuid.UUID("c0705000-7e4a-47c0-9c1d-2b6f0e8a1001")
_TOO_DEEP = 12


class PlaceholderError(Exception):
    """A placeholder that stands for nothing, with the line it was written on (0 where unknown)."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Ids(Protocol):
    """Finds the id of the one object that carries a label."""

    def id_of(self, label: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Placeholders:
    """Expands `${…}`. constants: names.yaml; now: the moment dates are counted from; ids: the tenant's objects.

    clock: when the tenant is asked, for what has just happened; without it, now.
    """

    constants: Mapping[str, Any]
    now: datetime
    ids: Ids
    clock: datetime | None = None

    def expand(self, value: Any, scopes: Sequence[Mapping[str, Any]] = ()) -> Any:
        """Plain JSON: placeholders replaced, `$helper` fields of objects left out. scopes: innermost object last."""
        if isinstance(value, dict):
            inner = (*scopes, value) if isinstance(value, Scope) else scopes
            return {str(self.text(k, inner)): self.expand(v, inner) for k, v in value.items() if not _is_helper(k)}
        if isinstance(value, list):
            return [self.expand(item, scopes) for item in value]
        return self.text(value, scopes) if isinstance(value, str) else value

    def text(self, text: str, scopes: Sequence[Mapping[str, Any]], depth: int = 0) -> Any:
        """One string; a string that is one placeholder alone takes the placeholder's type."""
        line = getattr(text, "line", 0)
        if depth > _TOO_DEEP:
            raise PlaceholderError(line, f"{text} leads back to itself")
        try:
            whole = _PLACEHOLDER.fullmatch(text)
            if whole:
                return self._value(whole[1], scopes, depth)
            expanded = _PLACEHOLDER.sub(lambda found: str(self._value(found[1], scopes, depth)), str(text))
            # Placeholders may stand in placeholders, as in ${id ${name}}: the inner ones were first.
            return self.text(expanded, scopes, depth + 1) if expanded != text else expanded
        except PlaceholderError as error:
            raise PlaceholderError(error.line or line, str(error)) from error

    def _value(self, expression: str, scopes: Sequence[Mapping[str, Any]], depth: int) -> Any:
        moment = _MOMENT.fullmatch(expression)
        if moment:
            return self._moment(moment)
        if expression.startswith("id "):
            return self.ids.id_of(expression[3:])
        if expression.startswith("guid "):
            return guid(expression[5:])
        while expression.startswith("..") and scopes:
            expression, scopes = expression[2:], scopes[:-1]
        for scope in reversed(scopes):
            found = _field(scope, expression)
            if found is not None:
                return self.text(found, scopes, depth + 1) if isinstance(found, str) else found
        constant = _walk(self.constants, expression)
        if constant is None or isinstance(constant, dict):
            raise PlaceholderError(0, f"${{{expression}}} stands for nothing")
        return str(constant)

    def _moment(self, moment: re.Match[str]) -> str | int:
        epoch, sign, days, clock, minutes = moment.groups()
        if clock:
            just_now = (self.clock or self.now) - timedelta(minutes=int(minutes or 0))
            return just_now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        at = self.now + timedelta(days=int(f"{sign}{days}") if days else 0)
        return int(at.timestamp()) if epoch else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_helper(key: str) -> bool:
    """`$group`, but not `${…}`, which stands for a key."""
    return key.startswith("$") and not key.startswith("${")


def guid(words: str) -> str:
    """The GUID that belongs to some words: always the same, and recognisable as the demo's."""
    return _GUID_PREFIX + str(uuid.uuid5(_GUID_SPACE, words))[8:]


def _field(scope: Mapping[str, Any], expression: str) -> Any:
    return scope[f"${expression}"] if f"${expression}" in scope else _walk(scope, expression)


def _walk(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
