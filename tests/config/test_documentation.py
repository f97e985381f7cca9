"""The configurations and commands that the documentation shows are right."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from loader.cli.main import app
from loader.config import Known, read_configuration
from loader.services import entity_types

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("configuration.md", "schedule.md", "connect.md")
PACKS = {path.stem for path in (DOCS.parent / "queries" / "packs").glob("*.yaml")}
BLOCKS = [
    pytest.param(block, id=f"{name}-{number}")
    for name in PAGES
    for number, block in enumerate(
        re.findall(r"^```yaml\n(.*?)^```", (DOCS / name).read_text(), re.MULTILINE | re.DOTALL)
    )
]


@pytest.mark.parametrize("block", BLOCKS)
def test_configurations_are_right(block: str, tmp_path: Path) -> None:
    path = tmp_path / "azgraph.yaml"
    path.write_text(block)
    read_configuration(path, Known(types=entity_types(), packs=PACKS))


@pytest.mark.parametrize("name", PAGES)
def test_commands_exist(name: str) -> None:
    called = [
        shlex.split(one, comments=True)
        for block in blocks(name, "sh")
        for one in re.findall(r"(?:^|bin/|&& )azgraph ([a-z][^&\n]*)", block, re.MULTILINE)
    ]
    assert called
    for arguments in called:
        command: Any = typer.main.get_command(app)
        while arguments and arguments[0] in getattr(command, "commands", {}):
            command, arguments = command.commands[arguments[0]], arguments[1:]
        if hasattr(command, "commands"):
            # These two are made beside this part, and "azgraph" is also a user's name.
            assert arguments[0] in ("permissions", "doctor"), arguments
            continue
        options = {one for parameter in command.params for one in parameter.opts}
        assert {one for one in arguments if one.startswith("-")} <= options, arguments
