"""What holds and who said so: each value of the configuration with the file's line, the variable or "default"."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from loader.config.checks import FLAT
from loader.config.model import Instance
from loader.config.reading import Written, path_text
from loader.config.settings import INSTANCE_VARIABLES, Settings, instances, settings, variable_of

DEFAULT = "default"
# Whether these are set is told, what they are is not.
_SECRET_VARIABLES = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "NEO4J_PASSWORD")


@dataclass(frozen=True, slots=True)
class Held:
    """One value, its place, and where it comes from."""

    place: str
    value: Any
    source: str


def held(found: Written, flags: Mapping[str, object] | None = None) -> list[Held]:
    """All that holds. flags: values given on the command line, by place."""
    rows = [
        *_general(found),
        *(row for at, one in enumerate(instances(found)) for row in _instance(found, at, one)),
        *(
            _of_file(found, (part, *place), value)
            for part in ("after_run", "retention", "watch", "notify")
            for place, value in _leaves(getattr(found.configuration, part), ())
        ),
        *(Held(name, "(set)", f"environment {name}") for name in _SECRET_VARIABLES if os.environ.get(name)),
    ]
    given = flags or {}
    return [Held(row.place, given[row.place], "flag") if row.place in given else row for row in rows]


def _general(found: Written) -> Iterator[Held]:
    values = settings()
    for name in Settings.model_fields:
        place = f"neo4j.{FLAT[name]}" if name in FLAT else name
        value = getattr(values, name)
        if name == "account_name_tag" and value is None:
            continue
        shown = [str(one) for one in value] if isinstance(value, list) else _plain(value)
        variable = variable_of(name)
        if variable is not None:
            yield Held(place, shown, f"environment {variable}")
            continue
        line = found.line(place.split(".")) or found.line((name,))
        yield Held(place, shown, _file_line(found, line))


def _instance(found: Written, at: int, instance: Instance) -> Iterator[Held]:
    alone = len(found.configuration.instances) <= 1
    for place, value in _leaves(instance, ()):
        whole = ("instances", at, *place)
        variable = INSTANCE_VARIABLES.get(str(place[0]))
        line = found.line(whole)
        if variable is not None and os.environ.get(variable) and (alone or line is None):
            yield Held(path_text(whole), value, f"environment {variable}")
        else:
            yield _of_file(found, whole, value)


def _of_file(found: Written, place: tuple[int | str, ...], value: Any) -> Held:
    line = found.line(place)
    for end in range(len(place) - 1, 2, -1):
        # A value that is written in short stands where its mapping would.
        if line is None and value and not isinstance(_raw(found, place[:end]), dict):
            line = found.line(place[:end])
    return Held(path_text(place), value, _file_line(found, line))


def _raw(found: Written, place: tuple[int | str, ...]) -> Any:
    data: Any = found.document.data if found.document else {}
    for step in place:
        fits = isinstance(data, dict) if isinstance(step, str) else isinstance(data, list) and step < len(data)
        if not fits or (isinstance(data, dict) and step not in data):
            return {}
        data = data[step]
    return data


def _file_line(found: Written, line: int | None) -> str:
    return DEFAULT if line is None or found.document is None else f"{found.document.path}:{line}"


def _leaves(part: Any, place: tuple[int | str, ...]) -> Iterator[tuple[tuple[int | str, ...], Any]]:
    if isinstance(part, BaseModel):
        for name, value in part:
            yield from _leaves(value, (*place, name))
    elif isinstance(part, list) and any(isinstance(one, BaseModel) for one in part):
        for at, one in enumerate(part):
            yield from _leaves(one, (*place, at))
    else:
        yield place, _plain(part)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
