"""One sync as the graph sees it: a lease, a `SyncRun`, steps that write, and what is done when all of them ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson

from loader.areas import is_subscription, stored_area, tenant_in
from loader.errors import AzgraphError, UnreachableError, first_of
from loader.graph import bookkeeping
from loader.graph.actors import ActorBook
from loader.graph.bookkeeping import Begun, ScopeState
from loader.graph.database import Database
from loader.graph.deletion import Deletion
from loader.graph.derivations import Deriver
from loader.graph.derived import Derived
from loader.graph.fence import Fence
from loader.graph.hashing import version_of
from loader.graph.held import held_in
from loader.graph.lease import TTL_SECONDS, Lease
from loader.graph.links import LinkWriter, Registry
from loader.graph.migration import adopt_areas
from loader.graph.naming import Namer
from loader.graph.part import PartEnd
from loader.graph.readings import ReadingLog
from loader.graph.reasons import refuse_older, why_ended
from loader.graph.retention import Retention, prune
from loader.graph.rows import Pending
from loader.graph.schema import ensure_schema
from loader.graph.scope_log import UNREAD
from loader.graph.secrets import SecretsGate
from loader.graph.steps import StepWriter
from loader.graph.summary import RunSummary
from loader.graph.workplace import Token, Workplace
from loader.graph.writer import GraphWriter
from loader.model import Derivation, EntityType, Naming, Outcome

_SCOPES_OF = "MATCH (n:Entity {_key: $key}) RETURN n._scope AS scope"


class Run:
    """One run. Use it as a context manager: left by an error it is marked `failed`, and its lease is given back.

    id, seq: the run's id, and its number, which grows by one from run to run. rebaseline: the mapping changed since
    the last run, so entities are rewritten without changes; upgraded: the tenant's last run had another mapping. notes:
    sentences for the user; with any the run is partial. readings: when parts of steps were last read. report: asked
    when the run ends, however it does, for what is kept of its steps and calls, as JSON.
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
        instance: str | None = None,
        answers_at: datetime | None = None,
        answers_from: datetime | None = None,
        accept_older: bool = False,
    ) -> Run:
        """Takes the lease and begins a run.

        schema_version: names the mapping; by default it follows from the release and the declarations. entity_types:
        the declared types by name, for labels. resolve_type: tells the type of a bare key, as of an ARM id.
        lease_seconds: how long the lease of a killed loader lasts. retention: how long it remembers. tenant: whose
        directory it reads; its areas, scopes and deletions are of that tenant. instance: the
        configured one that it loads. answers_from, answers_at: when Azure gave the first and the last of the answers.
        Raises AzgraphError when another loader holds the lease for longer than wait_seconds, UsageError when the graph
        holds newer answers of the tenant and accept_older is not given, and UnreachableError.
        """
        ensure_schema(database)
        lease = Lease(database, ttl=lease_seconds)
        lease.acquire(wait_seconds)
        try:
            if not accept_older:
                refuse_older(database, tenant, answers_at)
            registry = Registry(entity_types or {}, resolve_type)
            version = schema_version or version_of(registry.entity_types, loader_version)
            made = Begun(loader_version, version, tenant, instance, answers_at, answers_from)
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
        self._scopes_by_area: dict[str, list[ScopeState]] = {}
        for state in self._scopes.values():
            self._scopes_by_area.setdefault(state.area, []).append(state)
        self._derived = Derived(database)
        self.upgraded = bookkeeping.written_by_another(database, made.schema_version, made.tenant)
        self.id, self.seq, self.rebaseline = bookkeeping.start_run(database, made)
        self.notes: list[str] = []
        self._broken = bookkeeping.broken_runs(database, before=self.seq)
        self.readings = ReadingLog(
            database, self._writer, self.seq, made.schema_version, made.tenant, usable=not self._broken
        )
        self.token = Token(
            id=self.id,
            seq=self.seq,
            holder=lease.holder,
            schema=made.schema_version,
            tenant=made.tenant,
            at=datetime.now(UTC),
            broken=self._broken,
        )
        self._at = Workplace(database, self._writer, self._gate, registry, self.token, self._scopes)
        self._log, self._pool = self._at.log, self._at.pool
        self._deletion = Deletion(database, self._writer, self._at.recorder, accept_deletions, self._at.is_moved)
        self._protected: frozenset[str] = frozenset()
        self._links_lost = False  # with another process, and nobody can write them any more
        self._lock = threading.Lock()
        self._ended = False

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None = None, *_: object) -> None:
        # Azure may be what cannot be reached, and Neo4j may be there again.
        if error is not None and isinstance(first_of(error), UnreachableError) and not self._database.answers:
            # Everything was tried for long enough; the next run marks this one as failed.
            if not self._is_first_to_end():
                return
            self._pool.close()
            self._lease.stop()
            return
        try:
            self._end("failed", None if error is None else why_ended(error))
        except AzgraphError:
            if kind is None:
                raise

    def step(self, name: str, area: str) -> StepWriter:
        """The writer of one entity type in one area: a subscription id, `tenant` or `shared`."""
        return self._at.step(name, area)

    def record_step(self, name: str, area: str, outcome: Outcome, *, permission: str = "", **more: Any) -> None:
        """Stores how a step ended, where packs and rules look it up; a detail's step (`type.detail`) has only this.

        permission: what it needs in Azure. more: further scalars worth keeping of it (calls, seconds, entities).
        """
        self._at.record_step(name, area, outcome, permission=permission, **more)

    def record_lost(self, name: str, area: str, outcome: Outcome) -> None:
        """Stores that nothing is known of how a step ended; what an earlier run said of its parents goes."""
        self._at.record_step(name, area, outcome, **UNREAD)

    def record_left_out(self, name: str, area: str, outcome: Outcome) -> None:
        """Stores that the configuration leaves a step out. One that was never taken is none that was evaluated: what
        it finds first, once it is taken, is no change.
        """
        stored = stored_area(area, self.tenant)
        state = self._scopes.get(f"{name}|{stored}")
        never: dict[str, Any] = {} if state is not None and state.evaluated else {"seq": None}
        self._log.record(name, stored, outcome, {"permission": "", **UNREAD, **never})

    def knows(self, name: str, area: str) -> bool:
        """Whether anything is remembered of a step in an area."""
        return f"{name}|{stored_area(area, self.tenant)}" in self._scopes

    def held(self, subscription: str, types: Iterable[str], keyed: Iterable[str]) -> dict[str, frozenset[str]]:
        """As `held_in`, of this run's graph."""
        return held_in(self._database, subscription, types, keyed)

    def keep_stored(self, keys: Callable[[str], bool]) -> None:
        """From now on opened steps take stored entities with such keys for met, so that they stay as they are."""
        self._at.keep_stored(keys)

    def scopes_of(self, area: str) -> dict[str, ScopeState]:
        """What is remembered of an area's steps, for the process that takes them."""
        stored = stored_area(area, self.tenant)
        return {one.id: one for one in self._scopes_by_area.get(stored, ())}

    def take_part(self, end: PartEnd) -> None:
        """Takes over what a part that another process wrote leaves to its run."""
        for one in end.steps:
            self._at.ended.take(one)
        self._at.gone += [gone.gone() for gone in end.gone]
        self._at.keep_moved(end.moved)
        if end.links:
            self._at.creator.deferred.add(end.links)
        self._writer.counters.add(end.counters)
        self._writer.touched.add(end.touched)
        for reading in end.readings:
            self.readings.add(reading)
        self._gate.add(end.refused)
        if end.again:
            # Nobody can tell what was written by the process that began it.
            self._writer.touched.relabelled = True
            # What it wrote and was not met again has none to write its links.
            self._links_lost |= any(step.unlisted for step in end.steps)

    def give_up_part(self, name: str) -> None:
        """A part is lost: links of what it wrote may be missing, which the next run repairs. Nobody can tell what it
        wrote, so all is derived anew. Who was only taken for dead writes nothing any more.
        """
        Fence(self._database, self._lease.holder, f"{self.id}|{name}").take()
        self._links_lost = self._writer.touched.relabelled = True

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
            self.readings.take(state.step, state.area, {}, ())
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

    def derive(self, derivations: Iterable[Derivation], namings: Iterable[Naming] = (), *, code: str = "") -> None:
        """Computes the derivations whose inputs this run changed; all of them where an earlier run did not.

        namings: then names, likewise, what Azure names with a GUID; also in the changes that this run recorded. code:
        names the code that both use; where an earlier run derived by another one, all is done anew.
        """
        self._settle()
        self._derived.bring_up(
            derivations,
            namings,
            code=code,
            run=self.id,
            deriver=Deriver(self._database, self._writer, self._gate),
            namer=Namer(self._database, self._writer, self.seq),
            writer=self._writer,
        )

    def finish(self, status: str) -> RunSummary:
        """Ends the run as "complete", "partial" or "failed"; a complete one with notes is partial.

        Raises AzgraphError where it was stopped meanwhile.
        """
        self._settle()
        self._derived.end(self.id, self._writer)
        if not self._links_lost:
            bookkeeping.links_written(self._writer, self.id, self._broken)
        self._deletion.sweep_stubs()
        self.readings.write()
        try:
            prune(self._database, self._writer, self._retention)
        except OSError as error:
            self._note(f"Old changes were kept, since their archive cannot be written ({error.strerror or error}).")
        ended = "partial" if status == "complete" and self.notes else status
        self.notes += self._gate.warnings()
        if not self._end(ended):
            raise AzgraphError("The run was stopped before it finished; start it again.")
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

    def _is_first_to_end(self) -> bool:
        """Whether nobody has ended it yet: who stops a run does that while a thread may be about to finish it."""
        with self._lock:
            first, self._ended = not self._ended, True
        return first

    def _end(self, status: str, reason: str | None = None) -> bool:
        """Closes the run, unless that was done; gives whether this did it."""
        if not self._is_first_to_end():
            return False
        self._pool.close()
        counts = orjson.dumps(asdict(self._writer.counters)).decode()
        try:
            self._log.flush()
            report = self.report() if self.report is not None else None
            bookkeeping.end_run(
                self._writer, self.id, status=status, counts=counts, notes=self.notes, report=report, reason=reason
            )
        finally:
            self._lease.release()
        return True

    def _note(self, sentence: str) -> None:
        with self._lock:
            self.notes.append(sentence)

    def _settle(self) -> None:
        """Does what had to wait until all steps had listed what there is: links, deletions, and nodes that moved.

        A node that was listed in another scope than its own goes over, unless its own scope lists it too.
        """
        self._log.flush()
        written = [
            self._pool.submit(lambda links=links: self._at.creator.write_deferred(links))  # type: ignore[misc]
            for links in self._at.creator.deferred.take()
        ]
        for one in written:
            one.result()
        gone, self._at.gone = self._at.gone, []
        for kept in self._deletion.delete(gone, self._at.ended.stored(), self._protected):
            self._note(kept)
        moved, self._at.moved = list(self._at.moved.values()), {}
        batch = [pending for pending in moved if not self._still_listed(pending)]
        for at in range(0, len(batch), 1000):
            self._at.batches.update(batch[at : at + 1000])

    def _still_listed(self, pending: Pending) -> bool:
        rows = self._database.read(_SCOPES_OF, {"key": pending.key})
        if not rows or rows[0]["scope"] is None:
            return False
        name, area, _ = str(rows[0]["scope"]).split("|", 2)
        if tenant_in(area) not in ("", self.tenant):
            return True  # what Microsoft has in every tenant under the same id stays with the tenant that brought it
        return rows[0]["scope"] != pending.scope and self._at.ended.lists(name, area, pending.key)
