"""Findings and queries say where they open in Neo4j Browser."""

import json
from dataclasses import replace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from loader.browser.findings import with_links
from loader.browser.links import Browser
from loader.cli.main import app
from loader.library import Severity
from loader.library.definitions import Remediation
from loader.packs import CheckOutcome, ControlResult, PackResult, ResourceResult, Verdict
from loader.report import View, as_html, as_json, print_pack
from tests.browser.reading import text_in_editor

BROWSER = Browser("http://127.0.0.1:7474/browser/")
KEY = "/subscriptions/one/vm-o'brien\"<b>"


@pytest.fixture
def result() -> PackResult:
    bad = ResourceResult(KEY, "vm-o'brien", Verdict.FAIL, "It is open.")
    good = ResourceResult("/subscriptions/one/good", "good", Verdict.PASS, "It is closed.")
    check = CheckOutcome(
        "some-check",
        "Some check",
        Severity.HIGH,
        Verdict.FAIL,
        "1 of 2 fail.",
        [bad, good],
        Remediation(portal="Close it."),
    )
    control = ControlResult("1.1", "Closed", "1 First", 1, Verdict.FAIL, "1 of 2 fail.", [check])
    return PackResult("some-pack", "A pack", "1.0", "Contoso", None, None, [control])


def test_a_failing_resource_has_a_link_to_its_node(result):
    resources = json.loads(as_json(with_links(result, BROWSER)))["controls"][0]["resources"]
    assert resources[0]["browser"] == BROWSER.node(KEY)
    assert "vm-o\\'brien" in text_in_editor(resources[0]["browser"])
    assert resources[1]["browser"] is None


def test_without_a_browser_there_is_no_link(result):
    assert with_links(result, None) is result
    resources = json.loads(as_json(result))["controls"][0]["resources"]
    assert [one["browser"] for one in resources] == [None, None]
    assert "graph of" not in as_html(result)


def test_the_page_has_the_link(result):
    page = as_html(with_links(result, BROWSER))
    assert f'href="{BROWSER.node(KEY).replace("&", "&amp;")}"' in page
    assert 'aria-label="graph of vm-o&#39;brien"' in page
    assert page.count('aria-label="graph of') == 1


def test_the_terminal_has_the_link(result):
    console = Console(width=100, force_terminal=True, color_system="standard")
    with console.capture() as captured:
        print_pack(console, with_links(result, BROWSER), view=View.ALL)
    assert BROWSER.node(KEY) in captured.get()
    with console.capture() as captured:
        print_pack(console, result, view=View.ALL)
    assert "(graph)" not in captured.get()


def test_an_exception_keeps_the_link(result):
    linked = with_links(result, BROWSER).controls[0].resources[0]
    assert replace(linked, verdict=Verdict.EXCEPTED).browser == BROWSER.node(KEY)


@pytest.fixture
def named(monkeypatch) -> None:
    monkeypatch.setenv("NEO4J_BROWSER", BROWSER.address)
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:7687")


@pytest.mark.usefixtures("named")
def test_showing_a_query_says_where_it_opens():
    shown = CliRunner().invoke(app, ["query", "show", "internet-exposed-machines"])
    assert shown.exit_code == 0
    assert "In Neo4j Browser: http://127.0.0.1:7474/browser/?dbms=" in shown.stderr
    assert "In Neo4j Browser" not in shown.stdout


@pytest.mark.packs
def test_running_a_query_says_where_it_opens_with_its_values(database, neo4j_connection, monkeypatch):
    monkeypatch.setenv("NEO4J_BROWSER", BROWSER.address)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_connection.password)
    node = {"_key": "/subscriptions/1/o'brien", "name": "O'Brien"}
    database.write(lambda transaction: transaction.run("CREATE (n:Entity) SET n = $node", node=node))
    given = ["query", "run", "who-can-access-resource", "--param", "resource=o'brien", "--format", "json"]
    ran = CliRunner().invoke(app, [*given, "--neo4j-uri", neo4j_connection.uri])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout) == []
    text = text_in_editor(ran.stderr.partition("In Neo4j Browser: ")[2].strip())
    assert "resource._key = toLower('/subscriptions/1/o\\'brien')" in text
