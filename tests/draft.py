"""A database in which examples stand only for a moment: what is written is read back, and then undone.

Nothing needs to be wiped, and since all of it happens in transactions that have written, the server plans a text once
for all who ask it here. (It plans a text anew for transactions that have not written.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from neo4j import Query

from loader.graph import Database


class Draft(Database):
    """A database like any other, but for what is done within `undone()`: that is one transaction, which never ends
    well. Timeouts are not kept there, and reading is not held to be reading by the server.
    """

    _transaction: Any = None
    # Whether something was written outside of `undone()`, which stays.
    kept = False

    @contextmanager
    def undone(self) -> Iterator[Draft]:
        """From here on, all that is read and written is in one transaction, until it is taken back."""
        with super().session(access="WRITE") as session, session.begin_transaction() as transaction:
            self._transaction = transaction
            try:
                yield self
            finally:
                self._transaction = None
                transaction.close()

    def session(self, **options: Any) -> Any:
        """A session, or what stands for one in the open transaction."""
        self.kept = self.kept or (self._transaction is None and options.get("access") != "READ")
        return super().session(**options) if self._transaction is None else _Within(self._transaction)


class _Within:
    """What the graph room takes for a session, and for a transaction of it that it may commit."""

    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction

    def __enter__(self) -> _Within:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(self, query: Query | str, parameters: Mapping[str, Any] | None = None) -> Any:
        return self._transaction.run(query.text if isinstance(query, Query) else query, parameters)

    def begin_transaction(self) -> _Within:
        return self

    def commit(self) -> None:
        pass
