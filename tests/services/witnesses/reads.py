"""Every place of an answer that a declaration reads: the paths it names, and what its functions read of the examples.

What a function reads is seen, not guessed from its text: it is handed answers that note every name they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from loader.mapping import build_record
from loader.model import Arm, At, Call, EntityType, Json, Vault
from loader.shapes import NoPropertiesError

# The steps to one place of an answer; a list's name ends with "[]", as in the paths of declarations.
Path = tuple[str, ...]
# What the mapping reads of every answer alike, whether its type has it or not.
_ALIKE = frozenset({"id", "name", "displayName", "location", "tags", "systemData", "@account", "@tenant"})


class Noted(dict[str, Any]):
    """An answer that notes the path of everything that is read of it."""

    def __init__(self, answer: Json, sink: set[Path], path: Path = ()) -> None:
        super().__init__({name: _noted(value, sink, path, name) for name, value in answer.items()})
        self._sink, self._path = sink, path

    def _note(self, name: object) -> None:
        self._sink.add((*self._path, str(name)))

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)


def _noted(value: Any, sink: set[Path], path: Path, name: str) -> Any:
    if isinstance(value, dict):
        return Noted(value, sink, (*path, name))
    if isinstance(value, list):
        return [_noted(one, sink, path, f"{name}[]") for one in value]
    return value


def reads_of(declared: EntityType, examples: Iterable[Json]) -> set[Path]:
    """What the declaration reads of its own answer, and at "@parent" and "$detail" of those of others."""
    return {tuple(path.split(".")) for path in _named(declared)} | _seen(declared, examples)


def _named(declared: EntityType) -> Iterator[str]:
    sources = [one.source for one in declared.properties] + [one.to for one in declared.relationships]
    for source in (*sources, declared.key, declared.name):
        if isinstance(source, str) and source != "displayName | name":
            yield from (path.strip() for path in source.split("|"))
    for detail in declared.details:
        yield from arguments_of(detail.call)


def arguments_of(call: Call) -> Iterator[str]:
    """The paths of the parent's answer that a call's arguments are read from."""
    given: list[Any] = [call.endpoint] if isinstance(call, Vault) else list(call.args)
    if isinstance(call, Arm):
        given += call.kwargs.values()
    yield from (one.path for one in given if isinstance(one, At))


def _seen(declared: EntityType, examples: Iterable[Json]) -> set[Path]:
    """What the functions read. The whole mapping runs, so that no kind of function is forgotten."""
    sink: set[Path] = set()
    for example in examples:
        answer = Noted(example, sink)
        for entity in declared.spread(answer) if declared.spread else (answer,):
            if declared.keep is None or declared.keep(entity):
                build_record(declared, entity)
        for detail in declared.details:
            if detail.call.when is not None:
                with suppress(NoPropertiesError):  # it is asked then
                    detail.call.when(answer)
    return {path for path in sink if path[0] not in _ALIKE}
