"""`azgraph browser` and its commands."""

import sys
import webbrowser
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loader.browser.style import style_sheet
from loader.cli.main import app
from loader.errors import UsageError
from loader.localdb import Connection

# Browser reads server and user out of this, and asks for the password alone.
SIGNING_IN = "http://graph.contoso.example:7474/browser/?dbms=bolt%3A%2F%2Fneo4j%40graph.contoso.example"
LOCAL = Connection(
    uri="bolt://127.0.0.1:7687",
    browser="http://127.0.0.1:7474/browser/",
    user="neo4j",
    password="a-word-of-the-test",
    password_file=Path("/home/pw"),
    version="5.26.18",
)


def run(*arguments: str):
    return CliRunner().invoke(app, ["browser", *arguments])


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """What was handed to the web browser; the database is one elsewhere."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: addresses.append(address) or True)
    monkeypatch.setenv("NEO4J_URI", "bolt://graph.contoso.example")
    for screen in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "NEO4J_BROWSER"):
        monkeypatch.delenv(screen, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return addresses


def test_it_opens_where_there_is_a_screen(opened, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    assert run().stdout == f"{SIGNING_IN}\n"
    assert opened == [SIGNING_IN]


@pytest.mark.parametrize(("screen", "arguments"), [("", []), (":0", ["--no-open"])])
def test_otherwise_it_prints_the_address_only(opened, monkeypatch, screen, arguments):
    monkeypatch.setenv("DISPLAY", screen)
    assert run(*arguments).stdout == f"{SIGNING_IN}\n"
    assert opened == []


@pytest.fixture
def local(opened, monkeypatch, tmp_path) -> Path:
    """A local Neo4j that seems to run; gives what the clipboard's program was handed."""
    from loader import localdb
    from loader.browser import address

    monkeypatch.delenv("NEO4J_URI")
    monkeypatch.setattr(localdb.LocalNeo4j, "up", lambda _: LOCAL)
    monkeypatch.setattr("loader.browser.find_browser", lambda _: address.Browser(LOCAL.browser))
    program = tmp_path / "xclip"
    held = str(tmp_path / "held")
    program.write_text(f"#!{sys.executable}\nimport sys\nopen({held!r}, 'w').write(sys.stdin.read())\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    return tmp_path / "held"


def test_the_local_password_is_on_the_clipboard_and_nowhere_else(local, opened):
    result = run()
    assert opened == ["http://127.0.0.1:7474/browser/?dbms=bolt%3A%2F%2Fneo4j%40127.0.0.1%3A7687"]
    assert local.read_text() == LOCAL.password
    assert "on the clipboard" in result.stderr
    assert LOCAL.password not in result.output


def test_without_a_clipboard_it_says_where_the_password_is(local, monkeypatch):
    monkeypatch.setenv("PATH", "")
    result = run()
    assert "/home/pw; `azgraph browser --show-password`" in result.stderr
    assert LOCAL.password not in result.output


def test_the_password_is_shown_when_asked_for_on_stderr(local):
    result = run("--show-password", "--no-open")
    assert LOCAL.password in result.stderr
    assert LOCAL.password not in result.stdout
    assert not local.exists()


def test_the_password_of_a_database_elsewhere_is_not_told(opened):
    assert isinstance(run("--show-password").exception, UsageError)


def test_aura_has_none(opened):
    result = run("--neo4j-uri", "neo4j+s://1a2b3c4d.databases.neo4j.io")
    assert isinstance(result.exception, UsageError)
    assert "NEO4J_BROWSER" in str(result.exception)


def test_options_in_the_wrong_place_are_refused(opened):
    result = run("--no-open", "guide")
    assert isinstance(result.exception, UsageError)
    assert "`azgraph browser guide --…`" in str(result.exception)


def test_favourites_and_style_are_written(tmp_path):
    assert run("favourites", "--output", str(tmp_path / "f.zip")).exit_code == 0
    assert zipfile.is_zipfile(tmp_path / "f.zip")
    assert run("style", "--output", str(tmp_path / "azgraph.grass")).exit_code == 0
    assert (tmp_path / "azgraph.grass").read_text() == style_sheet()
    assert run("style").stdout == style_sheet()


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    result = run("style", "--output", str(tmp_path))
    assert isinstance(result.exception, UsageError)
    assert f"{tmp_path} is a folder" in str(result.exception)
