"""A graph that was backed up comes back as it was; what cannot be loaded does the present one no harm."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.config import cache_dir
from loader.errors import UnreachableError, UsageError
from loader.graph import Database
from loader.localdb import LocalNeo4j

pytestmark = pytest.mark.localdb


@pytest.fixture
def server(quick_starts: None, tmp_path: Path) -> Iterator[LocalNeo4j]:
    local = LocalNeo4j(tmp_path / "home", cache_dir())
    yield local
    local.wipe()


def write(local: LocalNeo4j, statement: str) -> None:
    found = local.up()
    with Database(found.uri, found.user, found.password) as database:
        database.write(lambda transaction: transaction.run(statement))


def names(local: LocalNeo4j) -> list[str]:
    found = local.up()
    with Database(found.uri, found.user, found.password) as database:
        return [row["name"] for row in database.read("MATCH (n:Thing) RETURN n.name AS name ORDER BY name")]


def stores(folder: Path) -> dict[str, bytes]:
    """What the graph is made of on the disk."""
    data = folder / "home" / "neo4j" / "data-5"
    return {str(path): path.read_bytes() for path in sorted(data.rglob("*neo4j*/*")) if path.is_file()}


def test_there_and_back(server: LocalNeo4j, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("graph.dump")
    write(server, "CREATE (:Thing {name: 'then'})")
    write(server, "CREATE (:SyncLease {id: 'sync', holder: 'x', expiresAt: datetime() + duration('PT1H')})")
    with pytest.raises(UsageError, match="is loading into this graph"):
        server.backup(file)
    write(server, "MATCH (l:SyncLease) DELETE l")
    server.backup(file)
    assert server.status().running, "it ran before, so it runs again"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(UsageError, match="there already"):
        server.backup(file)
    write(server, "MATCH (n:Thing) SET n.name = 'now'")
    broken = tmp_path / "broken.dump"
    broken.write_bytes(b"no dump")
    server.down()
    before = stores(tmp_path)
    with pytest.raises(UnreachableError, match="could not load the graph"):
        server.restore(broken)
    assert stores(tmp_path) == before
    server.restore(file)
    assert stores(tmp_path) != before
    assert names(server) == ["then"]


def test_what_is_no_file_is_refused_before_anything_is_stopped(server: LocalNeo4j, tmp_path: Path) -> None:
    for target, says in ((tmp_path, "is a folder"), (tmp_path / "none" / "x.dump", "does not exist")):
        with pytest.raises(UsageError, match=says):
            server.backup(target)
    with pytest.raises(UsageError, match="There is no file"):
        server.restore(tmp_path / "none.dump")
