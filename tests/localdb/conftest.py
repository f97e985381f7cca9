"""Local Neo4j servers with homes of their own, stopped and deleted after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from loader.config import cache_dir
from loader.localdb import LocalNeo4j, process


class Home:
    """A home with its Neo4j, and what a test wants to know of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[str] = []
        self.local = LocalNeo4j(path, cache_dir(), self.said.append)

    @property
    def server(self) -> psutil.Process | None:
        return process.find(self.path / "neo4j", None)


@pytest.fixture
def new_home(quick_starts: None, tmp_path: Path) -> Iterator[Callable[[str], Home]]:
    made: list[Home] = []

    def make(name: str = "home") -> Home:
        made.append(Home(tmp_path / name))
        return made[-1]

    yield make
    for home in made:
        home.local.wipe()


@pytest.fixture
def home(new_home: Callable[[], Home]) -> Home:
    return new_home()
