"""Reads `azgraph.yaml`: all that is wrong with it in one go, each with its line, its place and what to do."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from loader.config.checks import across
from loader.config.model import Configuration
from loader.errors import UsageError
from loader.spans import ALL
from loader.yaml_reader import Document

Place = tuple[int | str, ...]
# Keys under which people write a secret itself.
_SECRETS = {
    *("secret", "client_secret", "password", "certificate_password", "neo4j_password", "secret_value"),
    *("token", "apprise", "url_from"),
}
_NONE_HERE = (
    "a secret never stands in this file, since whoever reads it has it; take it out (and make a new one), and write "
    "where it is: `{env: AZURE_CLIENT_SECRET}`, `{file: /path}` or `{key_vault: https://….vault.azure.net/secrets/…}`"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, and what to do."""

    file: Path
    line: int
    place: str
    sentence: str

    def __str__(self) -> str:
        end = "" if self.sentence.endswith("?") else "."
        return f"{self.file}:{self.line}: {self.place + ': ' if self.place else ''}{self.sentence}{end}"


class ConfigurationError(UsageError):
    """The configuration cannot be used; `problems` are all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        told = "\n".join(map(str, problems))
        super().__init__(told if len(problems) == 1 else f"The configuration has {len(problems)} mistakes:\n{told}")


@dataclass(frozen=True)
class Known:
    """Names that stand elsewhere than in the configuration; those of None are not looked at."""

    types: Collection[str] | None = None
    packs: Collection[str] | None = None
    rule_packs: Collection[str] | None = None
    refreshable: Collection[str] | None = None


@dataclass(frozen=True)
class Written:
    """A configuration and the file that says it; `document` is None where there is no file."""

    configuration: Configuration = field(default_factory=Configuration)
    document: Document | None = None

    def line(self, place: Sequence[int | str]) -> int | None:
        """The line that says a value; None where the file does not."""
        if self.document is None or not _exists(self.document.data, place):
            return None
        return self.document.line(place)


def read_configuration(path: Path, known: Known | None = None) -> Written:
    """The configuration in a file. Raises UsageError where it is no YAML, ConfigurationError with all mistakes."""
    document = Document(path, may_be_empty=True)
    configuration, found = None, []
    try:
        configuration = Configuration.model_validate(document.data)
    except ValidationError as error:
        found = [(tuple(one["loc"]), _reason(one)) for one in error.errors(include_url=False)]
    found += across(document.data)
    found += _unknown_names(document.data, known or Known())
    if found or configuration is None:
        problems = {_problem(document, place, reason): None for place, reason in found}
        raise ConfigurationError(sorted(problems, key=lambda one: one.line))
    return Written(configuration, document)


def path_text(place: Iterable[int | str]) -> str:
    """A place as people write it: `instances[0].subscriptions.exclude`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that is not known: the nearest ones."""
    near = get_close_matches(name, list(known), n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _problem(document: Document, place: Place, reason: str) -> Problem:
    there = place
    while there and not _exists(document.data, there):
        there = there[:-1]
    told = place if len(place) - len(there) <= 1 and reason.startswith("this key is missing") else there
    return Problem(document.path, document.line(place), path_text(told), reason.rstrip("."))


def _exists(data: Any, place: Sequence[int | str]) -> bool:
    for step in place:
        there = step in data if isinstance(data, Mapping) else isinstance(data, list) and step in range(len(data))
        if not there:
            return False
        data = data[step]
    return True


def _reason(error: Any) -> str:
    place, kind = tuple(error["loc"]), error["type"]
    last = str(place[-1]) if place else ""
    if last in _SECRETS and kind in ("extra_forbidden", "model_type", "model_attributes_type"):
        return _NONE_HERE
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = nearest(last, known)
        return f"this key is not known here{near or '; known are ' + ', '.join(known)}"
    if kind == "missing":
        return f"this key is missing; write `{last}: …`"
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        near = nearest(str(error["input"]), expected.replace("'", "").replace(" or ", ", ").split(", "))
        return f"this must be {expected}{near}"
    if kind == "string_type":
        return "this must be text; put it in quotes"
    if kind in ("bool_parsing", "bool_type"):
        return "this must be true or false"
    if kind in ("int_parsing", "int_type", "int_from_float"):
        return "this must be a whole number"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        known = _keys_at(place)
        return f"this must be a mapping of `key: value` lines{' of ' + ', '.join(known) if known else ''}"
    if kind in ("list_type", "path_type"):
        return "this must be a list: lines that begin with `- `" if kind == "list_type" else "this must be a path"
    said = str(error["msg"])
    return (
        said.removeprefix("Value error, ").replace("Input should", "this should").replace("String should", "it should")
    )


def _keys_at(place: Place) -> list[str]:
    """The keys that are known at a place; empty where there is no mapping of known keys."""
    model: Any = Configuration
    for step in place:
        if isinstance(step, int):
            continue
        fields = getattr(model, "model_fields", {})
        if step not in fields:
            return []
        model = next(iter(_models_in(fields[step].annotation)), None)
    return list(model.model_fields) if model is not None else []


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models_in(part)


def _unknown_names(data: Any, known: Known) -> Iterator[tuple[Place, str]]:
    """Types, packs and packs of rules that nobody declares."""
    instances = data.get("instances")
    for at, instance in enumerate(instances if isinstance(instances, list) else []):
        types = instance.get("types") if isinstance(instance, dict) else None
        for key in ("only", "skip") if isinstance(types, dict) and known.types is not None else ():
            named = types.get(key) if isinstance(types, dict) else None
            for index, name in enumerate([named] if isinstance(named, str) else named or ()):
                if isinstance(name, str) and name not in known.types:  # type: ignore[operator]
                    near = nearest(name, known.types or ())
                    yield (
                        ("instances", at, "types", key, index),
                        (f"there is no entity type {name!r}{near or '; `azgraph model` lists them'}"),
                    )
        ages = instance.get("freshness") if isinstance(instance, dict) else None
        older = (ALL, *known.refreshable) if known.refreshable is not None else None
        for name in ages if isinstance(ages, dict) and older is not None else ():
            if name not in (older or ()):
                near = nearest(str(name), older or ())
                yield (
                    ("instances", at, "freshness", name),
                    (f"{name!r} is read in each run; what may be older is listed in docs/scale.md{near}"),
                )
    after = data.get("after_run")
    if data.get("library"):
        return  # packs of the user's own are as good
    for key, names, what, command in (
        ("packs", known.packs, "pack", "azgraph check --list"),
        ("rule_packs", known.rule_packs, "pack of rules", "azgraph alerts rules"),
    ):
        packs = after.get(key) if isinstance(after, dict) else None
        for index, one in enumerate(packs if isinstance(packs, list) and names is not None else []):
            name = one.get("pack") if isinstance(one, dict) else one
            if isinstance(name, str) and name not in (names or ()):
                near = nearest(name, names or ())
                yield ("after_run", key, index), f"there is no {what} {name!r}{near or f'; `{command}` lists them'}"
