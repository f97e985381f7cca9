"""The changes of a run whose actor is looked for, and who was found to have made them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loader.graph.bookkeeping import ScopeState
from loader.graph.changes import MAX_TEXT
from loader.graph.database import Database, Transaction
from loader.graph.writer import GraphWriter
from loader.secrets import scrub_text

# Clocks differ, and a run begins a little before it says so.
_MARGIN = timedelta(minutes=5)
_AT_ONCE = 1_000

_CHANGES = """
MATCH (c:Change) WHERE c.runSeq = $seq AND c.entityKey IS NOT NULL AND c.op IS NOT NULL
RETURN c.id AS id, c.op AS op, c.entityKey AS key, c.entityType AS type, c.path AS path, c.scopeId AS scope
"""
_BEGAN = """
UNWIND $seqs AS seq MATCH (r:SyncRun {seq: seq}) RETURN seq, coalesce(r.answersFrom, r.startedAt) AS at
"""
_PRINCIPALS = """
MATCH (n:azure_user|azure_service_principal)
UNWIND [n._key, toLower(n.username), toLower(n.email), toLower(n.appId)] AS called
WITH DISTINCT n, called WHERE called IN $names
RETURN called, n._key AS key, coalesce(n.displayName, n.name, n._key) AS name
"""
_TELL = "UNWIND $rows AS row MATCH (c:Change {id: row.id}) SET c += row.values"


@dataclass(frozen=True, slots=True)
class OpenChange:
    """A change of this run. since: from when on it can have happened; None where nobody knows."""

    id: str
    op: str
    key: str
    type: str
    path: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ActorBook:
    """Of one run: its changes, and who made them. scopes: what was remembered of steps before it."""

    database: Database
    writer: GraphWriter
    seq: int
    scopes: Mapping[str, ScopeState]

    def changes(self) -> list[OpenChange]:
        """All changes that this run has recorded so far."""
        rows = self.database.read(_CHANGES, {"seq": self.seq})
        read = {scope: self._read_before(scope) for scope in {str(row["scope"] or "") for row in rows}}
        seqs = sorted({seq for seq in read.values() if seq is not None})
        began = {row["seq"]: row["at"] - _MARGIN for row in self.database.read(_BEGAN, {"seqs": seqs}) if row["at"]}
        since = {scope: self._since(scope, began.get(seq) if seq is not None else None) for scope, seq in read.items()}
        return [
            OpenChange(
                row["id"], row["op"], row["key"], row["type"] or "", row["path"] or "", since[str(row["scope"] or "")]
            )
            for row in rows
        ]

    def tell(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Writes what is known of the makers of changes, by the changes' ids."""
        rows = [{"id": one, "values": storable(told)} for one, told in values.items()]
        for at in range(0, len(rows), _AT_ONCE):

            def work(transaction: Transaction, part: list[dict[str, Any]] = rows[at : at + _AT_ONCE]) -> None:
                transaction.run(_TELL, rows=part)

            self.writer.leased(work)

    def _since(self, scope: str, began: datetime | None) -> datetime | None:
        """From when on what was found in a scope can have changed. began: the run that read it last. What that run left
        at an older age can have changed since that.
        """
        step, area = [*scope.split("|"), ""][:2]
        older = [
            one.older_at - _MARGIN
            for one in self.scopes.values()
            if one.older_at is not None and one.area == area and (one.step == step or one.step.startswith(f"{step}."))
        ]
        return min([began, *older]) if began is not None else None

    def _read_before(self, scope: str) -> int | None:
        """The run that last read what a change was found in, its details too: what it saw has not changed since."""
        step, _, rest = scope.partition("|")
        area, _, parent = rest.partition("|")
        own = self.scopes.get(f"{step}|{area}")
        if own is None:
            return None
        before = own.whole if parent in own.incomplete else own.read
        details = [one.whole for one in self.scopes.values() if one.area == area and one.step.startswith(f"{step}.")]
        return min([before, *(seq for seq in details if seq is not None)]) if before is not None else None


def principals(database: Database, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Key and name of the users and applications that are called so (in lower case), where only one is."""
    wanted, found = sorted(set(names)), dict[str, set[tuple[str, str]]]()
    for row in database.read(_PRINCIPALS, {"names": wanted}) if wanted else ():
        found.setdefault(row["called"], set()).add((row["key"], str(row["name"])))
    return {called: next(iter(ones)) for called, ones in found.items() if len(ones) == 1}


def storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a maker as it may be stored: short, without what is empty, and without secrets."""
    return {name: _storable(value) for name, value in values.items() if value}


def _storable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    return scrub_text(value)[:MAX_TEXT] if isinstance(value, str) else value
