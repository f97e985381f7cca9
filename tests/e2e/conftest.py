"""The command on the test's database, and an Azure that plays Contoso."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from loader.graph import Database
from tests.e2e.support import Azgraph, clean_environment
from tests.fakeazure import FakeAzure


@pytest.fixture
def azgraph(database: Database, neo4j_connection: Any) -> Azgraph:
    """Runs `azgraph` as a process on the test's empty database."""
    uri, user, password = neo4j_connection
    return Azgraph(clean_environment(NEO4J_URI=uri, NEO4J_USER=user, NEO4J_PASSWORD=password))


@pytest.fixture(scope="session")
def contoso() -> list[Exchange]:
    """The demo tenant's answers on its first day."""
    return exchanges(1)


@pytest.fixture(scope="session")
def next_day() -> list[Exchange]:
    """The same on the next day."""
    return exchanges(2)


@pytest.fixture
def azure(contoso: list[Exchange], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAzure]:
    """Azure over HTTPS with Contoso in it; also this process reaches it by Azure's own addresses."""
    with FakeAzure(contoso) as fake:
        for name, value in fake.proxied_environment.items():
            monkeypatch.setenv(name, value)
        yield fake
