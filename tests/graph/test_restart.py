"""The database restarted in the middle of a load: the run goes on or ends with a sentence; the next run repairs."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loader.config import cache_dir
from loader.errors import ExitCode, UnreachableError
from loader.graph import Database, gathering
from loader.localdb import LocalNeo4j
from loader.model import Record
from tests.graph.tenant import changes, dump, load, tenant

pytestmark = [pytest.mark.graph, pytest.mark.slow, pytest.mark.localdb]

SIZE = 200


@pytest.fixture
def server(quick_starts: None, tmp_path: Path) -> Iterator[LocalNeo4j]:
    local = LocalNeo4j(tmp_path / "home", cache_dir())
    # Ports of its own, that no other server takes while it is down.
    state = tmp_path / "home" / "neo4j" / "state.json"
    state.parent.mkdir(parents=True)
    state.write_text(json.dumps({"bolt_port": _free_port(), "http_port": _free_port()}))
    yield local
    local.wipe()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _interrupted(event: Callable[[], Any]) -> dict[str, Iterator[Record]]:
    """The tenant, with something happening while its machines are being listed."""

    def listed(name: str, records: list[Record]) -> Iterator[Record]:
        for number, record in enumerate(records):
            if name == "azure_nic" and number == SIZE // 2:
                event()
            yield record

    return {name: listed(name, records) for name, records in tenant(SIZE).items()}


def test_restarted_in_the_middle(server: LocalNeo4j, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "BATCH_ROWS", 25)
    found = server.up()
    with Database(found.uri, found.user, found.password) as database:
        load(database, tenant(SIZE))
        undisturbed = dump(database)
        database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))

    with Database(found.uri, found.user, found.password, patience=2) as impatient:
        with pytest.raises(UnreachableError, match="cannot be reached") as told:
            load(impatient, _interrupted(server.down))
        assert told.value.exit_code == ExitCode.UNREACHABLE
        assert "azgraph neo4j up" in str(told.value)
    with pytest.raises(UnreachableError, match="cannot be reached"):
        Database(found.uri, found.user, found.password, patience=2)

    def restart() -> None:
        server.down()
        threading.Thread(target=server.up).start()

    server.up()
    with Database(found.uri, found.user, found.password) as database:
        assert load(database, _interrupted(restart)).status == "complete"
        assert dump(database) == undisturbed
        assert changes(database) == []
        assert load(database, tenant(SIZE)).counters.total == 0
        statuses = database.read("MATCH (r:SyncRun) RETURN r.status AS status ORDER BY r.seq")
        assert [row["status"] for row in statuses] == ["failed", "complete", "complete"]
