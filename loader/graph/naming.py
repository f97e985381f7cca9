"""Names that people call entities by, found over the loaded graph where Azure itself gives nothing but a GUID."""

from __future__ import annotations

from typing import Any

from loader.graph.database import Database, Transaction
from loader.graph.values import stored_value
from loader.graph.writer import GraphWriter
from loader.model import Naming

# Which naming a node has its `displayName` from, so that comparing it with Azure's answer leaves that alone.
NAMED = "_named"
LONGEST = 500

_BATCH = 5_000
_FOUND = f"""
CALL () {{{{ {{query}} }}}}
MATCH (n:Entity {{{{_key: key}}}}) WHERE n._stub IS NULL
RETURN key, parts, n.displayName AS displayName, n.{NAMED} AS naming
"""
# Changes tell the name that an entity had when they were written. Those of this run, and those of a run that was killed
# before it got here, were written before there was one; older ones keep theirs, whatever it is called now.
_NAME = f"""
UNWIND $rows AS row MATCH (n:Entity {{_key: row.key}}) WHERE n._stub IS NULL
WITH n, row, CASE WHEN n.{NAMED} IS NULL THEN n.displayName END AS before
SET n.displayName = row.name, n.{NAMED} = $naming
WITH n, row, before MATCH (n)<-[:CHANGE_OF]-(change:Change)
WHERE change.runSeq = $seq OR change.entityName = before
SET change.entityName = row.name
"""


class Namer:
    """Names entities for one run; only names that are new are written, and none of it is a change."""

    def __init__(self, database: Database, writer: GraphWriter, seq: int) -> None:
        self._database, self._writer, self._seq = database, writer, seq

    def name(self, naming: Naming) -> None:
        """Brings the names of one naming's entities to what it finds; where it finds none, the last one stays."""
        rows: list[dict[str, Any]] = []
        for found in self._database.stream(_FOUND.format(query=naming.query)):
            name = naming.call(found["parts"])
            if name is None:
                continue
            name = str(stored_value(name))[:LONGEST]
            if (found["displayName"], found["naming"]) != (name, naming.name):
                rows.append({"key": found["key"], "name": name})
        for at in range(0, len(rows), _BATCH):
            self._write(rows[at : at + _BATCH], naming.name)

    def _write(self, rows: list[dict[str, Any]], naming: str) -> None:
        def work(transaction: Transaction) -> None:
            transaction.run(_NAME, rows=rows, naming=naming, seq=self._seq)

        self._writer.write(work)
