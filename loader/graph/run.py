"""One sync as the graph sees it: a lease, a `SyncRun`, steps that write, and what is done when all of them ended."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson

from loader.areas import is_subscription, stored_area, tenant_in
from loader.errors import AzgraphError, UnreachableError, UsageError
from loader.graph import bookkeeping
from loader.graph.actors import ActorBook
from loader.graph.batches import Batches
from loader.graph.bookkeeping import ScopeState
from loader.graph.changes import Recorder
from loader.graph.create import Creator
from loader.graph.database import Database
from loader.graph.deletion import Deletion
from loader.graph.derivations import Deriver
from loader.graph.guard import Gone
from loader.graph.hashing import Hasher, version_of
from loader.graph.held import held_in
from loader.graph.lease import TTL_SECONDS, Lease
from loader.graph.links import LinkWriter, Registry, memory_digest
from loader.graph.migration import adopt_areas
from loader.graph.naming import Namer
from loader.graph.pool import WritePool
from loader.graph.retention import Retention, prune
from loader.graph.rows import Pending, RowMaker
from loader.graph.schema import ensure_schema
from loader.graph.scope_log import ScopeLog
from loader.graph.secrets import SecretsGate
from loader.graph.steps import StepContext, StepWriter
from loader.graph.summary import RunSummary
from loader.graph.update import Updater
from loader.graph.writer import GraphWriter
from loader.model import Derivation, EntityType, Naming, Outcome

_SCOPES_OF = "MATCH (n:Entity {_key: $key}) RETURN n._scope AS scope"


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run says of itself when it begins."""

    loader_version: str
    schema_version: str
    tenant: str | None
    answers_at: datetime | None
    answers_from: datetime | None


