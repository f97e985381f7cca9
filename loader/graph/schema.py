"""Constraints and indexes of the graph, and names that may stand inside a Cypher statement."""

from __future__ import annotations

import re
from typing import Any

from loader.graph.constraints import Held, ensure
from loader.graph.database import Database, Transaction

_SCHEMA = (
    Held("azgraph_entity_key", "Entity", ("_key",), unique=True),
    Held("azgraph_run_id", "SyncRun", ("id",), unique=True),
    Held("azgraph_scope_id", "SyncScope", ("id",), unique=True),
    Held("azgraph_reading_id", "SyncReading", ("id",), unique=True),
    Held("azgraph_reading_scope", "SyncReading", ("scope",)),
    Held("azgraph_lease_id", "SyncLease", ("id",), unique=True),
    Held("azgraph_part_id", "SyncPart", ("id",), unique=True),
    Held("azgraph_change_id", "Change", ("id",), unique=True),
    Held("azgraph_alert_id", "Alert", ("id",), unique=True),
    Held("azgraph_entity_scope", "Entity", ("_scope",)),
    Held("azgraph_scope_step", "SyncScope", ("step",)),
    Held("azgraph_entity_stub", "Entity", ("_stub",)),
    Held("azgraph_change_run", "Change", ("runSeq", "entityType", "op")),
    Held("azgraph_change_entity", "Change", ("entityKey",)),
    Held("azgraph_alert_rule", "Alert", ("ruleId", "state")),
)
# The labels are data: planning one text for each entity type was half of what a first run costs a new server, and small
# groups of many types go in one statement.
MERGE_NODES = """
UNWIND $groups AS group UNWIND group.rows AS row
MERGE (n:Entity {_key: row._key}) ON CREATE SET n:$(group.labels), n = row
"""
_REPLACE = "UNWIND $rows AS row MATCH (n:Entity {{_key: row._key}}) SET n = row {labels}"
_ALTER = "UNWIND $rows AS row MATCH (n:Entity {{_key: row.key}}) SET n += row.differs {labels}"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")


def ensure_schema(database: Database) -> None:
    """Makes the constraints and indexes that are missing, and waits until they are there. Raises as `ensure` does."""
    ensure(database, _SCHEMA)


def quoted(name: str) -> str:
    """A label or relationship type, checked and in backticks. Raises ValueError: such names come from declarations."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a label or relationship type")
    return f"`{name}`"


def checked_labels(labels: tuple[str, ...]) -> list[str]:
    """Labels as the parameter of a text. Raises ValueError as `quoted` does."""
    return [label for label in labels if quoted(label)]


def quoted_labels(labels: tuple[str, ...]) -> str:
    """Labels as they follow a node in Cypher: ":`Entity`:`azure_user`"."""
    return "".join(f":{quoted(label)}" for label in labels)


def replace_nodes(
    transaction: Transaction, labels: tuple[str, ...], remove: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    """Gives existing nodes all properties of their rows and no others, and `labels` in place of `remove`."""
    transaction.run(_REPLACE.format(labels=_relabelling(labels, remove)), rows=rows)


def alter_nodes(
    transaction: Transaction, labels: tuple[str, ...], remove: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    """Sets of existing nodes what differs, and `labels` in place of `remove`.

    rows: {key, differs}; what is None in `differs` is taken off.
    """
    transaction.run(_ALTER.format(labels=_relabelling(labels, remove)), rows=rows)


def _relabelling(labels: tuple[str, ...], remove: tuple[str, ...]) -> str:
    changes = [f"SET n{quoted_labels(labels)}"] if labels else []
    changes += [f"REMOVE n{quoted_labels(remove)}"] if remove else []
    return " ".join(changes)
