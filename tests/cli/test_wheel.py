"""The package as users get it: the YAML libraries are inside, and the command works from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.support import ROOT

pytestmark = pytest.mark.slow


def test_the_wheel_has_the_libraries(tmp_path: Path) -> None:
    def run(*command: str, where: Path = ROOT, **variables: str) -> str:
        environment = {**os.environ, **variables}
        return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=True).stdout

    pytest.importorskip("hatchling", reason="the build backend is not installed (the dev extra has it)")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "built"))
    wheel = next((tmp_path / "built").glob("azgraph-*.whl"))
    run(sys.executable, "-m", "zipfile", "-e", str(wheel), str(tmp_path / "installed"))
    empty = tmp_path / "empty"
    empty.mkdir()

    def azgraph(*arguments: str) -> str:
        variables = {"PYTHONPATH": str(tmp_path / "installed"), "COLUMNS": "200"}
        return run(sys.executable, "-m", "loader.cli", *arguments, where=empty, **variables)

    where = run(sys.executable, "-c", "import loader; print(loader.__file__)", where=empty,
                PYTHONPATH=str(tmp_path / "installed"))  # fmt: skip
    assert where.startswith(str(tmp_path / "installed"))
    library = tmp_path / "installed" / "loader" / "_library"
    assert {path.relative_to(ROOT / "queries") for path in (ROOT / "queries").rglob("*.yaml")} == {
        path.relative_to(library / "queries") for path in (library / "queries").rglob("*.yaml")
    }
    assert list((library / "alertrules").rglob("*.yaml"))
    assert "cis-azure-foundations-6.0.0" in azgraph("check", "--list")
    assert "subscription-owners" in azgraph("query", "list")
    assert list((tmp_path / "installed" / "loader" / "demo" / "contoso").rglob("*.yaml"))
