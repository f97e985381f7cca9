"""`Change` nodes: what a run found different, written in the transaction of the difference itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from loader.graph.database import Transaction
from loader.graph.noise import tracked
from loader.graph.values import as_text
from loader.secrets import Cleaning

# Before and after are shown to people; whole values are in the graph or were never worth keeping.
MAX_TEXT = 1_000

_SECRETS = Cleaning()

_WRITE = """
MATCH (run:SyncRun {id: $run})
UNWIND $rows AS row
MERGE (c:Change {id: row.id})
ON CREATE SET c = row
WITH run, c, row
MERGE (c)<-[:RECORDED]-(run)
WITH c, row WHERE row.op <> 'deleted'
MATCH (e:Entity {_key: row.entityKey})
MERGE (c)-[:CHANGE_OF]->(e)
"""


# The path of a relationship: `USES -> key`, with its own key in brackets where it has one.
_LINK = re.compile(r"\S+ (?:->|<-) (?P<far>.+?)(?: \[.*\])?", re.DOTALL)


def far_end(op: str, path: str) -> str:
    """The key of what a relationship that was made or lost leads to; empty for other changes."""
    link = _LINK.fullmatch(path) if op in ("linked", "unlinked") else None
    return link["far"] if link else ""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Makes the changes of one run; `at` is its clock, so that all of a run's changes are of one time."""

    run_id: str
    seq: int
    at: datetime

    @staticmethod
    def of(run_id: str, seq: int) -> Recorder:
        """The recorder of a run that starts now."""
        return Recorder(run_id, seq, datetime.now(UTC))

    def change(
        self,
        op: str,
        *,
        key: str,
        entity_type: str,
        scope: str,
        name: Any,
        path: str = "",
        before: Any = None,
        after: Any = None,
    ) -> dict[str, Any]:
        """One change as a row. Its id follows from what it says, so that writing it twice writes it once."""
        row = {
            "id": sha256("\0".join((str(self.seq), key, op, path)).encode()).hexdigest()[:32],
            "runSeq": self.seq,
            "at": self.at,
            "op": op,
            "entityKey": key,
            "entityType": entity_type,
            "entityName": _short(name),
            "path": path[:MAX_TEXT],
            # An older version of azgraph may have stored what this one knows for a secret.
            "before": _short(_SECRETS.named(path, before)),
            "after": _short(_SECRETS.named(path, after)),
            "scopeId": scope,
        }
        return {name: value for name, value in row.items() if value is not None}

    def write(self, transaction: Transaction, rows: list[dict[str, Any]]) -> None:
        """Writes changes in the transaction of what they tell."""
        if rows:
            transaction.run(_WRITE, run=self.run_id, rows=rows)


def remembered(properties: Mapping[str, Any]) -> str:
    """What a deleted entity had, as JSON of at most MAX_TEXT characters: the node itself is gone.

    Properties that do not fit any more are left out, so that it stays readable JSON.
    """
    kept: dict[str, str | None] = {}
    room = MAX_TEXT
    for name, value in sorted(properties.items()):
        if tracked(name):
            told = _short(_SECRETS.named(name, value))
            room -= len(name) + 2 * len(told or "") + 6
            if room < 0:
                break
            kept[name] = told
    return orjson.dumps(kept).decode()


def _short(value: Any) -> str | None:
    if value is None:
        return None
    told = as_text(value)
    return told if len(told) <= MAX_TEXT else f"{told[:MAX_TEXT]}…"
