"""What a database that answers badly is told as."""

from __future__ import annotations

from typing import Any

import pytest

from loader.errors import UnreachableError
from loader.graph import Database

_TOO_MUCH = "UNWIND range(1, 100000000) AS number WITH collect(toString(number)) AS texts RETURN size(texts)"


def test_want_of_memory_is_not_told_as_an_absent_database(database: Database, neo4j_connection: Any) -> None:
    with (
        Database(*neo4j_connection, patience=0.1) as impatient,
        pytest.raises(UnreachableError, match="ran out of memory"),
    ):
        impatient.read(_TOO_MUCH)
    assert database.read("RETURN 1 AS one") == [{"one": 1}]
