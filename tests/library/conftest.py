"""The shipped library, entry by entry.

As these are parameters of the whole session, pytest runs all tests about one entry one after the other, whichever file
they stand in; so a server has planned an entry's texts when the second of them asks.
"""

from __future__ import annotations

import pytest

from loader.library import Check, Query, shipped_library

LIBRARY = shipped_library()


@pytest.fixture(scope="session", params=LIBRARY.queries.values(), ids=LIBRARY.queries)
def query(request: pytest.FixtureRequest) -> Query:
    """A query of the shipped library."""
    return request.param


@pytest.fixture(scope="session", params=LIBRARY.checks.values(), ids=LIBRARY.checks)
def check(request: pytest.FixtureRequest) -> Check:
    """A check of the shipped library."""
    return request.param
