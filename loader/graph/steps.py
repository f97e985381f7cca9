"""One entity type in one area: records stream in, are compared with what the graph has, and only differences go on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from loader.graph import gathering
from loader.graph.batches import Batches
from loader.graph.bookkeeping import ScopeState
from loader.graph.database import Database
from loader.graph.gathering import Batch, Gathering
from loader.graph.guard import Gone
from loader.graph.hashing import REPAIR, Hasher, canonical
from loader.graph.known import KnownNodes
from loader.graph.links import memory_digest
from loader.graph.native import native
from loader.graph.readings import Older
from loader.graph.rows import Pending
from loader.graph.scope_log import ScopeLog
from loader.graph.values import node_key
from loader.model import Outcome, Record, Status

_CHUNKS = """
MATCH (n:Entity) WHERE n._scope STARTS WITH $prefix
WITH n._scope AS scope, n._key AS key, coalesce(n._hash, '') AS hash
RETURN scope, collect(key) AS keys, collect(hash) AS hashes
"""
# The same, for a graph in which a run was killed: of what that run wrote, relationships may be missing.
_CHUNKS_TO_REPAIR = """
MATCH (n:Entity) WHERE n._scope STARTS WITH $prefix
WITH n._scope AS scope, n._key AS key,
     CASE WHEN n._changedRun IN $broken THEN $repair ELSE coalesce(n._hash, '') END AS hash,
     CASE WHEN n._firstSeenRun = $seq THEN 0 ELSE 1 END AS before
RETURN scope, collect(key) AS keys, collect(hash) AS hashes, sum(before) AS before
"""
_STORED = "MATCH (n:Entity) WHERE n._scope STARTS WITH $prefix RETURN properties(n) AS properties"
_LINKED_TO_STUBS = """
MATCH (n:Entity)-[r]-(m:Entity) WHERE n._scope STARTS WITH $prefix AND m._stub = true
  AND r._owner = CASE WHEN startNode(r) = n THEN 'from' ELSE 'to' END
RETURN DISTINCT n._key AS key
"""

# So many changed records of a step are written while more come: comparing them keeps Neo4j busy, and so does writing.
# Each time twice as many, since a transaction has its price where all have changed, as after an upgrade.
_FIRST_CHANGED = 100


class Pool(Protocol):
    """Where batches are written, a few at a time; it blocks while too many are waiting."""

    def submit(self, work: Callable[[], None]) -> Future[None]: ...


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a step needs of its run. broken: earlier runs that were killed before their deferred links were written.

    ended: hears of each step at its end, as `EndedSteps.add`. left_out: whether a key is none that this run looks for;
    what is stored of it stays. seq: the run's number. again: another process began the step in this run, and may have
    died with links that are not written.
    """

    database: Database
    batches: Batches
    gathering: Gathering
    gone: Callable[[Gone], None]
    pool: Pool
    hasher: Hasher
    log: ScopeLog
    schema: str
    broken: frozenset[int]
    ended: Callable[[str, str, int, list[int]], None]
    left_out: Callable[[str], bool]
    seq: int = 0
    again: bool = False


@dataclass(slots=True)
class _Pile:
    """Records that wait to be written together. most: so many are enough; size: about how many bytes they are."""

    most: int
    records: list[Pending] = field(default_factory=list)
    size: int = 0

    @property
    def full(self) -> bool:
        return len(self.records) >= self.most or self.size >= gathering.BATCH_BYTES


