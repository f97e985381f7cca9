"""Constraints and indexes as they are needed: found by what they hold, whatever they are called and whoever made them.

A `MERGE` makes twins where nothing holds its property unique, and a lease that is there twice holds nobody off. So a
name that somebody else has taken is no constraint of ours, and who has a plain index in its place is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from neo4j.exceptions import ClientError

from loader.errors import UsageError
from loader.graph.database import Database

# Others are no help to a MERGE and stand in no constraint's way.
# https://neo4j.com/docs/cypher-manual/5/schema/constraints/create-constraints/ (constraints and backing indexes)
_THERE = """
SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint
WHERE type = 'RANGE' AND entityType = 'NODE'
RETURN name, labelsOrTypes[0] AS label, properties, owningConstraint IS NOT NULL AS unique
"""
_NAMES = ("SHOW INDEXES YIELD name RETURN name", "SHOW CONSTRAINTS YIELD name RETURN name")
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Held:
    """A range index on properties of a label; unique: a constraint, that no two nodes have the same."""

    name: str
    label: str
    properties: tuple[str, ...]
    unique: bool = False

    def statement(self, name: str) -> str:
        """Makes it; without a name Neo4j gives it one."""
        kind = "CONSTRAINT" if self.unique else "INDEX"
        on = ", ".join(f"n.{one}" for one in self.properties)
        what = f"REQUIRE {on} IS UNIQUE" if self.unique else f"ON ({on})"
        return f"CREATE {kind} {name} IF NOT EXISTS FOR (n:{self.label}) {what}"


def ensure(database: Database, wanted: Iterable[Held]) -> None:
    """Makes those that are missing, and waits until they are there.

    Raises UsageError where an index that azgraph did not make takes a constraint's place.
    """
    missing = _missing(database, wanted)
    if not missing:
        return
    taken = {row["name"] for text in _NAMES for row in database.read(text)}
    for one in missing:
        _make(database, one.statement("" if one.name in taken else one.name))
    database.read(f"CALL db.awaitIndexes({_SECONDS})")
    _refuse(database, _missing(database, missing))


def _missing(database: Database, wanted: Iterable[Held]) -> list[Held]:
    there: dict[tuple[str, tuple[str, ...]], bool] = {}
    for row in database.read(_THERE):
        there[row["label"], tuple(row["properties"])] = row["unique"]
    # What a constraint stands on is an index as well.
    return [one for one in wanted if there.get((one.label, one.properties)) not in (True, one.unique)]


def _make(database: Database, statement: str) -> None:
    """IF NOT EXISTS still fails where an equal one is just being made by another process, or has another kind."""
    try:
        database.write(lambda transaction: transaction.run(statement))
    except ClientError as error:
        if "AlreadyExists" not in (error.code or ""):
            raise


def _refuse(database: Database, missing: list[Held]) -> None:
    for one in missing:
        names = [
            row["name"]
            for row in database.read(_THERE)
            if row["label"] == one.label and tuple(row["properties"]) == one.properties
        ]
        if names:
            raise UsageError(
                f"The database has an index of somebody else's, {names[0]!r} on {', '.join(one.properties)} of "
                f":{one.label}, where azgraph needs a constraint, without which two loads could write at once. Take it "
                f"out (DROP INDEX `{names[0]}`), or give azgraph a database of its own (NEO4J_DATABASE)."
            )
        raise UsageError(
            f"Neo4j did not make the {'constraint' if one.unique else 'index'} on {', '.join(one.properties)} of "
            f":{one.label} that azgraph needs; give azgraph a database of its own (NEO4J_DATABASE)."
        )
