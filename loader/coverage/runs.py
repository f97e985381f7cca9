"""The runs that the graph remembers: how each ended, what it took and cost, what it did not load, what it changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.errors import UsageError
from loader.model import OPERATIONS

if TYPE_CHECKING:
    from loader.graph import Database

LATEST = "last"
# Nodes of that label may be somebody else's: ours have an id, and a number.
_RUNS = """
MATCH (r:SyncRun) WHERE r.id IS NOT NULL AND r.seq IS :: INTEGER NOT NULL {which}
RETURN properties(r) AS run ORDER BY r.seq DESC LIMIT $limit
"""
# With a word on each of its properties, the index of changes serves this.
_CHANGES = """
MATCH (c:Change) WHERE c.runSeq IN $seqs AND c.entityType IS NOT NULL AND c.op IS NOT NULL
RETURN c.runSeq AS seq, c.op AS op, count(*) AS count
"""


@dataclass(frozen=True)
class Ran:
    """One run. steps: what each step took, by name; not_loaded: what was not read, and why; both empty for a run of
    before azgraph kept them. older: what it did not read again, by step: of how many resources, and of when.
    finished: None for one that is at work, or was killed.
    """

    seq: int
    id: str
    status: str
    tenant: str
    version: str
    started: datetime | None
    finished: datetime | None
    changes: Mapping[str, int]
    notes: tuple[str, ...] = ()
    steps: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    not_loaded: tuple[Mapping[str, Any], ...] = ()
    not_loaded_more: int = 0
    http: Mapping[str, int] = field(default_factory=dict)
    throttling: tuple[Mapping[str, Any], ...] = ()
    left_out: Mapping[str, list[str]] = field(default_factory=dict)
    older: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def seconds(self) -> int | None:
        """How long it took; None where it has no end."""
        if self.started is None or self.finished is None:
            return None
        return round((self.finished - self.started).total_seconds())

    @property
    def calls(self) -> int | None:
        """Requests that it sent; None where it did not keep them."""
        return self.http.get("calls")

    def row(self) -> dict[str, Any]:
        """The run as one line of a list."""
        return {
            "run": self.seq,
            "status": self.status,
            "started": _told(self.started),
            "seconds": self.seconds,
            "calls": self.calls,
            "steps": len(self.steps),
            "notLoaded": len(self.not_loaded) + self.not_loaded_more,
            "changes": sum(self.changes.values()),
            "tenant": self.tenant,
            "id": self.id,
        }

    def as_json(self) -> dict[str, Any]:
        """Everything that is kept of it."""
        return {
            **self.row(),
            "finished": _told(self.finished),
            "version": self.version,
            "changes": dict(self.changes),
            "http": dict(self.http),
            "throttling": [dict(one) for one in self.throttling],
            "leftOut": dict(self.left_out),
            "notes": list(self.notes),
            "older": {name: dict(one) for name, one in self.older.items()},
            "notLoaded": [dict(one) for one in self.not_loaded],
            "steps": {name: dict(one) for name, one in self.steps.items()},
        }


def list_runs(database: Database, *, limit: int = 20) -> list[Ran]:
    """The latest runs, the newest first."""
    return _read(database, "", {"limit": limit})


def find_run(database: Database, named: str) -> Ran:
    """A run by its number, its id or the beginning of it, or `last`. Raises UsageError for none, and for several."""
    text = named.strip().lower()
    if text == LATEST:
        which = ""
    elif text.isdecimal():
        which = "AND r.seq = toInteger($named)"
    else:
        which = "AND r.id STARTS WITH $named"
    found = _read(database, which, {"limit": 2, "named": text}) if text else []
    if not found:
        raise UsageError(f"There is no run {named!r}. `azgraph runs list` has those that there are.")
    if len(found) > 1 and text != LATEST:
        raise UsageError(f"Several runs begin with {named!r}; give more of the id, or the number.")
    return found[0]


def difference(first: Ran, second: Ran) -> list[dict[str, Any]]:
    """What two runs have side by side: rows of `what`, `first`, `second` and `difference`, only where they differ.

    Counts of steps that only one of them took stand beside nothing, and what only one did not load names its reason.
    """
    rows = [
        _beside("status", first.status, second.status),
        _beside("version", first.version, second.version),
        _beside("tenant", first.tenant, second.tenant),
        _beside("seconds", first.seconds, second.seconds),
        _beside("calls", first.calls, second.calls),
        _beside("throttled", first.http.get("throttled"), second.http.get("throttled")),
        *(_beside(f"changes: {op}", first.changes.get(op, 0), second.changes.get(op, 0)) for op in OPERATIONS),
    ]
    for name in sorted({*first.steps, *second.steps}):
        one, other = first.steps.get(name, {}), second.steps.get(name, {})
        rows += [_beside(f"{name}: {what}", one.get(what), other.get(what)) for what in ("entities", "calls")]
    lacked, lacks = _lacks(first), _lacks(second)
    rows += [_beside(f"{name}: not loaded", lacked.get(name), lacks.get(name)) for name in sorted({*lacked, *lacks})]
    return [row for row in rows if row["first"] != row["second"]]


def _lacks(ran: Ran) -> dict[str, str]:
    told: dict[str, str] = {}
    for one in ran.not_loaded:
        said = f"{one['status']} in {one['of']}: {one['reason']}"
        told[one["step"]] = f"{told[one['step']]} {said}" if one["step"] in told else said
    return told


def _beside(what: str, first: Any, second: Any) -> dict[str, Any]:
    numbers = isinstance(first, int | float) and isinstance(second, int | float)
    return {"what": what, "first": first, "second": second, "difference": second - first if numbers else None}


def _read(database: Database, which: str, asked: Mapping[str, Any]) -> list[Ran]:
    runs = [row["run"] for row in database.read(_RUNS.format(which=which), asked)]
    counted: dict[int, dict[str, int]] = {}
    for row in database.read(_CHANGES, {"seqs": [run["seq"] for run in runs]}):
        counted.setdefault(row["seq"], {})[row["op"]] = row["count"]
    return [_ran(run, counted.get(run["seq"], {})) for run in runs]


def _ran(stored: Mapping[str, Any], counted: Mapping[str, int]) -> Ran:
    kept = _report(stored.get("report"))
    return Ran(
        seq=int(stored["seq"]),
        id=str(stored["id"]),
        status=str(stored.get("status") or "unknown"),
        tenant=str(stored.get("tenant") or ""),
        version=str(stored.get("loaderVersion") or ""),
        started=stored.get("startedAt"),
        finished=stored.get("finishedAt"),
        changes={op: int(counted.get(op, 0)) for op in OPERATIONS},
        notes=(*(stored.get("notes") or ()), *([stored["reason"]] if stored.get("reason") else [])),
        steps=kept.get("steps") or {},
        not_loaded=tuple(kept.get("notLoaded") or ()),
        not_loaded_more=int(kept.get("notLoadedMore") or 0),
        http=kept.get("http") or {},
        throttling=tuple(kept.get("throttling") or ()),
        left_out=kept.get("leftOut") or {},
        older=kept.get("older") or {},
    )


def _report(stored: object) -> dict[str, Any]:
    """What the run kept; nothing where it is older than that, or somebody changed it."""
    try:
        read = json.loads(str(stored)) if stored else {}
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _told(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
