"""From an Azure answer to a record: paths, conversions, common properties, links.

An answer is the wire JSON of one entity, to which the runner has added `$<detail>` (answers of detail calls),
`@parent` (the parent's answer), `@subscription` and `@tenant` (ids). A detail whose call failed is `Missing`.
What is null is absent; what cannot be read (see `shapes`) leaves what hangs on it unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from loader.guids import called, is_guid
from loader.model import EntityType, Json, Link, Property, Record, Relationship, Scalar, Source, Target, Value
from loader.secrets import without_places
from loader.shapes import Missing, NoPropertiesError, WrongShapeError, first, read

_TRUE = {"true", "enabled", "on", "yes", "1"}
_FALSE = {"false", "disabled", "off", "no", "0"}
_OF_MANY = frozenset({dict, list})
# Named once: a union that is written where it is asked for is made anew each time.
_MANY, _END = (list, tuple, set, frozenset), (str, Target)
_PORTAL = "https://portal.azure.com/#@{tenant}/resource{id}"


def parse_time(value: object) -> datetime | None:
    """A UTC time from ISO 8601 text (of any precision) or epoch seconds; None where it is neither.

    Azure's "no date" (year 1 or 9999) is no date here either: a comparison with it would always be wrong.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(_microseconds(str(value).strip()))
    except (ValueError, OverflowError, OSError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None if moment.year in (1, 9999) else moment.astimezone(UTC)


def _microseconds(moment: str) -> str:
    """Cuts the seven decimals Azure writes to the six Python reads."""
    head, dot, tail = moment.partition(".")
    if not dot:
        return moment
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"


def _flag(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _number(value: object) -> float | None:
    try:
        converted = float(str(value))
    except ValueError:
        return None
    return converted if math.isfinite(converted) else None


def _whole(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        converted = _number(value)
        return int(converted) if converted is not None and converted.is_integer() else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_CONVERSIONS = {"text": _text, "flag": _flag, "whole": _whole, "number": _number, "date": parse_time}


def convert(kind: str, value: object) -> Value | None:
    """`value` as the graph stores a property of that kind; None where it cannot be read as one."""
    if value is None or (kind == "text" and isinstance(value, str)):
        return value
    if kind == "texts":
        items = value if isinstance(value, _MANY) else [value]
        texts: list[Scalar] = sorted({_text(item) for item in items if item is not None and not _nested(item)})
        return texts
    if _nested(value):
        return None
    return _CONVERSIONS[kind](value)


_NESTED = (dict, list, Missing)


def _nested(value: object) -> bool:
    return isinstance(value, _NESTED)


def identity(written: str) -> str:
    """An id as its service means it. Some leave the leading slash of ARM ids out, and some end them with another one;
    blanks around an id are no part of it.
    """
    if written[:1] == "/" and written[-1] not in _LOOSE_ENDS:
        return written
    bare = written.strip()
    if bare.lower().startswith(_ARM_ROOTS):
        bare = f"/{bare}"
    return (bare.rstrip("/") or bare) if bare.startswith("/") else bare


_ARM_ROOTS = ("subscriptions/", "providers/")
_LOOSE_ENDS = "/ \t\r\n"


def identity_of(entity_type: EntityType, answer: Json) -> str:
    """What an answer is known by: its record's key but for casing. Empty where it has no id, which is always a text."""
    found = first(answer, entity_type.key)
    return identity(found) if isinstance(found, str) else ""


def build_record(entity_type: EntityType, answer: Json) -> Record | None:
    """The record of one answer, or None where the answer has no id and so cannot be an entity."""
    answer = without_places(entity_type.secrets, answer)
    key = identity_of(entity_type, answer)
    if not key:
        return None
    missing = {name[1:] for name, value in answer.items() if isinstance(value, Missing) and name.startswith("$")}
    unknown: set[str] = set()
    odd: list[tuple[str, Exception]] = []
    try:
        display = _display(entity_type, answer, key)
    except WrongShapeError as error:
        display = ""
        unknown.add("displayName")
        odd.append(("displayName", error))
    properties = _common_properties(entity_type, answer, key, display)
    for declared in entity_type.properties:
        if missing and details_of(declared.source, declared.needs) & missing:
            unknown.add(declared.name)
            continue
        try:
            value = _property(declared, answer)
        except Exception as error:  # noqa: BLE001 - a value of a shape nobody foresaw costs itself only
            unknown.add(declared.name)
            odd.append((declared.name, error))
            continue
        if value is not None:
            properties[declared.name] = value
        elif missing.intersection(declared.may_need):
            unknown.add(declared.name)
    links: list[Link] = []
    unknown_verbs: set[str] = set()
    for relationship in entity_type.relationships:
        if missing and details_of(relationship.to, relationship.needs) & missing:
            unknown_verbs.add(relationship.verb)
            continue
        try:
            links.extend(_links(relationship, answer))
        except Exception as error:  # noqa: BLE001 - as above
            unknown_verbs.add(relationship.verb)
            odd.append((relationship.verb, error))
    only_named = bool(answer.get("@only_named"))
    if only_named:
        unknown |= {"name", "displayName"} | {one.name for one in entity_type.properties}
    return Record(
        key=key.lower(),
        type=entity_type.type,
        properties=properties,
        links=tuple(_distinct(links)),
        unknown=frozenset(unknown),
        unknown_verbs=frozenset(unknown_verbs),
        only_named=only_named,
        odd=_told(*odd[0]) if odd else "",
        withheld=bool(odd) and all(isinstance(error, NoPropertiesError) for _, error in odd),
    )


def _told(name: str, error: Exception) -> str:
    """Why a property or relationship cannot be read, as a clause."""
    if isinstance(error, NoPropertiesError):
        return f"Azure answered it without {error.path}"
    return f"its {name} cannot be read: " + (str(error) if isinstance(error, WrongShapeError) else type(error).__name__)


def _property(declared: Property, answer: Json) -> Value | None:
    value = _value(declared, answer)
    return spelt(value, declared.values) if declared.values else value


def _value(declared: Property, answer: Json) -> Value | None:
    if declared.kind == "texts" and isinstance(declared.source, str):
        values = read(answer, declared.source)
        flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
        if not _OF_MANY.isdisjoint(map(type, flat)):
            raise WrongShapeError(declared.source, "list of texts")
        return convert("texts", flat) if values else None
    value = first(answer, declared.source)
    if type(value) in _OF_MANY and declared.kind != "texts" and isinstance(declared.source, str):
        raise WrongShapeError(declared.source, "plain value")
    return convert(declared.kind, value)


def spelt(value: Value | None, values: tuple[str, ...]) -> Value | None:
    """A text, or each of a list, as `values` spells it; what is none of them stays as it came.

    Its casing varies between Azure's answers, against its own reference too, and means nothing:
    https://github.com/hashicorp/terraform-provider-azurerm/issues/4714
    """
    if isinstance(value, list):
        told: list[Scalar] = sorted({_spellings(values).get(str(one).lower(), str(one)) for one in value})
        return told
    return _spellings(values).get(value.lower(), value) if isinstance(value, str) else value


@cache
def _spellings(values: tuple[str, ...]) -> dict[str, str]:
    return {one.lower(): one for one in values}


def details_of(source: Source | None, needs: tuple[str, ...]) -> set[str]:
    """The details a source reads: those a path names, and those a function declares."""
    if not isinstance(source, str):
        return set(needs)
    named = {step.strip().split(".")[0] for step in source.split("|")}
    return {name[1:] for name in named if name.startswith("$")} | set(needs)


def _is_named(entity_type: EntityType) -> bool:
    """Whether resources of a type have names of their own, which their ids end with; subscriptions have none."""
    return entity_type.arm_type is not None and "name" in str(entity_type.name).split(" | ")


def _display(entity_type: EntityType, answer: Json, key: str) -> str:
    """What people call an entity; empty where nothing tells. Raises WrongShapeError where something else stands there:
    what it is called is then as it was.
    """
    found = first(answer, entity_type.name)
    if found is None or isinstance(found, str):
        return (found or "").strip()
    if key.startswith("/") and found is answer.get("name"):
        return ""  # the id tells it as well
    raise WrongShapeError(entity_type.name if isinstance(entity_type.name, str) else "its name", "text")


def _common_properties(entity_type: EntityType, answer: Json, key: str, display: str) -> dict[str, Value]:
    """What every entity has: id, name, displayName, webLink; for ARM ids the place in Azure, who made it; its tags.

    A resource that does not tell its name is called as its id says, which ends with it.
    """
    # A computed key stands in for ids that vary with who asks, such as those of built-in roles.
    identifier = key if callable(entity_type.key) else identity(str(answer.get("id") or key))
    own_name = answer["name"].strip() if isinstance(answer.get("name"), str) else ""
    if not own_name and (not display or _is_named(entity_type)) and key.startswith("/"):
        own_name = identifier.rpartition("/")[2]
    display = display or own_name or key
    properties: dict[str, Value] = {
        "id": identifier,
        "name": own_name or display,
        "displayName": _called(entity_type, display, identifier),
    }
    if identifier.startswith("/"):
        properties["webLink"] = _PORTAL.format(tenant=answer.get("@tenant") or "", id=identifier)
        parts = identifier.strip("/").split("/")
        if parts[0].lower() == "subscriptions" and len(parts) > 1:
            properties["subscriptionId"] = parts[1].lower()
        if len(parts) > 3 and parts[2].lower() == "resourcegroups":
            properties["resourceGroup"] = parts[3].lower()
        properties |= _made(answer.get("systemData"))
    if isinstance(answer.get("location"), str):
        properties["location"] = normal_location(answer["location"])
    tags = answer.get("tags")
    for name, value in tags.items() if isinstance(tags, dict) else ():
        if value is not None and not _nested(value):
            properties[f"tag.{name}"] = _text(value)
    if answer.get("@account"):
        properties["tag.AccountName"] = str(answer["@account"])
    return properties


def _called(entity_type: EntityType, display: str, identifier: str) -> str:
    """What people call an entity; where Azure names it with a GUID: what it is, the GUID's beginning, what it is of."""
    last = display.rstrip("/").rpartition("/")[2] if display == identifier else display
    if not is_guid(last):
        return last or display
    parts = identifier.strip("/").split("/") if identifier.startswith("/") else []
    above = list(zip(parts[:-2:2], parts[1:-2:2], strict=False))
    owner = next((name for kind, name in reversed(above) if kind.lower() != "providers" and not is_guid(name)), "")
    return called(entity_type.resource, last) + (f" of {owner}" if owner else "")


def _made(system_data: object) -> dict[str, Value]:
    """Who made a resource and last changed it, where its provider tells: createdBy, createdAt, lastModifiedBy, ….

    https://learn.microsoft.com/rest/api/resources/resources/list#systemdata
    """
    if not isinstance(system_data, dict):
        return {}
    kinds = {"By": "text", "ByType": "text", "At": "date"}
    found = {
        f"{deed}{what}": convert(kind, system_data.get(f"{deed}{what}"))
        for deed in ("created", "lastModified")
        for what, kind in kinds.items()
    }
    return {name: value for name, value in found.items() if value is not None}


def normal_location(location: str) -> str:
    """Azure's short name of a region: "East US 2" and "eastus2" are one place."""
    return location.replace(" ", "").lower()


def _links(relationship: Relationship, answer: Json) -> Iterable[Link]:
    if relationship.make is not None:
        return relationship.make(answer)
    found = relationship.to(answer) if callable(relationship.to) else read(answer, relationship.to or "")
    if not found:
        return ()
    ids = found if isinstance(found, _MANY) else [found]
    if isinstance(relationship.to, str) and not all(isinstance(one, str) for one in ids):
        raise WrongShapeError(relationship.to, "id")
    kind = relationship.other if isinstance(relationship.other, str) else None
    concrete = None if kind is None or kind.startswith("ANY_") else kind
    return [
        Link(relationship.verb, _target(one, concrete), incoming=relationship.is_incoming)
        for one in ids
        if one and isinstance(one, _END)
    ]


def _meant(link: Link) -> Link:
    """The link to what its id means: keys of far ends are written by every service as it likes."""
    key = identity(link.target.key)
    return link if key == link.target.key else replace(link, target=replace(link.target, key=key))


def _target(found: str | Target, concrete: str | None) -> Target:
    if isinstance(found, Target):
        return found
    return Target(found.lower(), concrete, {"id": identity(found)})


def _distinct(links: Iterable[Link]) -> Iterator[Link]:
    """Azure repeats ids in some lists; the same relationship twice is one."""
    seen: set[tuple[str, str, bool, str]] = set()
    for link in map(_meant, links):
        told = (link.verb, link.target.key, link.incoming, link.key)
        if told not in seen:
            seen.add(told)
            yield link
