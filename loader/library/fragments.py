"""Cypher that several entries share, said once: a line `{{name}}` of theirs stands for the fragment of that name.

The line becomes a subquery, `CALL (variables) { … }`, and stays one line, so that errors name the lines of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Protocol, Self, TypeVar

from pydantic import Field

from loader.errors import UsageError
from loader.library.cypher import tokens, writing
from loader.library.definitions import Id, Text
from loader.library.parameters import Parameter
from loader.mistakes import matching
from loader.nearest import perhaps
from loader.yaml_reader import Document, Strict


class _Entry(Protocol):
    """What queries, checks and rules have in common."""

    @property
    def parameters(self) -> dict[str, Parameter]: ...
    def model_copy(self, *, update: Mapping[str, Any]) -> Self: ...


Entry = TypeVar("Entry", bound=_Entry)
Variable = Annotated[str, matching(r"^[a-z]\w*$", "write a variable: letters, digits and _ after a small letter")]
_LINE = re.compile(r"(?P<indent>[ ]*)\{\{(?P<name>[^{}]*)\}\}[ ]*")


class Fragment(Strict):
    """A subquery. takes: the variables it reads of the text around it, to which it adds what it returns, in one
    row; with none the row around it is left out.

    parameters: what it can be set to; whoever uses it takes them over.
    """

    id: Id
    description: Text
    takes: Annotated[list[Variable], Field(min_length=1)]
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    cypher: Text

    @property
    def call(self) -> str:
        """The subquery, on one line."""
        return f"CALL ({', '.join(self.takes)}) {{ {' '.join(self.cypher.split())} }}"


def read_fragment(document: Document) -> Fragment:
    """A fragment's file. Raises UsageError with file, line and reason."""
    fragment = document.validate(Fragment)
    if found := writing(fragment.cypher):
        raise document.error(("cypher",), f"a fragment may only read, and this has {found[0]}")
    pieces = tokens(fragment.cypher)
    if "//" in fragment.cypher or any(re.search(r"\s{2}|\n", one.text) for one in pieces):
        raise document.error(("cypher",), "a fragment becomes one line: no comments, no text with line breaks or gaps")
    if wanting := [name for name, one in fragment.parameters.items() if one.default is None]:
        raise document.error(("parameters", wanting[0]), "a parameter of a fragment needs a default")
    words = {one.text for one in pieces}
    for kind, named in (("takes", fragment.takes), ("parameters", fragment.parameters)):
        if idle := [one for one in named if one not in words]:
            raise document.error((kind,), f"{idle[0]} does not stand in its cypher")
    return fragment


def with_fragments(document: Document, entry: Entry, known: Mapping[str, Fragment]) -> Entry:
    """The entry with the fragments that its Cypher names, and their parameters.

    Raises UsageError with file, line and reason.
    """
    keys = [key for key in ("cypher", "graph") if "{{" in (getattr(entry, key, None) or "")]
    if not keys:
        return entry
    parameters = dict(entry.parameters)
    for used in {one.id: one for key in keys for one in _used(document, key, getattr(entry, key), known)}.values():
        for name, parameter in used.parameters.items():
            if parameters.setdefault(name, parameter) is not parameter:
                raise document.error(("parameters", name), f"the fragment {used.id} brings the parameter {name}")
    texts = {key: _filled(getattr(entry, key), known) for key in keys}
    return entry.model_copy(update={**texts, "parameters": parameters})


def _used(document: Document, key: str, text: str, known: Mapping[str, Fragment]) -> Iterator[Fragment]:
    for number, line in enumerate(text.splitlines(), document.line((key,)) + 1):
        found = _LINE.fullmatch(line)
        if found and found["name"] in known:
            yield known[found["name"]]
        elif found:
            told = perhaps(found["name"], known, "queries/fragments/")
            raise UsageError(f"{document.path}:{number}: {key}: there is no fragment {found['name']!r}. {told}")
        elif "{{" in line:
            raise UsageError(f"{document.path}:{number}: {key}: a fragment stands on a line of its own, by its name.")


def _filled(text: str, known: Mapping[str, Fragment]) -> str:
    lines = text.splitlines()
    return "\n".join(
        f"{found['indent']}{known[found['name']].call}" if (found := _LINE.fullmatch(line)) else line for line in lines
    )
