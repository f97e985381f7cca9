"""What a database that answers badly is told as."""

from __future__ import annotations

import gc
import socketserver
import threading
import weakref
from datetime import UTC, date, datetime
from typing import Any

import pytest
from neo4j import Session
from neo4j.exceptions import Neo4jError, ServiceUnavailable

from loader.errors import ExitCode, UnreachableError
from loader.graph import Database
from tests.graph.tenant import load, vm

# Texts of 100 kB each, so that memory is used up in a moment.
_TOO_MUCH = "UNWIND range(1, 100000) AS number WITH collect(toString(number) + $long) AS texts RETURN size(texts)"


def test_want_of_memory_is_not_told_as_an_absent_database(database: Database, neo4j_connection: Any) -> None:
    with (
        Database(*neo4j_connection, patience=0.1) as impatient,
        pytest.raises(UnreachableError, match="ran out of memory"),
    ):
        impatient.read(_TOO_MUCH, {"long": "x" * 100_000})
    assert database.read("RETURN 1 AS one") == [{"one": 1}]


def test_an_answer_that_has_not_begun_is_asked_for_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that restarts while a step looks at what is stored ends no run, as it ends none that writes."""
    session, away = database.session, [ServiceUnavailable("away")] * 2

    def asked(**options: Any) -> Session:
        if away:
            raise away.pop()
        return session(**options)

    monkeypatch.setattr(database, "session", asked)
    assert list(database.stream("UNWIND range(1, 3) AS number RETURN number")) == [{"number": one} for one in (1, 2, 3)]
    rows = database.stream("UNWIND range(1, 5000) AS number RETURN 1 / (4000 - number) AS one", fetch_size=10)
    with pytest.raises(Neo4jError, match="by zero"):
        list(rows)


# Text of Cypher, and what Python is told of it.
ODD: dict[str, Any] = {
    "datetime('+10000-01-01T00:00:00Z')": "+10000-01-01T00:00:00Z",
    "datetime('-0044-03-15T12:30:01Z')": "-0044-03-15T12:30:01Z",
    "datetime('0000-12-31T23:59:59Z')": "0000-12-31T23:59:59Z",
    "datetime('+999999999-12-31T23:59:59Z')": "+999999999-12-31T23:59:59Z",
    "datetime('2026-11-28T00:00Z') + duration({days: 2147483647})": "+5881637-06-07T00:00:00Z",
    "datetime('9999-12-31T23:30:00-05:00')": "+10000-01-01T04:30:00Z",
    "localdatetime('+10000-02-29T00:00:00')": "+10000-02-29T00:00:00",
    "date('+12345-06-07')": "+12345-06-07",
    "date('-0001-01-01')": "-0001-01-01",
    "[1, date('+10000-01-01'), 'x']": [1, "+10000-01-01", "x"],
    "{a: {b: [date('+10000-01-01')]}, c: date('2026-01-02')}": {"a": {"b": ["+10000-01-01"]}, "c": date(2026, 1, 2)},
    "datetime('9999-12-31T23:59:59Z')": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    "datetime('0001-01-01T00:00:00Z')": datetime(1, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize("text", ODD)
def test_a_time_that_python_does_not_have_is_text_and_costs_no_other(database: Database, text: str) -> None:
    rows = database.read(f"UNWIND [true, false] AS odd RETURN CASE WHEN odd THEN {text} END AS time, 'x' AS name")
    assert rows == [{"time": ODD[text], "name": "x"}, {"time": None, "name": "x"}]
    streamed = list(database.stream(f"RETURN 'x' AS name, {text} AS time"))
    written, _ = database.write(lambda transaction: transaction.run(f"RETURN 'x' AS name, {text} AS time"))
    for row in (*streamed, *written):
        assert row["name"] == "x"
        assert type(row["time"]).__name__ != "BrokenHydrationObject"
    assert len(streamed) == len(written) == 1


def test_an_entity_with_such_a_time_is_compared_changed_and_deleted_as_any_other(database: Database) -> None:
    load(database, {"azure_vm": [vm(1), vm(2)]})
    database.write(
        lambda transaction: transaction.run(
            "MATCH (n:azure_vm) SET n.ends = datetime('+10000-01-01T00:00Z'), n._hash = 'another'"
        )
    )
    (one, *_) = database.read("MATCH (n:azure_vm) RETURN n, labels(n) AS labels ORDER BY n._key")
    assert (one["n"]["ends"], one["n"]["name"]) == ("+10000-01-01T00:00:00Z", "vm-1")
    load(database, {"azure_vm": [vm(1)]})
    assert [row["n"] for row in database.read("MATCH (n:azure_vm) WHERE n._stub IS NULL RETURN n.ends AS n")] == [None]
    (gone,) = database.read("MATCH (c:Change {op: 'deleted'}) RETURN c.before AS before")
    assert "+10000-01-01T00:00:00Z" in gone["before"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", "is read-only; make the database writable"),
        ("Neo.ClientError.Database.DatabaseReadOnly", "is read-only"),
        ("Neo.DatabaseError.Transaction.TransactionLogError", "most likely its disk is full"),
        ("Neo.DatabaseError.Transaction.TransactionStartFailed", "Free some space there"),
        ("Neo.DatabaseError.Transaction.TransactionCommitFailed", "what was committed is kept"),
        ("Neo.TransientError.General.StorageExhausted", "can write nothing more"),
    ],
)
def test_a_database_that_takes_no_writes_says_why(database: Database, code: str, words: str) -> None:
    def work(_transaction: Any) -> None:
        raise Neo4jError._hydrate_neo4j(code=code, message="no")

    database.patience = 0
    with pytest.raises(UnreachableError, match=words) as told:
        database.write(work)
    assert database.uri in str(told.value)
    assert told.value.exit_code is ExitCode.UNREACHABLE


def test_what_is_wrong_with_an_address_is_told(database: Database, neo4j_connection: Any) -> None:
    """The driver says "cannot be reached" of a database that is there too."""
    address, user, password = neo4j_connection
    for uri, words in (
        (address.replace("bolt://", "bolt+s://").replace("neo4j://", "bolt+s://"), "speaks no TLS there. Write bolt"),
        ("bolt://nosuchhost.invalid:7687", "the name is not known here"),
        ("bolt://127.0.0.1:1", r"start it \(azgraph neo4j up\)"),
    ):
        with pytest.raises(UnreachableError, match=words), Database(uri, user, password, patience=0) as one:
            one.read("RETURN 1")
    with socketserver.TCPServer(("127.0.0.1", 0), _Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        uri = f"bolt://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(UnreachableError, match="a web server answers there"), Database(uri, user, password) as one:
            one.read("RETURN 1")
        server.shutdown()


class _Web(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.request.recv(1024)
        self.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_what_was_written_does_not_wait_for_python_to_look_for_circles(database: Database) -> None:
    class Row(dict[str, str]):
        """One that can be looked at without being held."""

    rows = [Row(name="one")]
    held, text = weakref.ref(rows[0]), "UNWIND $rows AS row CREATE (n:Row) SET n += row RETURN n.name AS name"
    gc.disable()
    try:
        assert database.write(lambda transaction: transaction.run(text, rows=rows))[0] == [{"name": "one"}]
        assert rows == [{"name": "one"}], "what belongs to others stays theirs"
        rows.clear()
        assert held() is None
    finally:
        gc.enable()
