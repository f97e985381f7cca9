"""The addresses that open something in Neo4j Browser."""

import pytest

from loader.browser.address import browser_of, find_browser
from loader.browser.links import Browser
from loader.browser.scripts import script
from loader.config import Settings
from loader.errors import UsageError
from loader.library import shipped_library
from tests.browser.reading import text_in_editor

LOCAL = Browser("http://127.0.0.1:7474/browser/")
# What Jetty, Neo4j's web server, takes for the first line and the headers of a request together.
REQUEST_LIMIT = 8192


@pytest.mark.parametrize(
    ("uri", "address", "dbms"),
    [
        ("bolt://127.0.0.1:7687", "http://127.0.0.1:7474/browser/", "bolt://ada@127.0.0.1:7687"),
        ("neo4j://graph.contoso.example", "http://graph.contoso.example:7474/browser/", "neo4j://ada@graph.contoso.example"),
        ("neo4j+s://graph.contoso.example:7687", "https://graph.contoso.example:7473/browser/", "neo4j+s://ada@graph.contoso.example:7687"),
        ("bolt+ssc://[::1]:7687", "https://[::1]:7473/browser/", "bolt+ssc://ada@[::1]:7687"),
        ("bolt://eve:secret@graph.contoso.example", "http://graph.contoso.example:7474/browser/", "bolt://ada@graph.contoso.example"),
    ],
)  # fmt: skip
def test_where_the_browser_of_a_database_is(uri, address, dbms):
    found = browser_of(uri, Settings(neo4j_user="ada", neo4j_database="azure"))
    assert found == Browser(address, dbms, "azure")


@pytest.mark.parametrize(
    "uri", ["neo4j+s://1a2b3c4d.databases.neo4j.io", "http://graph.contoso.example:7474", "nonsense"]
)
def test_no_browser_where_none_is_known(uri):
    assert browser_of(uri, Settings()) is None


def test_a_browser_that_knows_its_database_is_not_told_it():
    assert browser_of("bolt://127.0.0.1:7687", Settings()) == Browser("http://127.0.0.1:7474/browser/")


def test_a_named_browser_wins(monkeypatch):
    monkeypatch.setenv("NEO4J_BROWSER", "https://browse.contoso.example/browser")
    found = find_browser("neo4j+s://1a2b3c4d.databases.neo4j.io")
    assert found.address == "https://browse.contoso.example/browser/"
    assert found.home == f"{found.address}?dbms=neo4j%2Bs%3A%2F%2Fneo4j%401a2b3c4d.databases.neo4j.io"


def test_a_named_browser_is_an_address(monkeypatch):
    monkeypatch.setenv("NEO4J_BROWSER", "javascript:alert(1)")
    with pytest.raises(UsageError, match="NEO4J_BROWSER must be an address"):
        find_browser("bolt://127.0.0.1:7687")


def test_the_local_one_is_not_started_for_a_link(monkeypatch, tmp_path):
    monkeypatch.setenv("AZGRAPH_HOME", str(tmp_path))
    monkeypatch.delenv("NEO4J_URI", raising=False)
    assert find_browser() is None
    assert list(tmp_path.iterdir()) == []


def test_a_link_fills_the_editor_and_runs_nothing():
    link = LOCAL.text("MATCH (n:A&B) RETURN n.x + 1 // #1, 100 %")
    assert link.startswith("http://127.0.0.1:7474/browser/?cmd=edit&arg=")
    assert text_in_editor(link) == r"MATCH (n:A\u0026B) RETURN n.x + 1 // \u00231, 100 %"


def test_what_to_connect_to_stays_in_the_link():
    link = Browser("https://graph.contoso.example:7473/browser/", "neo4j+s://ada@graph.contoso.example", "azure").node(
        "x"
    )
    assert "?dbms=neo4j%2Bs%3A%2F%2Fada%40graph.contoso.example&db=azure&cmd=edit&arg=" in link
    assert text_in_editor(link).startswith("MATCH (n:Entity {_key: 'x'})")


def test_a_query_opens_as_its_graph_with_values_written_in():
    query = shipped_library().query("who-can-access-resource")
    text = text_in_editor(LOCAL.query(query, {"resource": "kv-o'brien"}))
    title, limit, text = text.split("\n", 2)
    assert title == f"// {query.title}"
    assert limit.startswith("// Draws at most 200 ways.")
    assert text.startswith("MATCH (resource:Entity) WHERE resource._key = toLower('kv-o\\'brien')")
    assert "RETURN path" in text
    assert "$" not in text


def test_a_value_that_is_missing_is_asked_for():
    text = script(shipped_library().query("who-can-access-resource"))
    assert "\n// Put a value in place of '<resource>': The resource's name or id\n" in text
    assert "resource.name = '<resource>'" in text


def test_wrong_parameters_are_refused():
    with pytest.raises(UsageError, match="has no parameter 'day'"):
        LOCAL.query(shipped_library().query("who-can-access-resource"), {"day": "3", "resource": "x"})


def test_every_query_fits_into_an_address():
    links = {query.id: LOCAL.query(query) for query in shipped_library().queries.values()}
    assert {name: len(link) for name, link in links.items() if len(link) > REQUEST_LIMIT // 2} == {}
