"""Every declared path exists: the installed SDK's model of the answer has it, or a witness does. Our examples are none.

A next version of an SDK that moves a field is seen here on the day it is locked.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from loader.model import Arm, Call, EntityType, Graph, Json
from loader.services import entity_types
from loader.shapes import NoPropertiesError, read
from tests.services import examples_of
from tests.services.witnesses import recordings
from tests.services.witnesses.reads import Path as Steps
from tests.services.witnesses.reads import arguments_of, reads_of
from tests.services.witnesses.walks import Walker, parents_of, unknown_steps

FILE = Path(__file__).parent / "witnesses" / "witnesses.yaml"
SAID: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
TYPES = {name: one for name, one in entity_types().items() if one.fetch is not None}
WALKER = Walker(SAID["models"])
EXAMPLES = examples_of.examples()
# So many real items of a list fill whatever the list can fill, or need a witness that it can.
MANY = 20
_ON_DEMAND = re.compile(
    r"only on \$select|requires \$select|\$select to retrieve|requested via the \$expand", re.IGNORECASE
)
_PUBLISHED = ("https://learn.microsoft.com/", "https://github.com/Azure/azure-rest-api-specs/")


def reads(name: str) -> set[Steps]:
    """What is read of a type's answers; places of secrets are emptied before anything is read of them."""
    found = reads_of(TYPES[name], [one.answer for one in EXAMPLES if one.type == name])
    emptied = [tuple(path.split(".")) for path in TYPES[name].secrets]
    return {steps for steps in found if not any(steps[: len(one)] == one for one in emptied)}


def witnesses(name: str) -> dict[str, dict[str, str]]:
    return SAID["paths"].get(name) or {}


def answered(name: str) -> dict[str, dict[str, str]]:
    """What answers of a type may have beside its model's fields."""
    return witnesses(name) | SAID["answered"].get(name, {})


@pytest.mark.parametrize("name", TYPES)
def test_every_path_that_is_read_exists_or_has_a_witness(name: str) -> None:
    unknown, said = unknown_steps(WALKER, TYPES[name], reads(name)), set(witnesses(name))
    assert sorted(unknown - said) == [], f"no model of the installed SDK has these: mend them, or see {FILE.name}"
    assert sorted(said - unknown) == [], (
        f"these are read no more, or the model has them now: take them out of {FILE.name}"
    )


@pytest.mark.parametrize("name", TYPES)
def test_what_a_call_asks_for_exists(name: str) -> None:
    """Arguments from the parent's answer, `select` and `expand`."""
    declared = TYPES[name]
    if not isinstance(declared.fetch, Call):
        return
    given = {tuple(path.split(".")) for path in arguments_of(declared.fetch)}
    for parent in parents_of(declared):
        assert unknown_steps(WALKER, parent, given) == set()
    if isinstance(declared.fetch, Graph):
        asked = {re.split(r"\W", one)[0] for one in (*declared.fetch.select, *declared.fetch.expand)}
        assert asked - set(WALKER.start(declared).fields()) == set()


@pytest.mark.parametrize("name", SAID["paths"])
def test_witnesses_hold(name: str) -> None:
    for path, witness in witnesses(name).items():
        assert len(witness) == 1, f"{path} of {name} has one witness"
        if "page" in witness:
            assert witness["page"].startswith(_PUBLISHED)
        if "like" in witness:
            other = TYPES[witness["like"]]
            assert unknown_steps(WALKER, other, [tuple(path.split("."))]) == set(), f"{other.type} has no {path}"


@pytest.mark.parametrize("name", SAID["paths"] | SAID["answered"])
def test_recordings_that_are_witnesses_fill_the_path(name: str) -> None:
    recordings.needed()
    for path, witness in answered(name).items():
        if "recording" in witness:
            own = re.sub(r"^\$\w+\.(value\[\]\.)?", "", path)
            assert any(read(item, own) for item in recordings.items(witness["recording"])), f"{path} of {name}"


@pytest.mark.parametrize("name", TYPES)
def test_what_is_answered_on_demand_only_is_demanded(name: str) -> None:
    """Some models say of a field that it is answered only where the call names it."""
    declared = TYPES[name]
    said = set(SAID["selected"].get(name) or ())
    silent = {".".join(path) for path in reads(name) if _is_on_demand(declared, path) and not _asks_for(declared, path)}
    assert silent == said, f"name them in the call's `select` or `expand`, or say in {FILE.name} why not"


def _is_on_demand(declared: EntityType, path: Steps) -> bool:
    shape, _ = WALKER.walk(declared, path)
    return shape is not None and bool(_ON_DEMAND.search(shape.about))


def _asks_for(declared: EntityType, path: Steps) -> bool:
    calls = {f"${one.name}": one.call for one in declared.details}
    call = calls.get(path[0], declared.fetch)
    field = next(step for step in path if not step.startswith(("$", "@")) and step != "value[]").removesuffix("[]")
    if isinstance(call, Graph):
        return field in call.select or any(one.startswith(field) for one in call.expand)
    return isinstance(call, Arm) and field in str(call.kwargs.get("expand") or "").split(",")


@pytest.mark.parametrize("name", SAID["less"])
def test_a_list_is_not_asked_for_what_only_a_get_tells(name: str) -> None:
    never = SAID["less"][name]["paths"]
    assert SAID["less"][name]["page"].startswith(_PUBLISHED)
    known = [path for path in never if not unknown_steps(WALKER, TYPES[name], [tuple(path.split("."))])]
    assert known == never, "the model no longer has it, so the paths' own test finds it"
    found = {".".join(path) for path in reads(name)}
    assert [one for one in found if any(f"{one}.".startswith(f"{path}.") for path in never)] == []


def _items_of_list(declared: EntityType) -> list[Json]:
    """What real lists answered for the type; none where a detail or a parent's answer tells of it."""
    listed = isinstance(declared.fetch, Arm) and declared.arm_type
    return recordings.listed_by_arm_type().get(declared.arm_type.lower(), []) if listed and declared.arm_type else []


def _told(item: Json, path: str) -> bool:
    with suppress(NoPropertiesError):
        return bool(read(item, path))
    return False


@pytest.mark.parametrize("name", TYPES)
def test_a_list_fills_what_is_read_of_it(name: str) -> None:
    """A model is shared by a list and a get. What none of many real items has, the list may never answer."""
    recordings.needed()
    declared = TYPES[name]
    items = _items_of_list(declared)
    sources = {one.source for one in declared.properties if isinstance(one.source, str)}
    paths = {one for one in sources if not one.startswith(("$", "@"))}
    empty = {path for path in paths if not any(_told(item, path) for item in items)} if len(items) >= MANY else set()
    said = SAID["lists"].get(name) or {"page": _PUBLISHED[0], "paths": []}
    assert said["page"].startswith(_PUBLISHED)
    assert empty == set(said["paths"]), f"none of {len(items)} real items has it: see `lists` in {FILE.name}"
