"""Constraints and indexes of the graph, and names that may stand inside a Cypher statement."""

from __future__ import annotations

import re
from typing import Any

from neo4j.exceptions import ClientError

from loader.graph.database import Database, Transaction

_STATEMENTS = {
    "azgraph_entity_key": "CREATE CONSTRAINT azgraph_entity_key IF NOT EXISTS FOR (n:Entity) REQUIRE n._key IS UNIQUE",
    "azgraph_run_id": "CREATE CONSTRAINT azgraph_run_id IF NOT EXISTS FOR (n:SyncRun) REQUIRE n.id IS UNIQUE",
    "azgraph_scope_id": "CREATE CONSTRAINT azgraph_scope_id IF NOT EXISTS FOR (n:SyncScope) REQUIRE n.id IS UNIQUE",
    "azgraph_reading_id": (
        "CREATE CONSTRAINT azgraph_reading_id IF NOT EXISTS FOR (n:SyncReading) REQUIRE n.id IS UNIQUE"
    ),
    "azgraph_reading_scope": "CREATE INDEX azgraph_reading_scope IF NOT EXISTS FOR (n:SyncReading) ON (n.scope)",
    "azgraph_lease_id": "CREATE CONSTRAINT azgraph_lease_id IF NOT EXISTS FOR (n:SyncLease) REQUIRE n.id IS UNIQUE",
    "azgraph_part_id": "CREATE CONSTRAINT azgraph_part_id IF NOT EXISTS FOR (n:SyncPart) REQUIRE n.id IS UNIQUE",
    "azgraph_change_id": "CREATE CONSTRAINT azgraph_change_id IF NOT EXISTS FOR (n:Change) REQUIRE n.id IS UNIQUE",
    "azgraph_alert_id": "CREATE CONSTRAINT azgraph_alert_id IF NOT EXISTS FOR (n:Alert) REQUIRE n.id IS UNIQUE",
    "azgraph_entity_scope": "CREATE INDEX azgraph_entity_scope IF NOT EXISTS FOR (n:Entity) ON (n._scope)",
    "azgraph_scope_step": "CREATE INDEX azgraph_scope_step IF NOT EXISTS FOR (n:SyncScope) ON (n.step)",
    "azgraph_entity_stub": "CREATE INDEX azgraph_entity_stub IF NOT EXISTS FOR (n:Entity) ON (n._stub)",
    "azgraph_change_run": (
        "CREATE INDEX azgraph_change_run IF NOT EXISTS FOR (n:Change) ON (n.runSeq, n.entityType, n.op)"
    ),
    "azgraph_change_entity": "CREATE INDEX azgraph_change_entity IF NOT EXISTS FOR (n:Change) ON (n.entityKey)",
    "azgraph_alert_rule": "CREATE INDEX azgraph_alert_rule IF NOT EXISTS FOR (n:Alert) ON (n.ruleId, n.state)",
}
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
    """Makes the constraints and indexes that are missing, and waits until they are there."""
    there = {row["name"] for row in database.read("SHOW INDEXES YIELD name RETURN name")}
    missing = [name for name in _STATEMENTS if name not in there]
    for name in missing:
        _make(database, _STATEMENTS[name])
    if missing:
        database.read("CALL db.awaitIndexes(120)")


def _make(database: Database, statement: str) -> None:
    """IF NOT EXISTS still fails where an equal index has another name, which is as good."""

    def work(transaction: Transaction) -> None:
        transaction.run(statement)

    try:
        database.write(work)
    except ClientError as error:
        if "AlreadyExists" not in (error.code or ""):
            raise


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
