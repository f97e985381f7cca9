"""A graph that an earlier azgraph wrote, and the answers it was written from; `write.py` says how."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from loader.azure.transport.wire import Exchange
from loader.graph import Database

_FOLDER = Path(__file__).parent
_WRITTEN = datetime(2026, 11, 29, 2, 6, tzinfo=UTC)
_NODES = (
    "UNWIND $rows AS row CREATE (n:{labels}) SET n = row.properties RETURN row.node AS number, elementId(n) AS made"
)
_LINKS = (
    "UNWIND $rows AS row MATCH (a), (b) WHERE elementId(a) = row.from AND elementId(b) = row.to "
    "CREATE (a)-[r:`{verb}`]->(b) SET r = row.properties"
)


def answers() -> list[Exchange]:
    """What Azure said on the day of the graph."""
    return [
        Exchange.of_json(row["url"], json.loads(row["body"]), status=row["status"], method=row["method"])
        for row in _rows("answers.jsonl.gz")
    ]


def restore(database: Database) -> None:
    """Writes the graph as it was an hour after its last run, with its constraints and indexes, into an empty database.

    The moments of runs, changes and alerts are moved for it: what is kept of them depends on their age.
    """
    later = datetime.now(UTC) - timedelta(hours=1) - _WRITTEN
    nodes: dict[str, list[Any]] = defaultdict(list)
    links: dict[str, list[Any]] = defaultdict(list)
    for row in _rows("graph.jsonl.gz"):
        if "schema" in row:
            _write(database, row["schema"].replace(" FOR ", " IF NOT EXISTS FOR ", 1))
        elif "node" in row:
            if "Entity" not in row["labels"]:
                row["properties"] = {
                    name: value + later if isinstance(value, datetime) else value
                    for name, value in row["properties"].items()
                }
            nodes[":".join(f"`{label}`" for label in row["labels"])].append(row)
        else:
            links[row["verb"]].append(row)
    made: dict[int, str] = {}
    for labels, rows in nodes.items():
        made |= {row["number"]: row["made"] for row in _write(database, _NODES.format(labels=labels), rows=rows)}
    for verb, rows in links.items():
        for row in rows:
            row["from"], row["to"] = made[row["from"]], made[row["to"]]
        _write(database, _LINKS.format(verb=verb), rows=rows)


def _write(database: Database, query: str, **parameters: Any) -> list[Any]:
    return database.write(lambda transaction: transaction.run(query, **parameters))[0]


def _rows(name: str) -> Iterator[Any]:
    with gzip.open(_FOLDER / name, "rt", encoding="utf-8") as file:
        yield from (json.loads(line, object_hook=_time) for line in file)


def _time(told: dict[str, Any]) -> Any:
    if told.keys() == {"@at"}:
        return datetime.fromisoformat(told["@at"])
    return date.fromisoformat(told["@on"]) if told.keys() == {"@on"} else told
