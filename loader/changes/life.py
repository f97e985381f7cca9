"""The life of one entity, also of one that is gone: when it came, what became of it, when it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loader.changes.reading import ChangeRow, Filters, changes_since, told_time
from loader.changes.span import EVERY_RUN
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
_TOLD = 10
# What an event says besides whose it is.
_OWN = (
    "run", "at", "op", "path", "before", "after", "actor", "actor_id", "candidates", "client", "operation",
    "correlation", "azure_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Life:
    """An entity's life. there: whether it is in Azure as of the last run.

    events: its changes, oldest first; before them one whose operation is `found`, where the first load of its kind
    brought it, which is no change.
    """

    key: str
    type: str
    name: str
    there: bool
    events: list[ChangeRow]

    @property
    def lost(self) -> dict[str, str]:
        """What it had when it went; empty for one that is there."""
        return {} if self.there else next((one.lost for one in reversed(self.events) if one.op == "deleted"), {})

    def as_json(self) -> dict[str, Any]:
        """All of it; of an event what is its own."""
        events = [{name: getattr(one, name) for name in _OWN} for one in self.events]
        return {"key": self.key, "type": self.type, "name": self.name, "there": self.there, "events": events}


def life_of(database: Database, named: str) -> Life:
    """The life of the entity with this name, id or key.

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
    life = Life(str(one["key"]), str(one["type"] or ""), str(one["name"]), bool(one["there"]), [])
    life.events.extend(reversed(changes_since(database, EVERY_RUN, Filters(keys=(life.key,), below=False))))
    if not any(event.op == "created" for event in life.events):
        life.events[:0] = _found(database, life, one["since"])
    return life


def _found(database: Database, life: Life, run: int | None) -> list[ChangeRow]:
    """That it was there already when its kind was loaded for the first time."""
    return [
        ChangeRow(int(row["seq"]), told_time(row["at"]), "found", life.type, life.name, life.key, "", "", "")
        for row in database.read(_RUN, {"seq": run})
    ]
