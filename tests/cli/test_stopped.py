"""Ctrl-C while a command reads the graph: a sentence at once, code 130, no thread that holds the end up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loader.graph import Database

pytestmark = [pytest.mark.packs, pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")]

# A query of one's own that keeps the server busy for longer than anybody waits.
_SLOW = """
id: slow
title: What takes long?
area: inventory
needs: [everything]
identity: [n]
cypher: UNWIND range(1, 2000000000) AS n WITH n WHERE n % 1999999999 = 0 RETURN n
examples:
  - name: none
    graph: {nodes: {}}
    returns: []
"""
# Nobody waits for the answer any more; the server would work on it for a minute.
_END = """
SHOW TRANSACTIONS YIELD transactionId AS one, currentQuery
WHERE currentQuery CONTAINS '1999999999' AND NOT currentQuery CONTAINS 'TRANSACTIONS'
TERMINATE TRANSACTIONS one YIELD message RETURN message
"""


def test_a_query_that_is_stopped_says_so_within_a_second(neo4j_connection, database: Database, tmp_path: Path):
    folder = tmp_path / "queries" / "inventory"
    folder.mkdir(parents=True)
    (folder / "slow.yaml").write_text(_SLOW)
    uri, user, password = neo4j_connection
    environment = os.environ | {"NEO4J_URI": uri, "NEO4J_USER": user, "NEO4J_PASSWORD": password}
    command = [sys.executable, "-m", "loader.cli", "query", "run", "slow", "--library", str(tmp_path)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            _wait_until_asked(database)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
            database.read(_END)
    assert said == "Stopped: the query was not finished. Nothing in the graph was changed.\n"
    assert process.returncode == 130
    assert time.monotonic() - began < 10  # within one second where nothing else runs


def _wait_until_asked(database: Database) -> None:
    for _ in range(600):
        running = database.read("SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS '1999999999'")
        if any("TRANSACTIONS" not in row["currentQuery"] for row in running):
            return
        time.sleep(0.1)
    pytest.fail("The query never ran.")
