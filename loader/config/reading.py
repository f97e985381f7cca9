"""Reads `azgraph.yaml`: all that is wrong with it in one go, each with its line, its place and what to do."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from loader.config.checks import across, secrets_in
from loader.config.folders import folder_of_file, from_folder
from loader.config.model import Configuration
from loader.config.secret_values import from_file, from_variable
from loader.errors import UsageError
from loader.mistakes import keys_at, reason
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
    """What stands elsewhere than in the configuration: names, of which those of None are not looked at.

    secrets: whether those that a variable or a file holds are looked for too.
    """

    types: Collection[str] | None = None
    packs: Collection[str] | None = None
    rule_packs: Collection[str] | None = None
    refreshable: Collection[str] | None = None
    secrets: bool = False


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
    if known and known.secrets:
        found += _secrets_not_there(document)
    if found or configuration is None:
        problems = {_problem(document, place, why): None for place, why in found}
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


def _problem(document: Document, place: Place, why: str) -> Problem:
    there = place
    while there and not _exists(document.data, there):
        there = there[:-1]
    told = place if len(place) - len(there) <= 1 and why.startswith("this key is missing") else there
    return Problem(document.path, document.line(place), path_text(told), why.rstrip("."))


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
        known = keys_at(Configuration, place[:-1])
        near = nearest(last, known)
        return f"{reason(error)}{near or '; known are ' + ', '.join(known)}"
    if kind == "missing":
        return f"{reason(error)}; write `{last}: …`"
    if kind in ("literal_error", "enum"):
        expected = error["ctx"]["expected"]
        near = nearest(str(error["input"]), expected.replace("'", "").replace(" or ", ", ").split(", "))
        return reason(error) + near
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        known = keys_at(Configuration, place)
        return f"{reason(error)}{' of ' + ', '.join(known) if known else ''}"
    return reason(error)


def _secrets_not_there(document: Document) -> Iterator[tuple[Place, str]]:
    folder = folder_of_file(document.path)
    for place, said in secrets_in(document.data):
        named = {kind: text for kind in ("env", "file", "key_vault") if (text := said.get(kind)) is not None}
        if len(named) != 1 or not all(isinstance(text, str) and text for text in named.values()):
            continue  # told as another mistake
        try:
            if "env" in named:
                from_variable(named["env"], os.environ)
            elif "file" in named:
                from_file(from_folder(folder, Path(named["file"])))
        except UsageError as error:
            yield (*place, *named), str(error)


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
