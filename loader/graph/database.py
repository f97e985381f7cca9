"""The connection to Neo4j: read transactions, retried write transactions, and one sentence for whatever goes wrong."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import tenacity
from neo4j import Driver, GraphDatabase, ManagedTransaction, Query, Record, Result, Session, unit_of_work
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError, ServiceUnavailable, TransientError

from loader.errors import UnreachableError, UsageError
from loader.graph.given import in_a_map
from loader.graph.native import Row, native_row, row_of
from loader.reaching import chain

logger = logging.getLogger(__name__)

# How long a write goes on trying while the database restarts, before the run ends with a sentence.
PATIENCE_SECONDS = 90.0

# Why a database takes no writes any more, by a part of its error's code, to stand after "Neo4j at …".
_TAKES_NO_WRITES = {
    "ReadOnly": "is read-only; make the database writable (server.databases.read_only and "
    "server.databases.default_to_read_only in its neo4j.conf), or name another one with --neo4j-uri.",
} | dict.fromkeys(
    ("TransactionLogError", "TransactionStartFailed", "TransactionCommitFailed", "StorageExhausted"),
    "can write nothing more: most likely its disk is full. Free some space there and start it anew (the local one with "
    "`azgraph neo4j down` and `azgraph neo4j up`); what was committed is kept.",
)

T = TypeVar("T")


@dataclass(slots=True)
class Counters:
    """What Neo4j says was touched: the sum of the counters of every statement that wrote entities or relationships."""

    nodes_created: int = 0
    nodes_deleted: int = 0
    relationships_created: int = 0
    relationships_deleted: int = 0
    properties_set: int = 0
    labels_added: int = 0
    labels_removed: int = 0

    def add(self, other: object) -> None:
        """Adds another statement's or transaction's counters."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def total(self) -> int:
        """How many things were touched in all; 0 says that nothing was written."""
        return sum(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True)
class Explained:
    """What Neo4j would do with a text. kind: its query type, `r` for one that reads; plan: the tree of operators."""

    columns: list[str]
    kind: str | None
    plan: dict[str, Any] | None


class Transaction:
    """One write transaction that keeps count of what it touches."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.counters = Counters()
        self.after_commit: list[Callable[[], None]] = []

    def run(self, query: str, **parameters: Any) -> list[Row]:
        """Runs one statement and gives all its rows."""
        return self.apply(query, parameters)[0]

    def note(self, query: str, **parameters: Any) -> None:
        """Runs a statement that writes of the run itself, which counts as no touch of the graph's entities."""
        self._apply(query, parameters)

    def apply(self, query: str, parameters: Mapping[str, Any]) -> tuple[list[Row], Counters]:
        """Runs one statement; gives its rows and its own counters."""
        rows, touched = self._apply(query, parameters)
        self.counters.add(touched)
        return rows, touched

    def _apply(self, query: str, parameters: Mapping[str, Any]) -> tuple[list[Row], Counters]:
        # The driver keeps what it was given with the result, in a circle that Python finds late: all that a run writes
        # would stay in memory for so long. So it gets lists of its own, which are emptied.
        own = {name: list(value) if isinstance(value, list) else value for name, value in parameters.items()}
        result: Result = self._inner.run(*in_a_map(query, own))
        rows = [row_of(record) for record in result]
        touched = Counters()
        touched.add(result.consume().counters)
        for value in own.values():
            if isinstance(value, list):
                value.clear()
        return rows, touched


