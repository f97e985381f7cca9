"""The real Neo4j that tests run against: NEO4J_URI, else Docker through testcontainers, else azgraph's local one.

Each pytest-xdist worker has a server of its own (`tests/versions.py` says of which version). A server given by
NEO4J_URI is shared by all workers, so there the tests that use it take turns; and as every test empties it, one that
holds data is refused without AZGRAPH_TEST_WIPE.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import typer.testing
from filelock import FileLock
from neo4j import Driver, GraphDatabase

from loader.config import cache_dir
from loader.localdb import DEFAULT_VERSION, LocalNeo4j, conf
from tests.names import make_known, make_schema
from tests.read_once import keep_what_was_read
from tests.ready_classes import file_of, make_ready
from tests.versions import pytest_collection_modifyitems, pytest_generate_tests, pytest_xdist_make_scheduler

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

    from loader.graph import Database
    from tests.draft import Draft

# Names that pytest looks for in this file.
__all__ = ["pytest_collection_modifyitems", "pytest_generate_tests", "pytest_xdist_make_scheduler"]

# The old generation must hold all that Neo4j lets transactions have (70 % of the heap), or want of memory ends it.
JAVA = "-XX:ReservedCodeCacheSize=256m -XX:+UseParallelGC -XX:NewRatio=6"
if sys.platform == "linux":
    # Planning makes and drops objects all the time: in large pages it takes a tenth less of the processor's time.
    JAVA += " -XX:+UseTransparentHugePages"
# A server of one test is better off with code that is compiled quickly than with quick code: half its processor time.
# That of all others is not: once it has planned a thousand texts, it plans the next in half the time. But to compile
# all that Java would took as much as to plan: what is called four times as often is worth it, and to put the code of
# others into it is worth it where that is short (a tenth of the processor time).
QUICKLY_COMPILED = "-XX:TieredStopAtLevel=1"
COMPILED_WHERE_HOT = (
    "-XX:Tier4InvocationThreshold=20000 -XX:Tier4MinInvocationThreshold=2400 "
    "-XX:Tier4CompileThreshold=60000 -XX:Tier4BackEdgeThreshold=160000 "
    "-XX:MaxInlineLevel=9 -XX:InlineSmallCode=1000 -XX:FreqInlineSize=150"
)
KEPT_PLANS = {
    "dbms.cypher.min_replan_interval": "1d",
    "dbms.cypher.statistics_divergence_threshold": "1.0",
    "server.memory.query_cache.per_db_cache_num_entries": "5000",
}
WIPE = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """What is collected and imported stays to the end: Python need not look through it again and again."""
    gc.disable()
    found = yield
    gc.freeze()
    gc.enable()
    return found


class Neo4jConnection(NamedTuple):
    """Where the tests' Neo4j is."""

    uri: str
    user: str
    password: str


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test touches the user's own azgraph home or local database. Downloads are shared with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZGRAPH_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        patch.setenv("AZGRAPH_CACHE", str(cache_dir()))
        patch.setenv("AZGRAPH_NEO4J_HEAP", os.environ.get("AZGRAPH_NEO4J_HEAP", "1g"))
        patch.setenv("AZGRAPH_NEO4J_PAGECACHE", os.environ.get("AZGRAPH_NEO4J_PAGECACHE", "128m"))
        ready = f"'-XX:SharedArchiveFile={file_of(cache_dir(), DEFAULT_VERSION)}'"
        patch.setenv("JAVA_TOOL_OPTIONS", f"{JAVA} {ready} {QUICKLY_COMPILED}")
        yield


