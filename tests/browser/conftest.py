"""A page of Chromium, and a local Neo4j with its Browser and a small graph."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from loader.config import cache_dir, settings
from loader.graph import Database
from loader.localdb import DEFAULT_VERSION, Connection, LocalNeo4j

HOSTILE_KEY = "/subscriptions/one/x'}) detach delete n // \\u0027 a&b#c %41 + ; \"\n<script>alert(1)</script>"


@pytest.fixture(scope="session")
def neo4j_with_browser(quick_starts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A Neo4j of these tests' own: another one, given or in Docker, may have its Browser anywhere."""
    local = LocalNeo4j(tmp_path_factory.getbasetemp() / "browser-home", cache_dir())
    connection = local.up(DEFAULT_VERSION)
    with (
        Database(connection.uri, connection.user, connection.password) as database,
        database.session(access="WRITE") as session,
    ):
        session.run(
            """
            CREATE (vm:Entity:azure_vm:Host {_key: '/vm', name: 'vm-web', displayName: 'vm-web'})
                     -[:USES]->(:Entity:azure_nic:NetworkInterface {_key: '/nic', name: 'nic', displayName: 'nic'}),
                   (vm)<-[:HAS]-(:Entity:azure_resource_group:Group {_key: $key, name: 'rg', displayName: 'rg'}),
                   (:Entity:azure_sql_server:Database:DataStore:Host {_key: '/sql', name: 'sql', displayName: 'sql'}),
                   (:internet {name: 'Internet'})-[:REACHES {ports: ['443', '3389']}]->(:door {name: 'door'})
            """,
            key=HOSTILE_KEY,
        ).consume()
    yield connection
    local.wipe()


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    """A Chromium that nobody has used: no saved connection, no favourites, no style."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _settings_anew() -> Iterator[None]:
    """The settings are read once in a process; these tests change the environment."""
    settings.cache_clear()
    yield
    settings.cache_clear()
