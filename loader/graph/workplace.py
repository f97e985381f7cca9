"""Where the steps of a run are written: in the process that leads it, or, for a part of it, in another one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loader.areas import stored_area
from loader.graph.batches import Batches
from loader.graph.bookkeeping import ScopeState
from loader.graph.changes import Recorder
from loader.graph.create import Creator
from loader.graph.database import Database
from loader.graph.ended import EndedSteps
from loader.graph.gathering import Batch, Gathering
from loader.graph.guard import Gone
from loader.graph.hashing import Hasher
from loader.graph.links import Registry, memory_digest
from loader.graph.pool import WritePool
from loader.graph.rows import Pending, RowMaker
from loader.graph.scope_log import ScopeLog
from loader.graph.secrets import SecretsGate
from loader.graph.steps import StepContext, StepWriter
from loader.graph.update import Updater
from loader.graph.writer import GraphWriter
from loader.model import Outcome


@dataclass(frozen=True, slots=True)
class Token:
    """What is the same in all processes of a run; none of it is secret, nor allows anything without the database.

    id, seq: the run's; holder: of its lease; schema: how answers are mapped; at: the time of its changes; broken:
    earlier runs that were killed before their links were written.
    """

    id: str
    seq: int
    holder: str
    schema: str
    tenant: str | None
    at: datetime
    broken: frozenset[int]


class Workplace:
    """The steps of one run, or of a part of it, and what writes them. Safe for threads.

    scopes: what is remembered of steps, as it was when the run began. again: another process began this part.
    ended, gone, moved: for the end of the run.
    """

    def __init__(
        self,
        database: Database,
        writer: GraphWriter,
        gate: SecretsGate,
        registry: Registry,
        token: Token,
        scopes: Mapping[str, ScopeState],
        *,
        again: bool = False,
    ) -> None:
        self._token, self._scopes = token, scopes
        self.recorder = Recorder(token.id, token.seq, token.at)
        rows = RowMaker(Hasher(token.schema), registry, gate, token.seq)
        self.creator = Creator(writer, rows, self.recorder)
        self.batches = Batches(self.creator, Updater(writer, rows, self.recorder))
        self.pool = WritePool()
        self.log = ScopeLog(writer, token.seq, token.tenant)
        self.ended = EndedSteps()
        self._steps: dict[tuple[str, str], StepWriter] = {}
        self.gone: list[Gone] = []
        self.moved: dict[int, Pending] = {}
        self._left_out: list[Callable[[str], bool]] = []
        self._lock = threading.Lock()
        self._context = StepContext(
            database=database,
            batches=self.batches,
            gathering=Gathering(self.pool, self._create),
            gone=self._keep_gone,
            pool=self.pool,
            hasher=rows.hasher,
            log=self.log,
            schema=token.schema,
            broken=token.broken | {token.seq} if again else token.broken,
            ended=self._end,
            left_out=lambda key: any(one(key) for one in self._left_out),
            seq=token.seq,
            again=again,
        )

    def step(self, name: str, area: str) -> StepWriter:
        """The writer of one entity type in one area: a subscription id, `tenant` or `shared`."""
        stored = stored_area(area, self._token.tenant)
        with self._lock:
            if (name, stored) not in self._steps:
                state = self._scopes.get(f"{name}|{stored}")
                self._steps[name, stored] = StepWriter(name, stored, state, self._context)
            writer = self._steps[name, stored]
        # Without the lock: many steps are opened at a time, and none waits for what another one reads.
        writer.open()
        return writer

    def record_step(self, name: str, area: str, outcome: Outcome, *, permission: str = "", **more: Any) -> None:
        """Stores how a step ended, where packs and rules look it up; a detail's step (`type.detail`) has only this.

        permission: what it needs in Azure. more: further scalars worth keeping of it (calls, seconds, entities).
        """
        self.log.record(name, stored_area(area, self._token.tenant), outcome, {"permission": permission, **more})

    def keep_stored(self, keys: Callable[[str], bool]) -> None:
        """From now on opened steps take stored entities with such keys for met, so that they stay as they are."""
        with self._lock:
            self._left_out.append(keys)

    def keep_moved(self, moved: list[Pending]) -> None:
        """Keeps records whose nodes stand in another scope until all steps have listed what there is."""
        with self._lock:
            self.moved.update((memory_digest(pending.key), pending) for pending in moved)

    def is_moved(self, key: str) -> bool:
        """Whether a record of that key is kept so."""
        return memory_digest(key) in self.moved

    def _create(self, batches: list[Batch]) -> None:
        """Writes new records of several steps in one transaction."""
        records = [record for batch in batches for record in batch.records]
        self.keep_moved(self.batches.create(records, [batch.opening for batch in batches]))

    def _end(self, name: str, area: str, stored_before: int, unlisted: list[int]) -> None:
        with self._lock:
            self.ended.add(name, area, stored_before, unlisted)
            del self._steps[name, area]

    def _keep_gone(self, gone: Gone) -> None:
        with self._lock:
            self.gone.append(gone)