@pytest.fixture(scope="session", autouse=True)
def _commands_made_once() -> Iterator[None]:
    """Tests invoke commands hundreds of times; what parses their words is put together once a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.testing._get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def _library_read_once() -> Iterator[None]:
    """And what they read of the shipped library is read once a process."""
    with pytest.MonkeyPatch.context() as patch:
        keep_what_was_read(patch)
        yield


@pytest.fixture(scope="session")
def quick_starts(_own_home: None) -> None:
    """Servers on this machine start with their classes ready; of another version so few start that it would not pay."""
    make_ready(cache_dir(), DEFAULT_VERSION)


@pytest.fixture(scope="session")
def neo4j_version(request: pytest.FixtureRequest) -> str:
    """The version that the test asks."""
    return request.param


@pytest.fixture(scope="session")
def neo4j_connection(
    _own_home: None, neo4j_version: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Neo4jConnection]:
    """A running Neo4j for this worker; started when the first test asks for it."""
    uri = os.environ.get("NEO4J_URI")
    if uri:
        given = Neo4jConnection(uri, os.environ.get("NEO4J_USER", "neo4j"), os.environ.get("NEO4J_PASSWORD", ""))
        _refuse_to_wipe_data(given)
        yield given
    elif _docker_runs():
        with _container(neo4j_version) as started:
            yield started
    else:
        if neo4j_version == DEFAULT_VERSION:
            request.getfixturevalue("quick_starts")
        local = LocalNeo4j(tmp_path_factory.mktemp("neo4j-home"), cache_dir())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("loader.localdb.conf.write_conf", _keeping_plans(conf.write_conf))
            patch.setenv(
                "JAVA_TOOL_OPTIONS", os.environ["JAVA_TOOL_OPTIONS"].replace(QUICKLY_COMPILED, COMPILED_WHERE_HOT)
            )
            found = local.up(neo4j_version)
        yield Neo4jConnection(found.uri, found.user, found.password)
        local.wipe()


def _keeping_plans(write_conf: Callable[..., None]) -> Callable[..., None]:
    """Neo4j plans a text anew whenever the graph has grown or shrunk much, as it does between any two tests here.

    Planning the library over and over was half of what the tests cost: a plan once made stays.
    """

    def write(folder: Path, *arguments: Any) -> None:
        write_conf(folder, *arguments)
        with (folder / "conf" / "neo4j.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in KEPT_PLANS.items())

    return write


@pytest.fixture(scope="session")
def _admin(neo4j_connection: Neo4jConnection) -> Iterator[Driver]:
    from loader.graph import Database

    uri, user, password = neo4j_connection
    with GraphDatabase.driver(uri, auth=(user, password)) as driver:
        make_known(driver)
        with Database(uri, user, password) as database:
            make_schema(database)
        yield driver


class _Graph:
    """What is known of the server's graph. empty: as a draft leaves it, which a draft after it need not see to."""

    empty = False


_GRAPH = _Graph()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Whoever gets at the server otherwise than by a draft may leave something there."""
    asked = getattr(item, "fixturenames", ())
    if "neo4j_connection" in asked and "draft" not in asked:
        _GRAPH.empty = False


@pytest.fixture
def _emptied(neo4j_connection: Neo4jConnection, _admin: Driver) -> Iterator[None]:
    """The graph is empty, and nobody else's for the time of a test."""
    server = hashlib.sha256(neo4j_connection.uri.encode()).hexdigest()[:16]
    turns = FileLock(Path(gettempdir()) / f"azgraph-tests-{server}.lock")
    shared = bool(os.environ.get("NEO4J_URI"))
    if shared:
        turns.acquire()
    try:
        if shared or not _GRAPH.empty:
            with _admin.session() as session:
                session.run(WIPE).consume()
        yield
    finally:
        turns.release()


@pytest.fixture
def database(neo4j_connection: Neo4jConnection, _emptied: None) -> Iterator[Database]:
    """A connection to an empty graph."""
    from loader.graph import Database

    with Database(*neo4j_connection) as connected:
        yield connected


@pytest.fixture(scope="session")
def _draft(neo4j_connection: Neo4jConnection) -> Iterator[Draft]:
    from tests.draft import Draft

    with Draft(*neo4j_connection) as connected:
        yield connected


@pytest.fixture
def draft(_draft: Draft, _emptied: None) -> Iterator[Draft]:
    """A connection to an empty graph, of which everything within `undone()` is undone; it is one for all tests."""
    _draft.kept = False
    yield _draft
    _GRAPH.empty = not _draft.kept


# While Playwright is open it keeps an event loop running, in which no asynchronous test of another module can run.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A headless Chromium: AZGRAPH_TEST_CHROMIUM, else one on the PATH, else Playwright's own; without any, a skip."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        names = ("chromium", "chromium-browser", "google-chrome")
        found = os.environ.get("AZGRAPH_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
        path = found or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("no Chromium found; install it or name it in AZGRAPH_TEST_CHROMIUM")
        # Chromium's own sandbox needs rights that containers lack; the pages are ours and Neo4j's.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


def _refuse_to_wipe_data(given: Neo4jConnection) -> None:
    with GraphDatabase.driver(given.uri, auth=(given.user, given.password)) as driver:
        holds_data = bool(driver.execute_query("MATCH (n) RETURN n LIMIT 1").records)
    if holds_data and not os.environ.get("AZGRAPH_TEST_WIPE"):
        pytest.exit(
            f"The database at NEO4J_URI ({given.uri}) holds data and the tests would delete it. "
            "Unset NEO4J_URI, or set AZGRAPH_TEST_WIPE=yes if it may go.",
            returncode=2,
        )


def _docker_runs() -> bool:
    """Whether a Docker daemon answers (a client without one is common)."""
    import docker

    try:
        return bool(docker.from_env(timeout=5).ping())
    except docker.errors.DockerException:
        return False


@contextmanager
def _container(version: str) -> Iterator[Neo4jConnection]:
    from testcontainers.neo4j import Neo4jContainer

    with Neo4jContainer(f"neo4j:{version}-community") as container:
        yield Neo4jConnection(container.get_connection_url(), container.username, container.password)
