"""What the condition of a role assignment narrows, as far as it tells: the roles that may be given, and which actions.

The language is Azure's (https://learn.microsoft.com/azure/role-based-access-control/conditions-format): expressions
over attributes of the request, joined by AND, OR and NOT. Of a request to give a role the condition may ask which role,
to whom, and what kind of principal that is
(https://learn.microsoft.com/azure/role-based-access-control/conditions-authorization-actions-attributes). To whom, and
whatever else it asks, is not known here: then nor is the answer, unless the role decides it alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from loader.access.matching import Block, allows

# Cypher: what has to be true for what is `given` with a role. A built-in role has a condition of its own for each
# assignment of it, and an assignment may have one more: both have to hold. An expression in brackets is one again:
# https://learn.microsoft.com/azure/role-based-access-control/conditions-format
# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security#key-vault-data-access-administrator
BOTH_HOLD = (
    "coalesce('(' + {given}.condition + ') AND (' + {role}.condition + ')', {given}.condition, {role}.condition)"
)
GIVE = "Microsoft.Authorization/roleAssignments/write"
_ROLE = "microsoft.authorization/roleassignments:roledefinitionid"
_TOKEN = re.compile(
    r"\s+|(?P<sign>&&|\|\||[!(){},])|(?P<attribute>@\w+\[[^\]]*\])|'(?P<text>(?:[^'\\]|\\.)*)'|(?P<word>[\w:.*/+-]+)",
    re.DOTALL,
)
_AND, _OR = ("AND", "&&"), ("OR", "||")
# What is not known.
_Truth = bool | None


def may_give(condition: str, role: str) -> bool | None:
    """Whether the condition lets a role be given to somebody. role: its GUID. None where that hangs on more."""
    return _truth(condition, GIVE, role)


def leaves_free(condition: str, action: str) -> bool:
    """Whether the condition is met by every request for an action: it is about others alone."""
    return _truth(condition, action, None) is True


@lru_cache(maxsize=5_000)
def _truth(condition: str, action: str, role: str | None) -> _Truth:
    try:
        return _Reader(_tokens(condition), action, role).whole()
    except _NotReadError:
        return None


class _NotReadError(Exception):
    """What is written is not what is known of the language."""


Token = tuple[str, str]


@lru_cache(maxsize=500)
def _tokens(written: str) -> tuple[Token, ...]:
    found, place = list[Token](), 0
    while place < len(written):
        match = _TOKEN.match(written, place)
        if match is None:
            raise _NotReadError
        place = match.end()
        if match.lastgroup:
            found.append((match.lastgroup, match[match.lastgroup]))
    return tuple(found)


class _Reader:
    """Reads an expression and works out its truth at once, with a third truth for what is not known."""

    def __init__(self, tokens: Sequence[Token], action: str, role: str | None) -> None:
        self._tokens, self._place, self._action, self._role = tokens, 0, action, role

    def whole(self) -> _Truth:
        truth = self._either()
        if self._place < len(self._tokens):
            raise _NotReadError
        return truth

    def _either(self) -> _Truth:
        found = [self._both()]
        while self._is_next(*_OR):
            found.append(self._both())
        return True if True in found else None if None in found else False

    def _both(self) -> _Truth:
        found = [self._one()]
        while self._is_next(*_AND):
            found.append(self._one())
        return False if False in found else None if None in found else True

    def _one(self) -> _Truth:
        if self._is_next("!", "NOT"):
            truth = self._one()
            return None if truth is None else not truth
        if self._is_next("("):
            truth = self._either()
            self._need(")")
            return truth
        kind, written = self._take()
        if kind == "attribute":
            return self._compared(written)
        if kind == "word" and written.lower() == "actionmatches":
            return allows([Block(actions=tuple(self._values()))], self._action, data=False)
        if kind == "word" and written.lower() == "suboperationmatches":
            # Giving a role has none.
            self._values()
            return False if self._action == GIVE else None
        if kind == "word" and written.lower() in ("exists", "notexists"):
            self._take()
            return None
        raise _NotReadError

    def _compared(self, attribute: str) -> _Truth:
        kind, operator = self._take()
        if kind != "word":
            raise _NotReadError
        values = self._values()
        source, _, name = attribute.partition("[")
        if self._role is None or source.lower() != "@request" or name.rstrip("]").lower() != _ROLE:
            return None
        return _compared(operator.lower(), _guid(self._role), {_guid(one) for one in values})

    def _values(self) -> list[str]:
        if not self._is_next("{"):
            return [self._value()]
        found = [self._value()]
        while self._is_next(","):
            found.append(self._value())
        self._need("}")
        return found

    def _value(self) -> str:
        kind, written = self._take()
        if kind not in ("text", "word", "attribute"):
            raise _NotReadError
        return written

    def _is_next(self, *wanted: str) -> bool:
        if self._place < len(self._tokens):
            kind, written = self._tokens[self._place]
            if kind in ("sign", "word") and written.upper() in wanted:
                self._place += 1
                return True
        return False

    def _need(self, sign: str) -> None:
        if not self._is_next(sign):
            raise _NotReadError

    def _take(self) -> Token:
        if self._place >= len(self._tokens):
            raise _NotReadError
        self._place += 1
        return self._tokens[self._place - 1]


def _guid(written: str) -> str:
    """Azure's own roles have some without hyphens: Virtual Machine Data Access Administrator, say."""
    return written.replace("-", "").lower()


def _compared(operator: str, role: str, values: Collection[str]) -> _Truth:
    """One role against several: whether it is any of them, or differs from all, or from any."""
    quantifier, _, comparison = operator.rpartition(":")
    if any(one.startswith("@") for one in values):
        return None
    if comparison == "guidequals":
        return values == {role} if quantifier.endswith("allvalues") else role in values
    if comparison == "guidnotequals":
        return role not in values if quantifier.endswith("allvalues") or len(values) == 1 else True
    return None
