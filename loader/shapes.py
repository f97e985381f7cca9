"""Paths through an answer of Azure, and what stands on them that has another shape than is due.

What is null is absent; what has another shape than its path says cannot be read. The same holds where a resource came
without its `properties`: these are all that its provider says of it, so without them nothing was read. That real
answers are so: https://github.com/nccgroup/ScoutSuite/issues/628
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from loader.model import Json, Outcome, Source


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands for a detail's answer that could not be fetched, so that absence is never mistaken for emptiness.

    since: of what was not to be fetched in this run, when it was read; the graph has it.
    """

    outcome: Outcome
    since: datetime | None = None


class WrongShapeError(ValueError):
    """A value of an answer has another shape than is due there, so that nobody knows what it says."""

    def __init__(self, path: str, due: str) -> None:
        super().__init__(f"{path or 'the answer'} is no {due}")


class NoPropertiesError(WrongShapeError):
    """A resource came without its `properties`, so that nothing of what its provider says of it was read."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "object")
        self.path = path


def read(answer: Json, path: str) -> list[Any]:
    """The values at `path`, nulls left out. "a | b" takes the first alternative that has any; "x[].y" walks a list.

    Raises WrongShapeError where none has any because of what stands on the way to it.
    """
    wrong: WrongShapeError | None = None
    for steps, lists in _alternatives(path):
        try:
            if lists:
                values = _walk(answer, steps)
                if values:
                    return values
            elif (value := _at(answer, steps)) is not None:
                return [value]
        except WrongShapeError as error:
            wrong = wrong or error
    if wrong is not None:
        raise wrong
    return []


@cache
def _alternatives(path: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """A declared path as its alternatives' steps, and whether these walk lists: each is read of each answer."""
    return tuple((tuple(one.strip().split(".")), "[]" in one) for one in path.split("|"))


def _at(answer: Any, steps: tuple[str, ...]) -> Any:
    value = answer
    for name in steps:
        if not isinstance(value, dict):
            return nothing_at(answer, steps)
        value = value.get(name)
    return value


def nothing_at(answer: Any, steps: tuple[str, ...]) -> None:
    """Makes sure that nothing stands where some step finds no object. Raises WrongShapeError where something does, and
    where a resource is without its `properties`.
    """
    value, holder = answer, None
    for index, name in enumerate(steps):
        if not isinstance(value, dict):
            return _absent(value, steps[:index], holder)
        holder, value = value, value.get(name)
    return None if isinstance(value, dict) else _absent(value, steps, holder)


def _absent(value: object, steps: tuple[str, ...], holder: Json | None, due: str = "object") -> None:
    """Makes sure that where something else is due there is nothing; a detail that failed is known as such elsewhere.

    holder: where the last step found it. A resource has `properties` wherever it is shown whole, which is by its name;
    where another one only points at it there is just its id.
    """
    if value is None and holder and steps[-1] == _PROPERTIES and not _points(holder):
        raise NoPropertiesError(".".join(steps))
    if value is not None and not isinstance(value, Missing):
        path = ".".join(steps)
        raise WrongShapeError(path.removesuffix("[]") if due == "list" else path, due)


_PROPERTIES = "properties"


def _points(holder: Json) -> bool:
    """Whether an object says no more of a resource than which it is."""
    return "name" not in holder and _PROPERTIES not in holder


def _walk(value: Any, steps: tuple[str, ...], begin: int = 0) -> list[Any]:
    holder: Json | None = None
    for index in range(begin, len(steps)):
        if not isinstance(value, dict):
            _absent(value, steps[:index], holder)
            return []
        name, holder = steps[index], value
        if name.endswith("[]"):
            items = value.get(name[:-2])
            if not isinstance(items, list):
                _absent(items, steps[: index + 1], holder, "list")
                return []
            return [found for item in items for found in _walk(item, steps, index + 1)]
        value = value.get(name)
    return [] if value is None else [value]


def first(answer: Json, source: Source) -> Any:
    """The first value of a path, or what a function of the answer gives; None where there is none. Raises as `read`."""
    if not isinstance(source, str):
        return source(answer)
    alternatives = _alternatives(source)
    # What most properties are is read without a list for it: this is done for each of each entity.
    if len(alternatives) == 1 and not alternatives[0][1]:
        return _at(answer, alternatives[0][0])
    return next(iter(read(answer, source)), None)