class StepWriter:
    """Takes the records of one step. Safe for threads, though one at a time is all it does.

    name: the entity type; area: as the graph stores it (`loader/areas.py`).
    """

    def __init__(self, name: str, area: str, state: ScopeState | None, context: StepContext) -> None:
        self.name, self.area = name, area
        self._context = context
        self._lock = threading.Lock()
        self._prefix = f"{name}|{area}|"
        self._known = KnownNodes()
        self._scopes: list[str] = []
        self._numbers: dict[str, int] = {}
        self._fresh = _Pile(gathering.BATCH_ROWS)
        self._changed = _Pile(min(_FIRST_CHANGED, gathering.BATCH_ROWS))
        self._writing: list[Future[None]] = []
        self._kept: dict[str, datetime] = {}
        self._state = state or ScopeState(name, area)
        self._opening = context.log.opening(self._state, known=state is not None)
        self._stored_by_scope: Counter[int] = Counter()
        self._rebaseline = self._state.evaluated and self._state.schema != context.schema
        self.stored_before = 0
        self._stored_scopes: set[str] = set()
        self._is_open = not (self._state.stored or context.again)

    def open(self) -> None:
        """Reads what the graph has of the step, once; nothing is done with it before."""
        with self._lock:
            if not self._is_open:
                self._read_back()
                self._is_open = True

    def write(self, scope: str, records: Iterable[Record]) -> None:
        """Takes records of one scope: "" for a plain list, else the `_key` of the parent they were listed under.

        Only new and changed ones are written, in the background; an error of it is raised here or by `finish`.
        """
        with self._lock:
            number = self._number(node_key(scope))
            silent = self._is_silent(node_key(scope))
            for record in records:
                self._take(record, number, silent)
            self._raise_errors()

    def finish(
        self,
        outcomes: Mapping[str, Outcome],
        *,
        parents_whole: bool = True,
        unread: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        """Ends the step: what is gone from its whole scopes is given to the run, which deletes it when all have ended.

        outcomes: for each scope that was asked for, how it ended. parents_whole: the list of parents was whole, so a
        scope that is stored but was not asked for has lost its parent, and is empty. unread: the keys of the entities
        that alone could not be read in a scope, so that all else of it is known.
        """
        with self._lock:
            self._flush(all_of_it=True)
            for written in self._writing:
                written.result()
            self._writing.clear()
            ended = {node_key(scope): outcome for scope, outcome in outcomes.items()}
            self._tell_gone(ended, parents_whole=parents_whole)
            left = {node_key(scope): [node_key(key) for key in keys] for scope, keys in unread.items()}
            self._close(ended, parents_whole=parents_whole, alone=left)
            self._context.ended(self.name, self.area, self.stored_before, [key for key, _ in self._known.unseen()])

    def keep(self, scope: str, read_at: datetime) -> None:
        """Leaves all of a scope as it is stored: it was read whole before, and is not read in this run."""
        with self._lock:
            self._kept[node_key(scope)] = read_at

    def stored_in(self, scope: str) -> int:
        """How many entities of a scope the graph had before the run."""
        number = self._numbers.get(node_key(scope))
        return self._stored_by_scope[number] if number is not None else 0

    def scopes(self) -> list[str]:
        """The scopes of which the graph had anything before the run."""
        return [scope for number, scope in enumerate(self._scopes) if self._stored_by_scope[number]]

    def stored(self) -> list[dict[str, Any]]:
        """What the graph has of the step's entities, as properties, `_key` among them."""
        rows = self._context.database.stream(_STORED, {"prefix": self._prefix})
        return [native(row["properties"]) for row in rows]

    def linked_to_stubs(self) -> list[str]:
        """The keys of the step's entities that have a link to something that is gone, or was never loaded."""
        return [row["key"] for row in self._context.database.stream(_LINKED_TO_STUBS, {"prefix": self._prefix})]

    def keep_rest(self, *, gone: Collection[str], read: Collection[str] = ()) -> int:
        """Takes all that was not met for met, but for the keys that are gone and what stands in scopes that were read;
        gives how many that are. Nothing is written after it.
        """
        with self._lock:
            lost = {memory_digest(node_key(key)) for key in gone}
            scopes = {self._numbers.get(node_key(scope)) for scope in read}
            kept = [key for key, number in self._known.unseen() if key not in lost and number not in scopes]
            for key in kept:
                self._known.see(key)
            return len(kept)

    def met(self) -> int:
        """How many entities the step has met in this run."""
        return len(self._known) - sum(1 for _ in self._known.unseen())

    def _read_back(self) -> None:
        digest, parse, add = memory_digest, self._context.hasher.parse, self._known.add
        left_out = self._context.left_out
        broken, seq = sorted(self._context.broken), self._context.seq
        query = _CHUNKS_TO_REPAIR if broken else _CHUNKS
        parameters = {"prefix": self._prefix, "broken": broken, "repair": self._context.hasher.to_repair, "seq": seq}
        for row in self._context.database.stream(query, parameters):
            scope = row["scope"][len(self._prefix) :]
            number, before = self._number(scope), row.get("before", len(row["keys"]))
            self.stored_before += before
            if before:
                self._stored_scopes.add(scope)
            self._stored_by_scope[number] += before
            for key, stored in zip(row["keys"], row["hashes"], strict=True):
                add(digest(key), parse(stored), number, seen=left_out(key))

    def _number(self, scope: str) -> int:
        number = self._numbers.get(scope)
        if number is None:
            number = self._numbers[scope] = len(self._scopes)
            self._scopes.append(scope)
        return number

    def _is_silent(self, scope: str) -> bool:
        return not self._state.evaluated or self._rebaseline or scope in self._state.baseline

    def _take(self, record: Record, number: int, silent: bool) -> None:
        content = canonical(record)
        digest = self._context.hasher.digest(content)
        key = node_key(record.key)
        memory = memory_digest(key)
        found = self._known.see(memory)
        if found is None:
            self._known.add(memory, digest, number, seen=True)
            target = self._fresh
        else:
            stored, scope, again = found
            if again:
                return
            if stored == digest and scope == number and not record.unknown and not record.unknown_verbs:
                return
            target = self._changed
        repair = found is not None and found[0] == REPAIR
        target.records.append(Pending(record, key, self._prefix + self._scopes[number], digest, silent, repair))
        target.size += len(content)
        if target.full:
            self._flush()

    def _flush(self, *, all_of_it: bool = False) -> None:
        context, opening = self._context, self._opening
        if self._fresh.full or (all_of_it and self._fresh.records):
            fresh, self._fresh = self._fresh, _Pile(gathering.BATCH_ROWS)
            self._writing.append(context.gathering.submit(Batch(fresh.records, fresh.size, opening)))
        if self._changed.full or (all_of_it and self._changed.records):
            changed, more = self._changed.records, min(2 * self._changed.most, gathering.BATCH_ROWS)
            self._changed = _Pile(more)
            self._writing.append(context.pool.submit(lambda: context.batches.update(changed, [opening])))

    def _raise_errors(self) -> None:
        waiting = []
        for written in self._writing:
            if written.done():
                written.result()
            else:
                waiting.append(written)
        self._writing = waiting

    def _tell_gone(self, outcomes: Mapping[str, Outcome], *, parents_whole: bool) -> None:
        def whole(scope: str) -> bool:
            if scope in self._kept:
                return False
            outcome = outcomes.get(scope)
            return parents_whole and scope != "" if outcome is None else outcome.settled

        deletable = {number for number, scope in enumerate(self._scopes) if whole(scope)}
        gone = {key for key, number in self._known.unseen() if number in deletable}
        if gone:
            scopes = [self._prefix + self._scopes[number] for number in sorted(deletable)]
            # What was silent when the step ended is so when its deletions are done.
            quiet = {scope for scope in scopes if self._is_silent(scope[len(self._prefix) :])}
            self._context.gone(Gone(self.name, self.area, scopes, gone, self.stored_before, quiet.__contains__))

    def _close(
        self, outcomes: Mapping[str, Outcome], *, parents_whole: bool, alone: Mapping[str, Collection[str]]
    ) -> None:
        broken = {scope: outcome for scope, outcome in outcomes.items() if not outcome.settled}
        if broken:
            outcome = next(iter(broken.values()))
        elif not parents_whole:
            outcome = Outcome(Status.SKIPPED, "What it belongs to was not loaded whole.")
        else:
            outcome = Outcome()
        # Met but never read whole: a scope that had something before was read whole, or is on the list already.
        unread = {scope for scope in broken if scope not in self._stored_scopes or not self._state.evaluated}
        baseline = (self._state.baseline | unread) - {scope for scope in outcomes if scope not in broken}
        if parents_whole:
            baseline &= outcomes.keys()
        # In a scope that was read whole single entities may still not be known.
        incomplete = {key for scope in {**broken, **alone} for key in alone.get(scope) or (scope,)}
        self._state.schema = self._context.schema
        older = Older.of(self._kept.values())
        self._context.log.close(self._state, outcome, incomplete=incomplete, baseline=baseline, older=older)
