"""The rooms of the house, held to the table in CONTRIBUTING.md: a room stands above all that it imports."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
LOADER = ROOT / "loader"
# Packages that only the rooms that name them may import.
GUARDED = ("azure", "msgraph", "neo4j")


class Room(NamedTuple):
    """One row of the table: what stands in the room, and what its files may import."""

    name: str
    purpose: str
    rooms: frozenset[str]
    packages: frozenset[str]


def rooms() -> dict[str, Room]:
    """The rooms from the ground up, by name."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found: dict[str, Room] = {}
    for name, purpose, may in re.findall(r"^\| `([\w/.]+)` \| (.*?) \| ?(.*?) ?\|$", page, re.MULTILINE):
        named, _, packages = may.partition(";")
        listed = frozenset(re.findall(r"`(\w+)`", named))
        allowed = frozenset(found) - listed if named.startswith("all but") else listed
        room = name.removesuffix("/").removesuffix(".py")
        found[room] = Room(room, purpose, allowed, frozenset(re.findall(r"\w+", packages)))
    return found


ROOMS = rooms()
FILES = sorted(LOADER.rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path) for path in FILES}


def imports_of(path: Path) -> set[str]:
    """The modules a file imports, wherever in it; of azgraph's own packages the module that has the name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found.update(one if one in MODULES else node.module for one in whole)
    return found


def room_of(module: str) -> str:
    """The room of a module of azgraph; "" for the package itself, which has nothing but the version."""
    return module.removeprefix("loader").removeprefix(".").partition(".")[0]


def needs_of(path: Path) -> tuple[set[str], set[str]]:
    """The rooms and the guarded packages that a file imports."""
    imported = imports_of(path)
    own = {room_of(one) for one in imported if one.partition(".")[0] == "loader"} - {"", "__version__"}
    return own, {one.partition(".")[0] for one in imported} & set(GUARDED)


def where_it_belongs(needed: set[str], packages: set[str]) -> str:
    """The lowest rooms from which all of this may be imported, with what stands in them."""
    fitting = [
        room
        for room in ROOMS.values()
        if needed - {room.name} <= room.rooms and packages <= room.packages and "." not in room.name
    ]
    told = "; ".join(f"{room.name} ({room.purpose})" for room in fitting[:3])
    return f"Rooms that may import that: {told or 'none, so it does two things: part it'}."


def test_every_file_is_in_a_room() -> None:
    for path in FILES:
        room = room_of(module_of(path))
        message = f"{path.relative_to(ROOT)} is in no room of CONTRIBUTING.md. {where_it_belongs(*needs_of(path))}"
        assert room in ROOMS or module_of(path) == "loader", message
    assert {name for name in ROOMS if not (LOADER / name).exists() and not (LOADER / f"{name}.py").exists()} == set()


def test_rooms_stand_above_all_that_they_import() -> None:
    below: set[str] = set()
    for room in ROOMS.values():
        assert room.rooms <= below, f"{room.name} may import {sorted(room.rooms - below)}, which stand above it"
        below.add(room.name)


@pytest.mark.parametrize("name", ROOMS)
def test_rooms_import_only_what_they_may(name: str) -> None:
    room = ROOMS[name]
    for path in FILES:
        if room_of(module_of(path)) != name:
            continue
        needed, packages = needs_of(path)
        wrong = sorted((needed - room.rooms - {name}) | (packages - room.packages))
        message = f"{path.relative_to(ROOT)} imports {wrong}. {where_it_belongs(needed, packages)}"
        assert not wrong, message


def test_services_leave_the_areas_of_others_alone() -> None:
    """What several areas use stands in `shared/`, which uses none of them."""
    for path in sorted((LOADER / "services" / "shared").glob("*.py")):
        for module in imports_of(path):
            area = module.removeprefix("loader.services.").partition(".")[0]
            assert not module.startswith("loader.services.") or area == "shared", f"{path.name} imports {module}"


def test_no_two_files_import_each_other() -> None:
    try:
        tuple(TopologicalSorter({module_of(path): imports_of(path) & MODULES for path in FILES}).static_order())
    except CycleError as error:
        pytest.fail(f"These files import each other: {' -> '.join(error.args[1])}")


def test_the_tests_have_the_same_rooms() -> None:
    others = {"bench", "cli", "e2e", "fakeazure", "model", "pitfalls", "truth"}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders - others <= set(ROOMS)


def test_files_stay_small_enough_to_read() -> None:
    long = [path.name for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    assert not long
