"""`overrides.yaml` of a user's library: other titles, severities, parameters, owners, without copying what is shipped.

`docs/own-library.md` describes the file. It is refused with file, line and reason where it names what does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from loader.library.definitions import Check, Control, Id, Pack, Question, Section, Text
from loader.library.overridden import PARAMETERS, Changeable, Entry, Overridable, Overridden
from loader.library.parameters import Given, Parameter
from loader.library.severity import DeclaredSeverity
from loader.library.vanished import Tell, VanishedError, passing_over
from loader.nearest import nearest
from loader.yaml_reader import Document, Strict

FILE = "overrides.yaml"
Place = tuple[int | str, ...]
Found = TypeVar("Found")
_VALUES = ("title", "severity", "owner", "enabled")
_SECTIONS = {"query": "queries", "check": "checks", "rule": "rules"}


class _Saying(Strict):
    """Something that must say something: an empty override is a slip."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, name) in (None, {}) for name in type(self).model_fields):
            raise ValueError(f"this overrides nothing; give {', '.join(type(self).model_fields)}")
        return self


class Override(_Saying):
    """What is different of one entry; what it does not name stays. parameters: their defaults."""

    title: Text | None = None
    parameters: dict[str, Given] = Field(default_factory=dict)


class QueryOverride(Override):
    """Of a query, whose title is a question."""

    title: Question | None = None


class RatedOverride(Override):
    """Of what has a severity: a check or a rule."""

    severity: DeclaredSeverity | None = None


class RuleOverride(RatedOverride):
    """Of a rule: whose its alerts are, and whether it is evaluated at all, whatever packs are chosen."""

    owner: Text | None = None
    enabled: bool | None = None


class PackOverride(_Saying):
    """Of a pack: its title, and titles and parameters of its controls, by their ids."""

    title: Text | None = None
    controls: dict[Text, Override] = Field(default_factory=dict)


class Overrides(Strict):
    """The file: entries by their ids, by what they are."""

    queries: dict[Id, QueryOverride] = Field(default_factory=dict)
    checks: dict[Id, RatedOverride] = Field(default_factory=dict)
    packs: dict[Id, PackOverride] = Field(default_factory=dict)
    rules: dict[Id, RuleOverride] = Field(default_factory=dict)


def read_overrides(folder: Path) -> tuple[Document, Overrides] | None:
    """The overrides of a library folder, with the document for errors; None where it has none. Raises UsageError."""
    path = folder / FILE
    if not path.exists():
        return None
    document = Document(path)
    return document, document.validate(Overrides)


def override(
    document: Document,
    kind: Literal["query", "check", "rule"],
    entries: dict[str, Entry],
    overrides: Mapping[str, Override],
    tell: Tell | None = None,
) -> None:
    """Replaces the entries that the file is about; what they were before and who changed it, they tell themselves.

    tell: hears of overrides of entries or parameters that do not exist, which are passed over; without it they are
    refused. Raises UsageError for a value that does not fit, and a second override.
    """
    for name, one in overrides.items():
        with passing_over(tell, "The override"):
            entries[name] = _entry(document, kind, entries, name, one)


def _entry(
    document: Document, kind: Literal["query", "check", "rule"], entries: Mapping[str, Entry], name: str, one: Override
) -> Entry:
    place = (_SECTIONS[kind], name)
    entry = _known(document, place, kind, entries, name)
    before = {key: _told_plainly(getattr(entry, key, None)) for key in _VALUES}
    before |= {PARAMETERS + key: parameter.default for key, parameter in entry.parameters.items()}
    told = _compared(document, place, f"{kind} {name}", entry, entry.parameters, before, one)
    parameters = {
        key: parameter.model_copy(update={"default": told.own.get(PARAMETERS + key, parameter.default)})
        for key, parameter in entry.parameters.items()
    }
    return entry.changed({**_plain(told), "parameters": parameters}, told)


