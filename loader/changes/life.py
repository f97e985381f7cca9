"""The life of one entity, also of one that is gone: when it came, what became of it, when it went."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from loader.changes.reading import ChangeRow, Filters, changes_since
from loader.changes.span import Span
from loader.errors import UsageError
from loader.nearest import alternatives

if TYPE_CHECKING:
    from loader.graph import Database

# Entities that are there or were: of those that went, only their changes tell.
_NAMED = """
CALL () {
  MATCH (n:Entity) WHERE coalesce(n._stub, false) = false AND (n._key IN [$name, toLower($name)]
    OR toLower(n.id) = toLower($name) OR toLower(n.name) = toLower($name) OR toLower(n.displayName) = toLower($name))
  RETURN n._key AS key, n._type AS type, coalesce(n.displayName, n.name, n._key) AS name, n._firstSeenRun AS since,
    true AS there
  UNION
  MATCH (c:Change {op: 'deleted'}) WHERE (c.entityKey IN [$name, toLower($name)]
    OR toLower(c.entityName) = toLower($name)) AND NOT EXISTS {
      MATCH (n:Entity {_key: c.entityKey}) WHERE coalesce(n._stub, false) = false
    }
  RETURN DISTINCT c.entityKey AS key, c.entityType AS type, coalesce(c.entityName, c.entityKey) AS name, null AS since,
    false AS there
}
RETURN * ORDER BY there DESC, type, key LIMIT 50
"""
_NAMES = """
MATCH (n:Entity) WHERE coalesce(n._stub, false) = false
RETURN DISTINCT coalesce(n.displayName, n.name) AS name ORDER BY name LIMIT 20000
"""
_RUN = """
MATCH (r:SyncRun {seq: $seq}) RETURN r.seq AS seq, coalesce(r.finishedAt, r.startedAt) AS at
"""
_LATEST = "MATCH (r:SyncRun) RETURN max(r.seq) AS seq"
_TOLD = 10


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. op: `found` where the first load of its kind brought it, else a change's operation."""

    run: int
    at: str
    op: str
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Life:
    """An entity's life, oldest event first. there: whether it is in Azure as of the last run."""

    key: str
    type: str
    name: str
    there: bool
    events: list[Event]

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


def life_of(database: Database, named: str) -> tuple[Life, list[ChangeRow]]:
    """The life of the entity with this name, id or key, and the changes that it is made of, newest first.

    Raises UsageError where there is none, with the nearest names, or several, with all of them.
    """
    found = database.read(_NAMED, {"name": named.strip()})
    keys = {row["key"] for row in found}
    if not keys:
        known = [str(row["name"]) for row in database.read(_NAMES)]
        raise UsageError(f"Nothing in the graph or its history is called {named!r}. {alternatives(named, known)}")
    if len(keys) > 1:
        lines = [f"  {row['name']} ({row['type']}): {row['key']}" for row in found[:_TOLD]]
        lines += [f"  … and {len(found) - _TOLD} more"] if len(found) > _TOLD else []
        raise UsageError("\n".join([f"Several are called {named!r}; give the id of the one you mean:", *lines]))
    one = found[0]
    latest = int(database.read(_LATEST)[0]["seq"] or 0)
    changes = changes_since(database, Span(0, latest), Filters(keys=(str(one["key"]),), below=False))
    events = [Event(c.run, c.at, c.op, c.path, c.before, c.after) for c in reversed(changes)]
    if not any(event.op == "created" for event in events):
        events = [*_found(database, one["since"]), *events]
    return Life(str(one["key"]), str(one["type"] or ""), str(one["name"]), bool(one["there"]), events), changes


def _found(database: Database, run: int | None) -> list[Event]:
    """That it was there already when its kind was loaded for the first time, which is no change."""
    for row in database.read(_RUN, {"seq": run}):
        at = row["at"].isoformat(timespec="seconds") if isinstance(row["at"], datetime) else ""
        return [Event(int(row["seq"]), at, "found", "", "", "")]
    return []
