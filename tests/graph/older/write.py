"""How the graph of an earlier azgraph beside this file was written: by that azgraph's own code.

    git worktree add --detach ../older bed5412 && cd ../older
    PYTHONPATH=$PWD NEO4J_URI=… NEO4J_USER=… NEO4J_PASSWORD=… python …/tests/graph/older/write.py …/tests/graph/older

on an empty Neo4j. Two days of the demo tenant, alerts evaluated after each, one acknowledged and one muted. It uses
what both that commit and today's tree have.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from neo4j.time import Date, DateTime

from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from loader.graph import Database
from tests.e2e.support import load

# Expiry dates of the demo are counted from it.
DAY = datetime(2026, 11, 28, tzinfo=UTC)


def main(folder: Path) -> None:
    environment = (os.environ["NEO4J_URI"], os.environ["NEO4J_USER"], os.environ["NEO4J_PASSWORD"])
    with Database(*environment) as database:
        for day in (1, 2):
            answers = exchanges(day, now=DAY)
            load(database, answers)
            _azgraph("alerts", "evaluate")
            if day == 1:
                first, second, *_ = (one["id"] for one in _azgraph("alerts", "list"))
                _azgraph("alerts", "ack", first, "--note", "known")
                _azgraph("alerts", "mute", second, "--until", "2099-01-01", "--note", "later")
        _write(folder / "graph.jsonl.gz", _graph(database))
        _write(folder / "answers.jsonl.gz", map(_answer, answers))


def _azgraph(*arguments: str) -> Any:
    command = [sys.executable, "-m", "loader.cli", *arguments, "--format", "json"]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if told.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {told.returncode}")
    return json.loads(told.stdout)


def _graph(database: Database) -> Any:
    for row in database.read("SHOW CONSTRAINTS YIELD name, createStatement RETURN * ORDER BY name"):
        yield {"schema": row["createStatement"]}
    for row in database.read(
        "SHOW INDEXES YIELD name, type, owningConstraint, createStatement WHERE owningConstraint IS NULL "
        "AND type <> 'LOOKUP' RETURN * ORDER BY name"
    ):
        yield {"schema": row["createStatement"]}
    nodes = "MATCH (n) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS p ORDER BY id"
    numbers: dict[str, int] = {}
    for row in database.read(nodes):
        number = numbers.setdefault(row["id"], len(numbers))
        yield {"node": number, "labels": sorted(row["labels"]), "properties": row["p"]}
    links = (
        "MATCH (a)-[r]->(b) RETURN elementId(a) AS a, type(r) AS verb, elementId(b) AS b, properties(r) AS p "
        "ORDER BY a, verb, b"
    )
    for row in database.read(links):
        ends = {"from": numbers[row["a"]], "to": numbers[row["b"]]}
        yield {"verb": row["verb"], **ends, "properties": row["p"]}


def _answer(one: Exchange) -> Any:
    body = one.body if isinstance(one.body, str) else one.body.decode()
    return {"method": one.method, "url": one.url, "status": one.status, "body": body}


def _write(path: Path, rows: Any) -> None:
    # mtime: the same graph gives the same file.
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        for row in rows:
            file.write((json.dumps(row, default=_time, separators=(",", ":")) + "\n").encode())


def _time(value: Any) -> Any:
    if isinstance(value, DateTime | datetime):
        return {"@at": value.iso_format() if isinstance(value, DateTime) else value.isoformat()}
    if isinstance(value, Date | date):
        return {"@on": value.isoformat() if isinstance(value, date) else value.iso_format()}
    raise TypeError(type(value))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
