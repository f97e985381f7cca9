"""The rooms of the house keep to themselves: services know nothing of Neo4j, the graph nothing of Azure."""

import ast
from pathlib import Path

import pytest

LOADER = Path(__file__).parents[1] / "loader"

# Room → what none of its files may import.
FORBIDDEN = {
    "services": ("neo4j", "azure", "msgraph", "loader.graph", "loader.azure", "loader.sync"),
    "graph": ("azure", "msgraph", "loader.azure", "loader.services", "loader.sync", "loader.packs", "loader.cli"),
    "azure": ("neo4j", "loader.graph", "loader.services", "loader.sync", "loader.packs", "loader.cli"),
    "packs": ("azure", "msgraph", "loader.azure", "loader.sync", "loader.cli"),
    "alerts": ("azure", "msgraph", "loader.azure", "loader.sync", "loader.cli"),
    "browser": ("azure", "msgraph", "loader.azure", "loader.graph", "loader.sync", "loader.cli"),
    "report": ("azure", "msgraph", "neo4j", "loader.azure", "loader.graph", "loader.sync", "loader.cli"),
    "localdb": ("azure", "msgraph", "loader.azure", "loader.graph", "loader.services", "loader.sync"),
}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", FORBIDDEN)
def test_rooms_import_only_what_they_may(room):
    for path in sorted((LOADER / room).rglob("*.py")):
        for module in imports_of(path):
            for forbidden in FORBIDDEN[room]:
                assert not f"{module}.".startswith(f"{forbidden}."), f"{path.name} imports {module}"


def test_the_command_line_holds_no_sdk():
    for path in sorted((LOADER / "cli").rglob("*.py")):
        assert not {name for name in imports_of(path) if name.split(".")[0] in ("azure", "msgraph", "neo4j")}, path.name


def test_files_stay_small_enough_to_read():
    long = [path.name for path in LOADER.rglob("*.py") if len(path.read_text().splitlines()) > 400]
    assert not long
