"""What CONTRIBUTING.md shows works as it stands, and the skeleton of a service is one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

ROOT = Path(__file__).parents[1]
SHOWN = {
    "loader/services/network/nat_gateways.py": "python",
    "tests/services/examples/network/azure_nat_gateway.yaml": "yaml",
    "loader/demo/contoso/network/nat_gateways.yaml": "yaml",
}
NETWORK = "azure.mgmt.network.aio:NetworkManagementClient"
OF_A_SERVICE = ("tests/services/test_examples.py", "tests/services/test_witnesses.py", "tests/test_architecture.py")
OF_THE_DEMO = ("tests/demo/test_tenant.py",)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what belongs to a service."""
    for name in ("loader", "tests", "tools", "queries", "alertrules", "docs"):
        copytree(ROOT / name, tmp_path / name, symlinks=True)
    for name in ("pyproject.toml", "CONTRIBUTING.md", "README.md"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


def run(tree: Path, *arguments: str) -> str:
    """What a Python of its own says in that tree; it must end well."""
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=tree, env={"PYTHONPATH": str(tree)}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    return ended.stdout


def hold_to(tree: Path, *files: str) -> None:
    words = "nat_gateway or call_is_answered or occurs or leads_nowhere or architecture or rooms or invented"
    told = run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", words, *files)
    assert re.search(r"\d+ passed", told)


@pytest.mark.slow
def test_the_worked_example_is_green(tree: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^   ```(python|yaml)\n(.*?)^   ```", text, re.MULTILINE | re.DOTALL)
    assert [kind for kind, _ in blocks] == list(SHOWN.values())
    for path, (_, text) in zip(SHOWN, blocks, strict=True):
        (tree / path).write_text(re.sub(r"^   ", "", text, flags=re.MULTILINE), encoding="utf-8")
    hold_to(tree, *OF_A_SERVICE, *OF_THE_DEMO)


@pytest.mark.slow
def test_the_skeleton_is_green(tree: Path) -> None:
    command = re.search(r"python -m (tools\.new_service .*)", (ROOT / "CONTRIBUTING.md").read_text())
    assert command
    told = run(tree, "-m", *command[1].split())
    assert told.splitlines()[:3] == list(SHOWN)
    hold_to(tree, *OF_A_SERVICE)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["azure.mgmt.network.aio:NoSuchClient", "a.b", "--area", "network"], "there is no client"),
        (
            [NETWORK, "nat_gateway.list_all", "--area", "network"],
            "a subscription. Perhaps: nat_gateways.list_all",
        ),
        ([NETWORK, "virtual_networks.list_all", "--area", "x"], "no folder"),
        (
            [NETWORK, "virtual_networks.list_all", "--area", "network"],
            "declared already, as azure_vnet",
        ),
    ],
)
def test_a_skeleton_of_nothing_is_refused(arguments: list[str], reason: str) -> None:
    import typer
    from typer.testing import CliRunner

    from tools.new_service import main

    app = typer.Typer()
    app.command()(main)
    told = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert told.exit_code == 2
    assert reason in told.output
