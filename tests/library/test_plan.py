"""The gate that goes by what the server itself plans: nothing of the library does anything but read the graph."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from loader.errors import UsageError
from loader.library.plan import objection
from loader.library.running import read

pytestmark = pytest.mark.packs

FILE = "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line"


class Outside:
    """A web server that counts who comes."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def load(self) -> str:
        return f"LOAD CSV FROM 'http://127.0.0.1:{self.server.server_port}/x' AS line RETURN line"


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()
    yield made
    made.server.shutdown()
    made.server.server_close()


# Each is a text that reaches outside; {load} stands for one that reads a file, then for one that asks a web server.
LOADING = [
    "{load}",
    "// harmless\r{load}",
    "RETURN 1 AS line // harmless\rUNION {load}",
    "\u00a0\u2003{load}",
    "CYPHER runtime=slotted {load}",
    "/**/EXPLAIN/**/{load}",
    "CALL {{ {load} }} RETURN line",
    "MATCH (n) RETURN 1 AS line UNION {load}",
    # Subqueries inside of an expression have no operators of their own in the plan.
    "RETURN [x IN [1] | COUNT {{ {load} }}] AS line",
    "RETURN CASE WHEN rand() < 2 THEN EXISTS {{ {load} }} ELSE false END AS line",
    "UNWIND [1] AS x RETURN reduce(sum = 0, one IN [1] | sum + COUNT {{ CALL {{ {load} }} RETURN line }}) AS line",
    "MATCH (n) WHERE any(x IN [1] WHERE EXISTS {{ CALL () {{ {load} }} RETURN line }}) RETURN n",
]


@pytest.mark.parametrize("text", LOADING)
def test_no_file_is_read_and_no_address_is_asked(database, outside, text):
    """By the plan alone: the gate of texts, which refuses these too, is not asked here."""
    for load in (FILE, outside.load()):
        with pytest.raises(UsageError, match=r"may only read the graph and was not run: it reads a file or an address"):
            read(database, "It", text.format(load=load), {}, 10)
    assert outside.asked == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CALL dbms.components()", "calls the procedure dbms.components"),
        ("MATCH (n) CALL db.labels() YIELD label RETURN label", "calls the procedure db.labels"),
        ("RETURN [x IN [1] | COUNT { CALL db.labels() YIELD label RETURN label }] AS a", "the procedure db.labels"),
        ("CALL { CALL dbms.components() YIELD name RETURN name } RETURN name", "calls the procedure dbms.components"),
        ("MATCH (n) CALL (n) { MATCH (m) RETURN m } IN TRANSACTIONS RETURN m", "TransactionApply"),
        ("MATCH (n) CALL (n) { MATCH (m) RETURN m } IN 2 CONCURRENT TRANSACTIONS RETURN m", "Transaction|not valid"),
        ("MATCH (n) CALL (n) { CREATE (m) } IN TRANSACTIONS", "TransactionForeach"),
        ("\u2028CREATE\u00a0(n)", "plans Create"),
        ("MATCH (n) CALL (n) { CALL (n) { SET n.x = 1 } } RETURN n", "plans SubqueryForeach"),
        ("MATCH (n) RETURN 1 AS x UNION MATCH (n) DETACH DELETE n RETURN 1 AS x", "plans DetachDelete"),
        ("FOREACH (x IN [1] | MERGE (:X))", "plans Foreach"),
        ("CREATE INDEX planted FOR (n:X) ON (n.y)", "plans CreateIndex"),
        ("SHOW SETTINGS YIELD name RETURN name", "plans ShowSettings"),
        ("SHOW USERS", "command|plans|not valid"),
        ("CREATE USER planted SET PASSWORD 'planted-secret'", "command|plans|not valid"),
        ("RETURN [x IN [1] | COUNT { USE neo4j MATCH (n) RETURN n }] AS a", "USE"),
        ("USE system MATCH (n) RETURN n", "database|not valid"),
        ("RETURN apoc.load.json('http://127.0.0.1:9') AS a", "not valid Cypher"),
        ("CALL apoc.load.json('http://127.0.0.1:9')", "not valid Cypher"),
    ],
)
def test_what_does_more_than_read_is_refused(database, text, reason):
    with pytest.raises(UsageError, match=reason):
        read(database, "It", text, {}, 10)
    assert database.read("MATCH (n) RETURN n") == []
    assert "planted" not in str(database.read("SHOW INDEXES YIELD name RETURN name"))


def plan(name, details="", *children):
    return {"operatorType": name, "args": {"Details": details}, "children": list(children)}


def test_a_function_of_a_plugin_and_an_unknown_operator_are_named():
    found = objection(plan("ProduceResults@neo4j", "", plan("Projection@neo4j", "apoc.load.json(x) AS y")), "neo4j")
    assert found == "calls the function apoc.load.json, which is none of Neo4j's own"
    found = objection(plan("ProduceResults@neo4j", "", plan("Apply@neo4j", "", plan("Telegraph(All)@neo4j"))), "neo4j")
    assert "Neo4j plans Telegraph" in found
    assert objection(None, "neo4j") == "is a command for the server"
    assert "the database other" in objection(plan("ProduceResults@neo4j", "", plan("Argument@other")), "neo4j")


def test_names_and_texts_that_only_look_so_are_let_through(database):
    text = (
        "MATCH (use) WHERE use.`LOAD CSV` = 'LOAD CSV' OR use.name = \"x.y(z)\" WITH use AS load, 'a' AS csv\n"
        "RETURN load.csv AS `apoc.load.json(`, date.truncate('day', date()) AS day, [x IN [1] WHERE EXISTS "
        "{ MATCH (a)-->(b {k: 'LOAD CSV '}) WHERE a.k = x } | x] AS list, point.distance(null, null) AS far"
    )
    assert read(database, "It", text, {}, 10) == []


def test_each_text_is_planned_once_for_each_server(database, monkeypatch):
    planned = []
    explain = type(database).explain

    def counted(self, text, *args, **named):
        planned.append(text)
        return explain(self, text, *args, **named)

    monkeypatch.setattr(type(database), "explain", counted)
    for _ in range(3):
        read(database, "It", "RETURN $x AS x", {"x": 1}, 10)
    assert planned == ["RETURN 1", "RETURN $x AS x"]
