"""Reading wire JSON where a path alone does not do: Azure may leave a field out, or answer null for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from loader.mapping import convert
from loader.model import Json
from loader.shapes import NoPropertiesError, WrongShapeError, nothing_at

Reader = TypeVar("Reader", bound=Callable[[Json], object])


def explained(source: str, reader: Reader) -> Reader:
    """The function, with where it reads and how as its docstring, which the data-model page shows as the source.

    For functions that are made for one property each, and so cannot carry a docstring of their own.
    """
    reader.__doc__ = source
    return reader


def part(answer: object, *names: str) -> Json:
    """The object at `answer[name][name]…`; empty where anything on the way is missing or null.

    Raises WrongShapeError where something on the way is no object, or a resource is without its `properties`.
    """
    found = answer
    for name in names:
        if not isinstance(found, dict):
            break
        found = found.get(name)
    if isinstance(found, dict):
        return found
    nothing_at(answer, names)
    return {}


def parts(answer: object, *names: str) -> list[Json]:
    """The objects in the list at `answer[name]…[last name]`; none where there is no list. Nulls in it are left out.

    Raises WrongShapeError where something else stands there.
    """
    items = _listed(answer, names)
    if not all(isinstance(item, dict) for item in items):
        raise WrongShapeError(".".join(names), "list of objects")
    return items


def plain(answer: object, *names: str) -> list[Any]:
    """The texts, numbers and flags in the list at `answer[name]…[last name]`, as `parts` gives objects."""
    items = _listed(answer, names)
    if any(isinstance(item, dict | list) for item in items):
        raise WrongShapeError(".".join(names), "list of plain values")
    return items


def _listed(answer: object, names: tuple[str, ...]) -> list[Any]:
    items = part(answer, *names[:-1]).get(names[-1])
    if items is not None and not isinstance(items, list):
        raise WrongShapeError(".".join(names), "list")
    return [item for item in items or () if item is not None]


def is_on(answer: Json, name: str, *, default: bool = False) -> bool:
    """Whether a switch is on, as a `flag` reads it; `default` where nothing is said.

    Raises WrongShapeError where it is neither on nor off: a word that is not known here is no "off".
    """
    value = answer.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return default
    found = None if isinstance(value, dict | list) else convert("flag", value)
    if not isinstance(found, bool):
        raise WrongShapeError(name, "yes or no that is known here")
    return found


def one_of(answer: Json, name: str, *words: str) -> str:
    """Which of these words, in lower case, stands there. Raises WrongShapeError where it is none of them: the
    bad word's absence is no good word.
    """
    word = answer.get(name)
    if word is None:
        raise NoPropertiesError(name)
    if not isinstance(word, str) or word.strip().lower() not in words:
        raise WrongShapeError(name, f"word that is known here ({', '.join(words)})")
    return word.strip().lower()


def first_with(field: str, value: str, items: Iterable[Json]) -> Json:
    """The first of the objects whose field has that value; empty where none has."""
    return next((item for item in items if item.get(field) == value), {})


def how_many(path: str) -> Callable[[Json], int]:
    """A function that counts the objects in the list at the path: "properties.rules"."""
    return explained(f"`{path}[]`, how many", lambda answer: len(parts(answer, *path.split("."))))
