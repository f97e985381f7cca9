"""The `Change` nodes of some runs: what each of them found different."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from loader.changes.span import Span
from loader.errors import UsageError
from loader.graph.actors import principals
from loader.graph.changes import far_end
from loader.model import OPERATIONS

if TYPE_CHECKING:
    from loader.graph import Database

# As much of a value as a table shows.
LONGEST = 60

# What lies in a subscription was read in its area, or has its id below it.
_READ = """
MATCH (c:Change)
WHERE c.runSeq > $after AND c.runSeq <= $until AND c.entityKey IS NOT NULL AND c.op IS NOT NULL
  AND ($ops IS NULL OR c.op IN $ops) AND ($types IS NULL OR c.entityType IN $types)
  AND ($keys IS NULL OR c.entityKey IN $keys OR $below AND any(key IN $keys WHERE c.entityKey STARTS WITH key + '/'))
  AND ($subscriptions IS NULL OR any(one IN $subscriptions WHERE split(coalesce(c.scopeId, ''), '|')[1] = one
    OR c.entityKey = '/subscriptions/' + one OR c.entityKey STARTS WITH '/subscriptions/' + one + '/'))
  AND ($properties IS NULL OR any(one IN $properties WHERE toLower(coalesce(c.path, '')) = one
    OR toLower(coalesce(c.path, '')) STARTS WITH one + '.' OR toLower(coalesce(c.path, '')) STARTS WITH one + ' '))
  AND ($actors IS NULL OR toLower(c.actor) IN $actors OR toLower(c.actorName) IN $actors OR c.actorKey IN $actors
    OR any(one IN c.actorCandidates WHERE toLower(one) IN $actors))
  AND ($tenant IS NULL OR EXISTS { MATCH (r:SyncRun {seq: c.runSeq}) WHERE r.tenant = $tenant })
RETURN properties(c) AS change
ORDER BY c.runSeq DESC, c.entityType, c.entityName, c.entityKey, c.op, c.path
LIMIT $limit
"""
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Filters:
    """Which changes are wanted; what is empty or None asks for all.

    operations: of OPERATIONS; types: entity types; keys: of entities; below: with what lies below these; subscriptions:
    ids; properties: names, with those below them (`networkRuleSet`), or a relationship's word (`USES`); tenant: its id;
    actors: names, sign-in names and ids of those who made them, or may have.
    """

    operations: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    below: bool = True
    subscriptions: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    tenant: str | None = None
    actors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for operation in self.operations:
            if operation not in OPERATIONS:
                raise UsageError(f"There is no operation {operation!r}; choose from {', '.join(OPERATIONS)}.")

    def as_parameters(self) -> dict[str, Any]:
        """What the query takes."""
        return {
            "ops": list(self.operations) or None,
            "types": list(self.types) or None,
            "keys": list(self.keys) or None,
            "below": self.below,
            "subscriptions": [one.lower() for one in self.subscriptions] or None,
            "properties": [one.lower() for one in self.properties] or None,
            "tenant": self.tenant,
            "actors": [one.lower() for one in self.actors] or None,
        }


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One difference that a run recorded; `before` and `after` are texts, empty where there is none.

    actor: what the one is called who made it, as far as Azure told and it was one; actor_id: as Azure calls that one;
    candidates: those who may have made it, where there are several. client, operation, correlation, azure_at: how it
    was done and when, of an actor that is known.
    """

    run: int
    at: str
    op: str
    type: str
    name: str
    key: str
    path: str
    before: str
    after: str
    actor: str = ""
    actor_id: str = ""
    candidates: tuple[str, ...] = ()
    client: str = ""
    operation: str = ""
    correlation: str = ""
    azure_at: str = ""

    @property
    def who(self) -> str:
        """Who made it, for a table."""
        return self.actor or (f"one of {', '.join(self.candidates)}" if self.candidates else "")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def far_key(self) -> str:
        """The key of what a relationship that was made or lost leads to; empty for other changes."""
        return far_end(self.op, self.path)

    @property
    def lost(self) -> dict[str, str]:
        """What a deleted entity had, as far as it was remembered; empty for other changes."""
        try:
            told = json.loads(self.before) if self.op == "deleted" and self.before else {}
        except ValueError:
            return {}
        return {str(name): _text(value) for name, value in told.items()} if isinstance(told, dict) else {}

    def in_words(self, names: Mapping[str, str]) -> str:
        """What changed, short enough for a table; what a deleted entity had is left to the other formats.

        names: what people call the far ends of relationships, by key.
        """
        if name := names.get(self.far_key):
            return self.path[: self.path.index(self.far_key)] + name
        if self.op != "updated":
            return " ".join(one for one in (self.path, _short(self.after)) if one)
        return f"{self.path}: {_short(self.before) or 'nothing'} → {_short(self.after) or 'nothing'}"


COLUMNS = tuple(one.name for one in fields(ChangeRow))


def changes_since(
    database: Database, span: Span, filters: Filters | None = None, *, limit: int = MOST
) -> list[ChangeRow]:
    """The changes of a span of runs, newest run first; at most `limit`, the newest."""
    wanted = (filters or Filters()).as_parameters()
    rows = database.read(_READ, {**wanted, "after": span.after, "until": span.until, "limit": limit})
    changes = [_row(row["change"]) for row in rows]
    # Whoever was not in the graph then may be by now.
    nameless = {one.actor_id.lower() for one in changes if one.actor_id and not one.actor}
    names = principals(database, nameless)
    return [_named(one, names) if one.actor_id and not one.actor else one for one in changes]


def far_names(database: Database, changes: Iterable[ChangeRow]) -> dict[str, str]:
    """What people call the far ends of the relationships among the changes, those that are in the graph, by key."""
    keys = sorted({one.far_key for one in changes} - {""})
    query = "UNWIND $keys AS key MATCH (n:Entity {_key: key}) RETURN key, coalesce(n.displayName, n.name) AS name"
    return {row["key"]: str(row["name"]) for row in database.read(query, {"keys": keys}) if row["name"]}


def told_time(at: object) -> str:
    """A stored moment as text, to the second."""
    return at.isoformat(timespec="seconds") if isinstance(at, datetime) else str(at or "")


def _row(change: dict[str, Any]) -> ChangeRow:
    return ChangeRow(
        run=int(change["runSeq"]),
        at=told_time(change.get("at")),
        op=str(change["op"]),
        type=str(change.get("entityType") or ""),
        name=str(change.get("entityName") or change["entityKey"]),
        key=str(change["entityKey"]),
        path=str(change.get("path") or ""),
        before=_text(change.get("before")),
        after=_text(change.get("after")),
        actor=str(change.get("actorName") or ""),
        actor_id=str(change.get("actor") or ""),
        candidates=tuple(change.get("actorCandidates") or ()),
        client=str(change.get("client") or ""),
        operation=str(change.get("operation") or ""),
        correlation=str(change.get("correlationId") or ""),
        azure_at=told_time(change.get("azureTime")),
    )


def _named(change: ChangeRow, names: Mapping[str, tuple[str, str]]) -> ChangeRow:
    return replace(change, actor=names.get(change.actor_id.lower(), ("", change.actor_id))[1])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
