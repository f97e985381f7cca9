"""`azgraph check` with exceptions and in every format, on a real Neo4j."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from loader import config
from loader.cli.check import check
from loader.errors import UsageError
from loader.graph import Database
from loader.library import load_library
from loader.library.examples import place_example

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]
PACK, CHECK = "cis-azure-foundations-6.0.0", "keyvault-purge-protection"


@pytest.fixture
def run(neo4j_connection, monkeypatch, database: Database):
    """Runs the command on a graph in which a check fails; gives exit code, stdout and stderr."""
    for name, value in zip(("URI", "USER", "PASSWORD"), neo4j_connection, strict=True):
        monkeypatch.setenv(f"NEO4J_{name}", value)
    config.settings.cache_clear()
    one = load_library().check(CHECK)
    example = next(example for example in one.examples if example.fails)
    place_example(database, example, [*one.resource, *one.needs])
    app = typer.Typer()
    app.command()(check)

    def command(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [PACK, *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    yield command
    config.settings.cache_clear()


def failing(document: dict) -> list[dict]:
    controls = [one for one in document["controls"] if one["check"] == CHECK]
    return [one for control in controls for one in control["resources"] if one["verdict"] == "fail"]


def write(path: Path, keys: list[str], expires: str, about: str = f"check: {CHECK}") -> str:
    head = f"exceptions:\n  - {about}\n    resources: {json.dumps(keys)}\n"
    path.write_text(f"{head}    reason: Test.\n    owner: Contoso\n    expires: {expires}\n", encoding="utf-8")
    return str(path)


def test_keys_as_printed_are_accepted_and_end_the_failing(run, tmp_path):
    code, out, _ = run("--format", "json", "--fail-on", "medium")
    document = json.loads(out)
    keys = sorted({one["key"] for one in failing(document)})
    assert (code, bool(keys)) == (1, True)
    every = {one["key"] for control in document["controls"] for one in control["resources"] if one["verdict"] == "fail"}
    accepted = write(tmp_path / "accepted.yaml", sorted(every), "9999-12-31", about=f"pack: {PACK}")
    code, out, err = run("--format", "json", "--fail-on", "medium", "--exceptions", accepted)
    document = json.loads(out)
    assert (code, failing(document), err) == (0, [], "")
    assert document["summary"]["excepted"] >= 1
    expired = write(tmp_path / "expired.yaml", [*keys, "/nowhere"], "2020-01-01")
    code, out, err = run("--format", "json", "--fail-on", "medium", "--exceptions", expired)
    assert code == 1
    assert failing(json.loads(out))
    assert f"Exception for check {CHECK}, expired: It expired on 2020-01-01" in err


def test_a_malformed_file_stops_the_run(run, tmp_path):
    path = write(tmp_path / "bad.yaml", ["/x"], "soon")
    with pytest.raises(UsageError, match=r"bad\.yaml:6: exceptions\.0\.expires"):
        run("--exceptions", path)


@pytest.mark.parametrize("form", ["sarif", "junit", "ocsf", "markdown", "html", "csv"])
def test_every_format_has_every_control(run, tmp_path, form):
    path = tmp_path / f"report.{form}"
    assert run("--format", form, "--output", str(path))[:2] == (0, "")
    text = path.read_text(encoding="utf-8")
    for _, control in load_library().pack(PACK).controls():
        assert control.id in text