def override_packs(
    document: Document,
    packs: dict[str, Pack],
    checks: Mapping[str, Check],
    overrides: Mapping[str, PackOverride],
    tell: Tell | None = None,
) -> None:
    """The same for packs and their controls."""
    for name, one in overrides.items():
        with passing_over(tell, "The override"):
            packs[name] = _pack(document, packs, checks, name, one, tell)


def _pack(
    document: Document,
    packs: Mapping[str, Pack],
    checks: Mapping[str, Check],
    name: str,
    one: PackOverride,
    tell: Tell | None,
) -> Pack:
    place = ("packs", name)
    pack = _known(document, place, "pack", packs, name)
    controls = {control.id: control for _, control in pack.controls()}
    for number, other in one.controls.items():
        here = (*place, "controls", number)
        with passing_over(tell, "The override"):
            control = _known(document, here, f"control of {name}", controls, number)
            controls[number] = _control(document, here, name, control, checks, other)
    pack = pack.model_copy(update={"sections": [_section(section, controls) for section in pack.sections]})
    if one.title is None:
        return pack
    told = _compared(document, place, f"pack {name}", pack, {}, {"title": pack.title}, Override(title=one.title))
    return pack.changed(_plain(told), told)


def _control(
    document: Document, place: Place, pack: str, control: Control, checks: Mapping[str, Check], other: Override
) -> Control:
    if other.parameters and control.check is None:
        raise document.error((*place, "parameters"), f"the control {control.id} has no check of its own to set")
    declared = checks[control.check].parameters if control.check else {}
    before: dict[str, Any] = {PARAMETERS + key: one.default for key, one in declared.items()}
    for change in checks[control.check].overridden if control.check else ():
        before |= change.shipped
    before |= {PARAMETERS + key: value for key, value in control.parameters.items()} | {"title": control.title}
    told = _compared(document, place, f"control {control.id} of {pack}", control, declared, before, other)
    return control.changed({**_plain(told), "parameters": {**control.parameters, **other.parameters}}, told)


def _section(section: Section, controls: Mapping[str, Control]) -> Section:
    return section.model_copy(
        update={
            "sections": [_section(one, controls) for one in section.sections],
            "controls": [controls[control.id] for control in section.controls],
        }
    )


def _known(document: Document, place: Place, kind: str, entries: Mapping[str, Found], name: str) -> Found:
    if name in entries:
        return entries[name]
    near = nearest(name, entries)
    reason = f"there is no {kind} {name!r}{'; perhaps ' + ', '.join(near) if near else ''}"
    raise VanishedError(str(document.error(place, reason)))


def _compared(
    document: Document,
    place: Place,
    of: str,
    entry: Changeable | Overridable,
    declared: Mapping[str, Parameter],
    before: Mapping[str, Any],
    override: Override,
) -> Overridden:
    """What an override changes, its parameters checked against the declared ones. before: the values by name."""
    if entry.overridden:
        raise document.error(place, f"{entry.overridden[0].by} overrides it already")
    own = {name: getattr(override, name, None) for name in _VALUES}
    own = {name: value for name, value in own.items() if value is not None}
    for name, given in override.parameters.items():
        here = (*place, "parameters", name)
        if name not in declared:
            reason = f"there is no such parameter; there are: {', '.join(declared) or 'none'}"
            raise VanishedError(str(document.error(here, reason)))
        try:
            declared[name].bind(given)
        except ValueError as error:
            raise document.error(here, str(error)) from error
        own[PARAMETERS + name] = given
    by = f"{document.path}:{document.line(place)}"
    return Overridden(of, by, {name: before[name] for name in own}, own)


def _told_plainly(value: Any) -> Any:
    """What can be told as it is, in JSON too; a model (an owner by a tag) as its text."""
    return value if value is None or isinstance(value, str | bool) else str(value)


def _plain(told: Overridden) -> dict[str, Any]:
    """What is new but for parameters, as fields of the entry."""
    return {name: value for name, value in told.own.items() if not name.startswith(PARAMETERS)}