class Database:
    """A Neo4j database: `with Database("bolt://localhost:7687", "neo4j", password) as database: …`.

    uri may be any scheme of the Neo4j driver (`neo4j+s://` for Aura and clusters). Opening it connects, so that a
    wrong address or password is told at once. Raises UnreachableError, and UsageError for an address that is none.
    """

    def __init__(
        self, uri: str, user: str, password: str, database: str | None = None, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.uri, self.user, self.name, self.patience = uri, user, database, patience
        try:
            self.driver: Driver = GraphDatabase.driver(
                uri,
                auth=(user, password),
                notifications_min_severity="OFF",
                warn_notification_severity="OFF",
                max_transaction_retry_time=patience,
            )
        except (ConfigurationError, ValueError) as error:
            raise UsageError(f"{uri!r} is not an address of Neo4j; write it as neo4j://localhost:7687.") from error
        try:
            self.driver.verify_connectivity()
        except (DriverError, Neo4jError, OSError, ValueError) as error:
            self.driver.close()
            raise self.unreachable(error) from error

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        self.driver.close()

    def read(
        self, query: str, parameters: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> list[Row]:
        """All rows of a reading query, run in a read transaction (a writing one is refused by Neo4j).

        Times come as Python `datetime`s (one that Python does not have, of the year 10000, as text), nodes and
        relationships as their properties. timeout: seconds. A query that is itself wrong raises the driver's
        `Neo4jError`.
        """

        return self._as_written(query, parameters, lambda text, given: self._read(text, given, timeout))

    def _read(self, text: str, given: dict[str, Any], timeout: float | None) -> list[Row]:
        @unit_of_work(timeout=timeout)
        def work(transaction: ManagedTransaction) -> list[Row]:
            return [native_row(record) for record in transaction.run(text, given)]

        try:
            try:
                # Begin, run and commit in one round trip to the server instead of three.
                with self.session(access="READ") as session:
                    found = session.run(Query(text, timeout=timeout), given)
                    return [native_row(record) for record in found]
            except (DriverError, Neo4jError) as error:
                if not error.is_retryable():
                    raise
            with self.session(access="READ") as session:
                return session.execute_read(work)
        except (DriverError, Neo4jError) as error:
            raise self._sentence(error) from error

    def explain(
        self, query: str, parameters: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> Explained:
        """Has Neo4j plan a text without running it. Raises as `read` does."""
        return self._as_written(query, parameters, lambda text, given: self._explain(text, given, timeout))

    def _explain(self, text: str, given: dict[str, Any], timeout: float | None) -> Explained:
        try:
            with self.session(access="READ") as session:
                result = session.run(Query(f"EXPLAIN {text}", timeout=timeout), given)
                columns, summary = list(result.keys()), result.consume()
        except (DriverError, Neo4jError) as error:
            raise self._sentence(error) from error
        return Explained(columns, summary.query_type, summary.plan)

    def _as_written(
        self, query: str, parameters: Mapping[str, Any] | None, ask: Callable[[str, dict[str, Any]], T]
    ) -> T:
        """Asks with the parameters in a map; where Neo4j finds fault with that text, of which it tells line and column,
        as it is written.
        """
        text, given = in_a_map(query, parameters or {})
        try:
            return ask(text, given)
        except Neo4jError as error:
            if text == query or ".ClientError.Statement." not in (error.code or ""):
                raise
        return ask(query, dict(parameters or {}))

    def stream(
        self, query: str, parameters: Mapping[str, Any] | None = None, *, fetch_size: int = 1000
    ) -> Iterator[Row]:
        """The rows of a reading query one after the other, for answers too large to hold.

        Tried again as a write is, for as long as it has given no row.
        """
        text, given = in_a_map(query, parameters or {})
        try:
            session, rows = self._patient()(self._begin, text, given, fetch_size)
            with session:
                for record in rows:
                    yield row_of(record)
        except (DriverError, TransientError, AuthError) as error:
            raise self._sentence(error) from error

    def _begin(self, text: str, given: dict[str, Any], fetch_size: int) -> tuple[Session, Iterator[Record]]:
        """A session and the rows of an answer that has arrived, so far as its first one."""
        session = self.session(access="READ", fetch_size=fetch_size)
        try:
            result = session.run(Query(text), given)
            result.peek()
        except BaseException:
            session.close()
            raise
        return session, iter(result)

    def _patient(self) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(_worth_retrying),
            stop=tenacity.stop_after_delay(self.patience),
            wait=_wait,
            before_sleep=_tell,
            reraise=True,
        )

    def write(self, work: Callable[[Transaction], T]) -> tuple[T, Counters]:
        """Does `work` in one write transaction; gives its result and what it touched.

        Tried again at once after a deadlock, and for `patience` seconds while the database is away; so `work` must
        come to the same graph when an earlier try had been committed after all. Raises UnreachableError in the end.
        """
        try:
            return self._patient()(self._write_once, work)
        except (DriverError, Neo4jError, OSError) as error:
            raise self._sentence(error) from error

    @property
    def answers(self) -> bool:
        """Whether it can be reached just now; nobody waits for it."""
        try:
            self.driver.verify_connectivity()
        except (DriverError, Neo4jError, OSError):
            return False
        return True

    def _write_once(self, work: Callable[[Transaction], T]) -> tuple[T, Counters]:
        with self.session(access="WRITE") as session, session.begin_transaction() as inner:
            transaction = Transaction(inner)
            result = work(transaction)
            inner.commit()
            for done in transaction.after_commit:
                done()
            return result, transaction.counters

    def session(self, *, access: str, fetch_size: int = 5000) -> Session:
        """A driver session on this database."""
        return self.driver.session(database=self.name, default_access_mode=access, fetch_size=fetch_size)

    def _sentence(self, error: Exception) -> Exception:
        code = (error.code or "") if isinstance(error, Neo4jError) else ""
        for part, sentence in _TAKES_NO_WRITES.items():
            if part in code:
                return UnreachableError(f"Neo4j at {self.uri} {sentence}")
        return self.unreachable(error) if _is_connection(error) else error

    def unreachable(self, error: Exception) -> UnreachableError:
        """The sentence for a connection that failed."""
        if isinstance(error, AuthError):
            return UnreachableError(
                f"Neo4j at {self.uri} refused the user {self.user!r}; "
                "give the right one with NEO4J_USER and NEO4J_PASSWORD."
            )
        if isinstance(error, Neo4jError) and "OutOfMemory" in (error.code or ""):
            return UnreachableError(
                f"Neo4j at {self.uri} ran out of memory; give it more (dbms.memory.transaction.total.max and its heap, "
                "AZGRAPH_NEO4J_HEAP for the local one) or run fewer things on it at once."
            )
        why = _why_unreached(error)
        if why:
            return UnreachableError(f"Neo4j at {self.uri} cannot be reached: {why}.")
        return UnreachableError(
            f"Neo4j at {self.uri} cannot be reached; start it (azgraph neo4j up) or give its address with --neo4j-uri."
        )


def _why_unreached(error: BaseException) -> str:
    """What is wrong with the address or the way, where the driver's errors tell; else nothing."""
    for one in chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return (
                "its certificate is not trusted here. Name a file with the certificate of its authority in "
                "SSL_CERT_FILE, or write bolt+ssc:// or neo4j+ssc:// to take any certificate"
            )
        if isinstance(one, ssl.SSLError):
            return "it speaks no TLS there. Write bolt:// or neo4j:// where it has none, or give the port that has it"
        if isinstance(one, socket.gaierror):
            return "the name is not known here. Check the spelling and the network"
        if "looks like HTTP" in str(one):
            return "a web server answers there. Give the port of the driver, which is 7687 unless it was changed"
    return ""


def _is_connection(error: BaseException) -> bool:
    return isinstance(error, AuthError | ServiceUnavailable | OSError | TransientError) or (
        isinstance(error, DriverError | Neo4jError) and error.is_retryable()
    )


def _worth_retrying(error: BaseException) -> bool:
    if isinstance(error, AuthError):
        return False
    return isinstance(error, ServiceUnavailable | OSError) or (
        isinstance(error, DriverError | Neo4jError) and error.is_retryable()
    )


def _wait(state: tenacity.RetryCallState) -> float:
    """A deadlock is over as soon as one of the two gave way; a database that is away needs time."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransientError) and "Deadlock" in (error.code or ""):
        return tenacity.wait_random(0, 0.02 * state.attempt_number)(state)
    return tenacity.wait_random_exponential(multiplier=0.2, max=3)(state)


def _tell(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.info(
        "Neo4j did not take a transaction (%s); trying again.", getattr(error, "code", None) or type(error).__name__
    )