class Run:
    """One run. Use it as a context manager: left by an error it is marked `failed`, and its lease is given back.

    id, seq: the run's id, and its number, which grows by one from run to run. rebaseline: the mapping changed since
    the last run, so entities are rewritten without changes; upgraded: the tenant's last run had another mapping. notes:
    sentences for the user; with any the run is partial. report: asked when the run ends, however it does, for what is
    kept of its steps and calls, as JSON.
    """

    report: Callable[[], str] | None = None

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
        retention: Retention | None = None,
        tenant: str | None = None,
        answers_at: datetime | None = None,
        answers_from: datetime | None = None,
        accept_older: bool = False,
    ) -> Run:
        """Takes the lease and begins a run.

        schema_version: names the mapping; by default it follows from the release and the declarations. entity_types:
        the declared types by name, for labels. resolve_type: tells the type of a bare key, as of an ARM id.
        lease_seconds: how long the lease of a killed loader lasts. retention: how long it remembers. tenant: whose
        directory it reads; its areas, scopes and deletions are of that tenant. answers_from, answers_at: when
        Azure gave the first and the last of the answers.
        Raises AzgraphError when another loader holds the lease for longer than wait_seconds, UsageError when the graph
        holds newer answers of the tenant and accept_older is not given, and UnreachableError.
        """
        ensure_schema(database)
        lease = Lease(database, ttl=lease_seconds)
        lease.acquire(wait_seconds)
        try:
            if not accept_older:
                _refuse_older(database, tenant, answers_at)
            registry = Registry(entity_types or {}, resolve_type)
            version = schema_version or version_of(registry.entity_types, loader_version)
            made = Begun(loader_version, version, tenant, answers_at, answers_from)
            return cls(database, lease, registry, made, accept_deletions=accept_deletions, retention=retention)
        except BaseException:
            lease.release()
            raise

    def __init__(
        self,
        database: Database,
        lease: Lease,
        registry: Registry,
        made: Begun,
        *,
        accept_deletions: bool,
        retention: Retention | None,
    ) -> None:
        self._database, self._lease, self._registry, self._retention = database, lease, registry, retention
        self.accept_deletions, self.tenant = accept_deletions, made.tenant
        self._gate = SecretsGate()
        self._writer = GraphWriter(database, lease, LinkWriter(registry, self._gate))
        if made.tenant is not None:
            asked_for = [name for name, one in registry.entity_types.items() if one.fetch is not None]
            adopt_areas(database, self._writer, made.tenant, asked_for)
        self._scopes = bookkeeping.read_scopes(database)
        self._derived_before = _last_run_derived(database)
        self.upgraded = bookkeeping.written_by_another(database, made.schema_version, made.tenant)
        self.id, self.seq, self.rebaseline = bookkeeping.start_run(
            database,
            loader_version=made.loader_version,
            schema_version=made.schema_version,
            tenant=made.tenant,
            answers_at=made.answers_at,
            answers_from=made.answers_from,
        )
        self.notes: list[str] = []
        recorder = Recorder.of(self.id, self.seq)
        rows = RowMaker(Hasher(made.schema_version), registry, self._gate, self.seq)
        self._creator = Creator(self._writer, rows, recorder)
        self._batches = Batches(self._creator, Updater(self._writer, rows, recorder))
        self._deletion = Deletion(database, self._writer, recorder, accept_deletions, self._is_moved)
        self._pool = WritePool()
        self._log = ScopeLog(self._writer, self.seq, made.tenant)
        self._broken = bookkeeping.broken_runs(database, before=self.seq)
        self._context = StepContext(
            database=database,
            batches=self._batches,
            gone=self._keep_gone,
            pool=self._pool,
            hasher=rows.hasher,
            log=self._log,
            schema=made.schema_version,
            broken=self._broken,
            moved=self._keep_moved,
            left_out=self._is_left_out,
        )
        self._steps: dict[tuple[str, str], StepWriter] = {}
        self._gone: list[Gone] = []
        self._protected: frozenset[str] = frozenset()
        self._left_out: list[Callable[[str], bool]] = []
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
        stored = stored_area(area, self.tenant)
        with self._lock:
            if (name, stored) not in self._steps:
                state = self._scopes.get(f"{name}|{stored}")
                self._steps[name, stored] = StepWriter(name, stored, state, self._context)
            return self._steps[name, stored]

    def record_step(self, name: str, area: str, outcome: Outcome, *, permission: str = "", **more: Any) -> None:
        """Stores how a step ended, where packs and rules look it up; a detail's step (`type.detail`) has only this.

        permission: what it needs in Azure. more: further scalars worth keeping of it (calls, seconds, entities).
        """
        self._log.record(name, stored_area(area, self.tenant), outcome, {"permission": permission, **more})

    def record_left_out(self, name: str, area: str, outcome: Outcome) -> None:
        """Stores that the configuration leaves a step out. One that was never taken is none that was evaluated: what
        it finds first, once it is taken, is no change.
        """
        stored = stored_area(area, self.tenant)
        state = self._scopes.get(f"{name}|{stored}")
        never: dict[str, Any] = {} if state is not None and state.evaluated else {"seq": None}
        self._log.record(name, stored, outcome, {"permission": "", **never})

    def knows(self, name: str, area: str) -> bool:
        """Whether anything is remembered of a step in an area."""
        return f"{name}|{stored_area(area, self.tenant)}" in self._scopes

    def held(self, subscription: str, types: Iterable[str], keyed: Iterable[str]) -> dict[str, frozenset[str]]:
        """As `held_in`, of this run's graph."""
        return held_in(self._database, subscription, types, keyed)

    def keep_stored(self, keys: Callable[[str], bool]) -> None:
        """From now on opened steps take stored entities with such keys for met, so that they stay as they are."""
        with self._lock:
            self._left_out.append(keys)

    def keep_vanished(self, visible: Collection[str]) -> bool:
        """Before anything is deleted: keeps the subscriptions of this tenant that are not among `visible`, a whole list
        of those there are, with all that belongs to them wherever it was listed; gives whether there are any.

        A sentence in `notes` says so. With accept_deletions they go (`remove_areas`).
        """
        gone = sorted({state.area for state in self._vanished(visible)})
        if not gone or self.accept_deletions:
            return False
        self._protected |= {f"/subscriptions/{area}" for area in gone}
        self._note(
            f"Subscription {', '.join(gone)} is no longer visible; what was loaded of it was kept. "
            "If it was really deleted, run again with --accept-deletions."
        )
        return True

    def _vanished(self, visible: Collection[str]) -> list[ScopeState]:
        there = {one.lower() for one in visible}
        return [
            one
            for one in self._scopes.values()
            if is_subscription(one.area) and one.area not in there and one.tenant in (None, self.tenant)
        ]

    def remove_areas(self, visible: Collection[str]) -> None:
        """Removes what belongs to subscriptions of this tenant that are not among `visible`, a whole list of those
        there are. That needs accept_deletions; otherwise all is kept.
        """
        self._settle()
        if not self.accept_deletions:
            return
        for state in self._vanished(visible):
            rows = self._database.stream(
                "MATCH (n:Entity) WHERE n._scope STARTS WITH $prefix RETURN n._key AS key, n._scope AS scope",
                {"prefix": f"{state.id}|"},
            )
            self._deletion.remove(state.step, [[row["key"], row["scope"]] for row in rows], silent=lambda _scope: False)
            self._writer.leased(
                lambda transaction, scope=state.id: transaction.run(  # type: ignore[misc]
                    "MATCH (s:SyncScope {id: $id}) DELETE s", id=scope
                )
            )

    @property
    def writes_wait(self) -> bool:
        """Whether Neo4j has more to write than it keeps up with."""
        return self._pool.full

    @property
    def actors(self) -> ActorBook:
        """The changes of this run, and who made them: to be asked once all is settled (`derive`)."""
        return ActorBook(self._database, self._writer, self.seq, self._scopes)

    def derive(self, derivations: Iterable[Derivation], namings: Iterable[Naming] = ()) -> None:
        """Computes the derivations whose input types this run changed; all of them where an earlier run did not.

        namings: then names, likewise, what Azure names with a GUID; also in the changes that this run recorded.
        """
        self._settle()
        declared = list(derivations)
        deriver = Deriver(self._database, self._writer, self._gate)
        everything = self.rebaseline or not self._derived_before
        for derivation in declared:
            if everything or self._writer.touched_types.intersection(derivation.inputs):
                deriver.derive(derivation)
        if everything:
            deriver.drop_others(derivation.name for derivation in declared)
        namer = Namer(self._database, self._writer, self.seq)
        for naming in namings:
            if everything or self._writer.touched_types.intersection((*naming.types, *naming.inputs)):
                namer.name(naming)
        self._writer.leased(
            lambda transaction: transaction.run("MATCH (r:SyncRun {id: $id}) SET r.derived = true", id=self.id)
        )

    def finish(self, status: str) -> RunSummary:
        """Ends the run as "complete", "partial" or "failed"; a complete one with notes is partial."""
        self._settle()
        bookkeeping.links_written(self._writer, self.id, self._broken)
        self._deletion.sweep_stubs()
        try:
            prune(self._database, self._writer, self._retention)
        except OSError as error:
            self._note(f"Old changes were kept, since their archive cannot be written ({error.strerror or error}).")
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
            report = self.report() if self.report is not None else None
            bookkeeping.end_run(self._writer, self.id, status=status, counts=counts, notes=self.notes, report=report)
        finally:
            self._lease.release()

    def _note(self, sentence: str) -> None:
        with self._lock:
            self.notes.append(sentence)

    def _is_left_out(self, key: str) -> bool:
        return any(one(key) for one in self._left_out)

    def _is_moved(self, key: str) -> bool:
        return memory_digest(key) in self._moved

    def _keep_moved(self, moved: list[Pending]) -> None:
        with self._lock:
            self._moved.update((memory_digest(pending.key), pending) for pending in moved)

    def _keep_gone(self, gone: Gone) -> None:
        with self._lock:
            self._gone.append(gone)

    def _settle(self) -> None:
        """Does what had to wait until all steps had listed what there is: links, deletions, and nodes that moved.

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
            gone, self._gone = self._gone, []
        stored: Counter[str] = Counter()
        for step in self._steps.values():
            stored[step.area] += step.stored_before
        for kept in self._deletion.delete(gone, stored, self._protected):
            self._note(kept)
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
        if tenant_in(area) not in ("", self.tenant):
            return True  # what Microsoft has in every tenant under the same id stays with the tenant that brought it
        owner = self._steps.get((name, area))
        return owner is not None and rows[0]["scope"] != pending.scope and owner.lists(pending.key)


def _refuse_older(database: Database, tenant: str | None, answers_at: datetime | None) -> None:
    newest = bookkeeping.newest_answers(database, tenant) if answers_at is not None else None
    if newest is not None and answers_at is not None and answers_at < newest:
        raise UsageError(
            f"These answers are of {answers_at:%Y-%m-%d %H:%M} UTC, and the graph holds newer ones of the same tenant "
            f"({newest:%Y-%m-%d %H:%M} UTC). Load them into another database, or run again with --accept-older."
        )


def _last_run_derived(database: Database) -> bool:
    rows = database.read("MATCH (r:SyncRun) RETURN r.derived AS derived ORDER BY r.seq DESC LIMIT 1")
    return bool(rows and rows[0]["derived"])
