"""One sync as the graph sees it: a lease, a `SyncRun`, steps that write, and what is done when all of them ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import orjson

from loader.errors import AzgraphError, UnreachableError
from loader.graph import bookkeeping
from loader.graph.batches import Batches
from loader.graph.changes import Recorder
from loader.graph.create import Creator
from loader.graph.database import Database
from loader.graph.deletion import Deletion
from loader.graph.derivations import Deriver
from loader.graph.hashing import Hasher, version_of
from loader.graph.lease import TTL_SECONDS, Lease
from loader.graph.links import LinkWriter, Registry, memory_digest
from loader.graph.pool import WritePool
from loader.graph.retention import KEEP_DAYS, prune
from loader.graph.rows import Pending, RowMaker
from loader.graph.schema import ensure_schema
from loader.graph.scope_log import ScopeLog
from loader.graph.secrets import SecretsGate
from loader.graph.steps import StepContext, StepWriter
from loader.graph.summary import RunSummary
from loader.graph.update import Updater
from loader.graph.writer import GraphWriter
from loader.model import Derivation, EntityType, Outcome

# Areas that are no subscription.
_NO_SUBSCRIPTION = frozenset({"tenant", "shared"})
_SCOPES_OF = "MATCH (n:Entity {_key: $key}) RETURN n._scope AS scope"


class Run:
    """One run. Use it as a context manager: left by an error it is marked `failed`, and its lease is given back.

    id, seq: the run's id, and its number, which grows by one from run to run. rebaseline: the mapping changed since
    the last run, so entities are rewritten without changes. notes: sentences for the user; with any the run is partial.
    """

    @classmethod
    def start(
        cls,
        database: Database,
        *,
        loader_version: str,
        schema_version: str | None = None,
        accept_deletions: bool = False,
        wait_seconds: float = 0,
        entity_types: Mapping[str, EntityType] | None = None,
        resolve_type: Callable[[str], str | None] = lambda _key: None,
        lease_seconds: float = TTL_SECONDS,
        keep_days: int = KEEP_DAYS,
    ) -> Run:
        """Takes the lease and begins a run.

        schema_version: names the mapping; by default it follows from the release and the declarations. entity_types:
        the declared types by name, for labels. resolve_type: tells the type of a bare key, as of an ARM id.
        lease_seconds: how long the lease of a killed loader lasts. keep_days: how long changes are kept.
        Raises AzgraphError when another loader holds the lease for longer than wait_seconds, and UnreachableError.
        """
        ensure_schema(database)
        lease = Lease(database, ttl=lease_seconds)
        lease.acquire(wait_seconds)
        try:
            registry = Registry(entity_types or {}, resolve_type)
            version = schema_version or version_of(registry.entity_types, loader_version)
            return cls(database, lease, registry, loader_version, version, accept_deletions, keep_days)
        except BaseException:
            lease.release()
            raise

    def __init__(
        self,
        database: Database,
        lease: Lease,
        registry: Registry,
        loader_version: str,
        version: str,
        accept_deletions: bool,
        keep_days: int,
    ) -> None:
        self._database, self._lease, self._registry, self._keep_days = database, lease, registry, keep_days
        self.accept_deletions = accept_deletions
        self._scopes = bookkeeping.read_scopes(database)
        self._derived_before = _last_run_derived(database)
        self.id, self.seq, self.rebaseline = bookkeeping.start_run(
            database, loader_version=loader_version, schema_version=version
        )
        self.notes: list[str] = []
        self._gate = SecretsGate()
        recorder = Recorder.of(self.id, self.seq)
        rows = RowMaker(Hasher(version), registry, self._gate, self.seq)
        self._writer = GraphWriter(database, lease, LinkWriter(registry, self._gate))
        self._creator = Creator(self._writer, rows, recorder)
        self._batches = Batches(self._creator, Updater(self._writer, rows, recorder))
        self._deletion = Deletion(database, self._writer, recorder, accept_deletions, self._is_moved)
        self._pool = WritePool()
        self._log = ScopeLog(database, self.seq)
        self._broken = bookkeeping.broken_runs(database, before=self.seq)
        self._context = StepContext(
            database=database,
            batches=self._batches,
            deletion=self._deletion,
            pool=self._pool,
            hasher=rows.hasher,
            log=self._log,
            schema=version,
            broken=self._broken,
            moved=self._keep_moved,
            note=self._note,
        )
        self._steps: dict[tuple[str, str], StepWriter] = {}
        self._moved: dict[int, Pending] = {}
        self._lock = threading.Lock()
        self._ended = False

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._ended:
            return
        if kind is not None and issubclass(kind, UnreachableError):
            # Everything was tried for long enough; the next run marks this one as failed.
            self._ended = True
            self._pool.close()
            self._lease.stop()
            return
        try:
            self._end("failed")
        except AzgraphError:
            if kind is None:
                raise

    def step(self, name: str, area: str) -> StepWriter:
        """The writer of one entity type in one area: a subscription id, `tenant` or `shared`."""
        with self._lock:
            if (name, area) not in self._steps:
                state = self._scopes.get(f"{name}|{area}")
                self._steps[name, area] = StepWriter(name, area, state, self._context)
            return self._steps[name, area]

    def record_step(self, name: str, area: str, outcome: Outcome, *, permission: str = "", **more: Any) -> None:
        """Stores how a step ended, where packs and rules look it up; a detail's step (`type.detail`) has only this.

        permission: what it needs in Azure. more: further scalars worth keeping of it (calls, seconds, entities).
        """
        self._log.record(name, area, outcome, {"permission": permission, **more})

    def remove_areas(self, visible: Collection[str]) -> None:
        """Removes what belongs to subscriptions that are not among `visible`, a whole list of those there are.

        That needs accept_deletions; otherwise all is kept, and a sentence in `notes` says so.
        """
        self._settle()
        there = {one.lower() for one in visible}
        states = [one for one in self._scopes.values() if one.area not in _NO_SUBSCRIPTION and one.area not in there]
        gone = sorted({state.area for state in states})
        if gone and not self.accept_deletions:
            self._note(
                f"Subscription {', '.join(gone)} is no longer visible; what was loaded of it was kept. "
                "If it was really deleted, run again with --accept-deletions."
            )
            return
        for state in states:
            rows = self._database.stream(
                "MATCH (n:Entity) WHERE n._scope STARTS WITH $prefix RETURN n._key AS key, n._scope AS scope",
                {"prefix": f"{state.id}|"},
            )
            self._deletion.remove(state.step, [[row["key"], row["scope"]] for row in rows], silent=lambda _scope: False)
            self._database.write(
                lambda transaction, scope=state.id: transaction.run(  # type: ignore[misc]
                    "MATCH (s:SyncScope {id: $id}) DELETE s", id=scope
                )
            )

    def derive(self, derivations: Iterable[Derivation]) -> None:
        """Computes the derivations whose input types this run changed; all of them where an earlier run did not."""
        self._settle()
        declared = list(derivations)
        deriver = Deriver(self._database, self._writer, self._gate)
        everything = self.rebaseline or not self._derived_before
        for derivation in declared:
            if everything or self._writer.touched_types.intersection(derivation.inputs):
                deriver.derive(derivation)
        if everything:
            deriver.drop_others(derivation.name for derivation in declared)
        self._database.write(
            lambda transaction: transaction.run("MATCH (r:SyncRun {id: $id}) SET r.derived = true", id=self.id)
        )

    def finish(self, status: str) -> RunSummary:
        """Ends the run as "complete", "partial" or "failed"; a complete one with notes is partial."""
        self._settle()
        bookkeeping.links_written(self._database, self.id, self._broken)
        self._deletion.sweep_stubs()
        prune(self._database, keep_days=self._keep_days)
        ended = "partial" if status == "complete" and self.notes else status
        self.notes += self._gate.warnings()
        self._end(ended)
        return RunSummary(
            self._database,
            self._registry,
            self.id,
            self.seq,
            ended,
            self.rebaseline,
            list(self.notes),
            self._writer.counters,
        )

    def _end(self, status: str) -> None:
        self._ended = True
        self._pool.close()
        counts = orjson.dumps(asdict(self._writer.counters)).decode()
        try:
            self._log.flush()
            bookkeeping.end_run(self._database, self.id, status=status, counts=counts, notes=self.notes)
        finally:
            self._lease.release()

    def _note(self, sentence: str) -> None:
        with self._lock:
            self.notes.append(sentence)

    def _is_moved(self, key: str) -> bool:
        return memory_digest(key) in self._moved

    def _keep_moved(self, moved: list[Pending]) -> None:
        with self._lock:
            self._moved.update((memory_digest(pending.key), pending) for pending in moved)

    def _settle(self) -> None:
        """Does what had to wait until all steps had listed what there is: deferred links, and nodes that moved.

        A node that was listed in another scope than its own goes over, unless its own scope lists it too.
        """
        self._log.flush()
        written = [
            self._pool.submit(lambda links=links: self._creator.write_deferred(links))  # type: ignore[misc]
            for links in self._creator.deferred.take()
        ]
        for one in written:
            one.result()
        with self._lock:
            moved, self._moved = list(self._moved.values()), {}
        batch = [pending for pending in moved if not self._still_listed(pending)]
        for at in range(0, len(batch), 1000):
            self._batches.update(batch[at : at + 1000])

    def _still_listed(self, pending: Pending) -> bool:
        rows = self._database.read(_SCOPES_OF, {"key": pending.key})
        if not rows or rows[0]["scope"] is None:
            return False
        name, area, _ = str(rows[0]["scope"]).split("|", 2)
        owner = self._steps.get((name, area))
        return owner is not None and rows[0]["scope"] != pending.scope and owner.lists(pending.key)


def _last_run_derived(database: Database) -> bool:
    rows = database.read("MATCH (r:SyncRun) RETURN r.derived AS derived ORDER BY r.seq DESC LIMIT 1")
    return bool(rows and rows[0]["derived"])
