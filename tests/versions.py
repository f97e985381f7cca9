"""Which version of Neo4j a test asks, and which worker of pytest-xdist runs it.

One session asks the version that azgraph installs, or that of AZGRAPH_TEST_NEO4J_VERSION, and that of
AZGRAPH_TEST_SECOND_NEO4J where it names another. A server that has planned a thousand texts plans the next in half the
time, so the tests of a version stay on one server, and each worker has a server of its own. What needs no shared server
goes file by file to whoever is free.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from loader.localdb import DEFAULT_VERSION

VERSIONS = [os.environ.get("AZGRAPH_TEST_NEO4J_VERSION", DEFAULT_VERSION)]
_another = os.environ.get("AZGRAPH_TEST_SECOND_NEO4J")
# What NEO4J_URI names is one server, of whatever version.
if _another and _another not in VERSIONS and not os.environ.get("NEO4J_URI"):
    VERSIONS.append(_another)
_ARGUMENT, _NAMED = "neo4j_version", "neo4j-"
# Whole runs of azgraph are made on the newer version; the older one sees the same loads in the rooms that they are of.
_OF_WHOLE_RUNS = {"bench", "cluster", "e2e", "schedule"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a shared server runs once for each version that it asks, and is named by it."""
    if _ARGUMENT in metafunc.fixturenames:
        room = metafunc.definition.path.relative_to(Path(__file__).parent).parts[0]
        asked = asked_of(room, {mark.name for mark in metafunc.definition.iter_markers()}, VERSIONS)
        metafunc.parametrize(_ARGUMENT, asked, ids=[f"{_NAMED}{version}" for version in asked], indirect=True)


def asked_of(room: str, marks: set[str], versions: Sequence[str]) -> list[str]:
    """The versions that a test of a room with these marks asks, of those that the session has."""
    if room in _OF_WHOLE_RUNS:
        return [versions[-1]]
    if marks & {"graph", "packs"} and not marks & {"slow", "first_neo4j"}:
        return list(versions)
    return [versions[0]]


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """The tests of each version first, then what takes long, so that no worker waits for the other at the end."""
    yield
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    version = item.callspec.params.get(_ARGUMENT) if hasattr(item, "callspec") else None
    return VERSIONS.index(version) if version else len(VERSIONS) + (item.get_closest_marker("slow") is None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """What says to the workers which tests are theirs; made in the process that they report to.

    Another `--dist` than xdist's own default is what somebody asked for, and holds.
    """
    if config.getoption("dist") != "load":
        return None
    config.option.loadscopereorder = False  # they are in order
    return _ByServer(config, log)


class _ByServer(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid, VERSIONS, self.numnodes)


def unit_of(nodeid: str, versions: Sequence[str], workers: int) -> str:
    """The name of what one worker runs as a whole, with the test of this id in it."""
    file = nodeid.partition("::")[0]
    version = next((one for one in versions if f"{_NAMED}{one}" in nodeid), None)
    if version is None:
        return file
    # Where there are more workers than versions, several share a version's tests.
    return f"{version} {zlib.crc32(file.encode()) % max(1, workers // len(versions))}"
