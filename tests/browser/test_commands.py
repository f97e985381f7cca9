"""`azgraph browser` and its commands."""

import webbrowser
import zipfile

import pytest
from typer.testing import CliRunner

from loader.browser.style import style_sheet
from loader.cli.main import app
from loader.errors import UsageError


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
    assert run().stdout == "http://graph.contoso.example:7474/browser/\n"
    assert opened == ["http://graph.contoso.example:7474/browser/"]


@pytest.mark.parametrize(("screen", "arguments"), [("", []), (":0", ["--no-open"])])
def test_otherwise_it_prints_the_address_only(opened, monkeypatch, screen, arguments):
    monkeypatch.setenv("DISPLAY", screen)
    assert run(*arguments).stdout == "http://graph.contoso.example:7474/browser/\n"
    assert opened == []


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
