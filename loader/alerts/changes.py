"""What the runs recorded as different: `azgraph changes`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.graph import Database

# As much of a value as a table shows.
LONGEST = 60
OPERATIONS = ("created", "updated", "deleted", "linked", "unlinked")

_AFTER_SEQ = """
MATCH (c:Change) WHERE c.runSeq > $seq AND c.entityKey IS NOT NULL AND c.op IS NOT NULL
  AND ($ops IS NULL OR c.op IN $ops) AND ($types IS NULL OR c.entityType IN $types)
RETURN properties(c) AS change
ORDER BY c.runSeq DESC, c.entityType, c.entityName, c.entityKey, c.op, c.path
LIMIT $limit
"""
_AFTER_DATE = _AFTER_SEQ.replace("c.runSeq > $seq", "c.runSeq IS NOT NULL AND c.at >= $date")


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One difference that a run recorded; `before` and `after` are texts, empty where there is none."""

    run: int
    at: str
    op: str
    type: str
    name: str
    key: str
    path: str
    before: str
    after: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def far_key(self) -> str:
        """The key of what a relationship that was made or lost leads to; empty for other changes."""
        link = _LINK.fullmatch(self.path) if self.op in ("linked", "unlinked") else None
        return link["far"] if link else ""

    def in_words(self, names: Mapping[str, str]) -> str:
        """What changed, short enough for a table; what a deleted entity had is left to the other formats.

        names: what people call the far ends of relationships, by key.
        """
        if name := names.get(self.far_key):
            return self.path[: self.path.index(self.far_key)] + name
        if self.op != "updated":
            return " ".join(one for one in (self.path, _short(self.after)) if one)
        return f"{self.path}: {_short(self.before) or 'nothing'} → {_short(self.after) or 'nothing'}"


# The path of a relationship: `USES -> key`, with its own key in brackets where it has one.
_LINK = re.compile(r"\S+ (?:->|<-) (?P<far>.+?)(?: \[.*\])?", re.DOTALL)

COLUMNS = tuple(one.name for one in fields(ChangeRow))


def changes_since(
    database: Database,
    since: str | None,
    *,
    operations: Iterable[str] = (),
    types: Iterable[str] = (),
    limit: int = 100_000,
) -> list[ChangeRow]:
    """The changes after a run (its number or its id) or from a date on; newest run first.

    since: a run's number or id, an ISO date or time (UTC unless it says otherwise), or None for the latest run alone.
    Raises UsageError where it is none of these.
    """
    wanted = list(operations)
    for operation in wanted:
        if operation not in OPERATIONS:
            raise UsageError(f"There is no operation {operation!r}; choose from {', '.join(OPERATIONS)}.")
    filters = {"ops": wanted or None, "types": list(types) or None, "limit": limit}
    seq, moment = _since(database, since)
    if moment is not None:
        rows = database.read(_AFTER_DATE, {**filters, "date": moment})
    else:
        rows = database.read(_AFTER_SEQ, {**filters, "seq": seq})
    return [_row(row["change"]) for row in rows]


def far_names(database: Database, changes: Iterable[ChangeRow]) -> dict[str, str]:
    """What people call the far ends of the relationships among the changes, those that are in the graph, by key."""
    keys = sorted({one.far_key for one in changes} - {""})
    query = "UNWIND $keys AS key MATCH (n:Entity {_key: key}) RETURN key, coalesce(n.displayName, n.name) AS name"
    return {row["key"]: str(row["name"]) for row in database.read(query, {"keys": keys}) if row["name"]}


def _since(database: Database, since: str | None) -> tuple[int, datetime | None]:
    """The run after which, or the date from which, changes are wanted."""
    rows = database.read(
        "MATCH (r:SyncRun) WHERE r.id IS NOT NULL AND r.seq IS NOT NULL "
        "RETURN r.id AS id, r.seq AS seq ORDER BY r.seq DESC"
    )
    if since is None:
        return (int(rows[0]["seq"]) - 1 if rows else 0), None
    named = next((row["seq"] for row in rows if since in (row["id"], str(row["seq"]))), None)
    if named is None and since.isdecimal() and rows and int(since) <= rows[0]["seq"]:
        named = int(since)  # 0 is before the first run; older ones may be forgotten
    if named is not None:
        return int(named), None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise UsageError(
            f"{since!r} is neither a run nor a date: give a run's number or id, or a date such as 2026-01-31."
        ) from None
    return 0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _row(change: dict[str, Any]) -> ChangeRow:
    at = change.get("at")
    return ChangeRow(
        run=int(change["runSeq"]),
        at=at.isoformat(timespec="seconds") if isinstance(at, datetime) else str(at or ""),
        op=str(change["op"]),
        type=str(change.get("entityType") or ""),
        name=str(change.get("entityName") or change["entityKey"]),
        key=str(change["entityKey"]),
        path=str(change.get("path") or ""),
        before=_text(change.get("before")),
        after=_text(change.get("after")),
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
