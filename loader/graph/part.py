"""A part of a run in a process of its own: it writes its steps, and leaves to the run what must wait for all parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loader.errors import UsageError
from loader.graph.bookkeeping import ScopeState
from loader.graph.database import Counters, Database, Transaction
from loader.graph.deletion import stored_keys
from loader.graph.ended import EndedStep
from loader.graph.fence import Fence
from loader.graph.guard import Gone
from loader.graph.held import held_in
from loader.graph.links import Edge, LinkWriter, Registry, memory_digest
from loader.graph.readings import Readings, StepReading
from loader.graph.rows import Pending
from loader.graph.secrets import SecretsGate
from loader.graph.steps import StepWriter
from loader.graph.touched import Touched
from loader.graph.values import node_key
from loader.graph.workplace import Token, Workplace
from loader.graph.writer import GraphWriter
from loader.model import EntityType, Outcome, Target

# Links that a part leaves to its run.
_MOST_LEFT = 5_000
_THERE = "UNWIND $keys AS key MATCH (n:Entity {_key: key}) WHERE n._stub IS NULL RETURN key"


@dataclass(frozen=True, slots=True)
class GoneKeys:
    """As `Gone`, with keys in place of digests, which only the process that made them can read."""

    step: str
    area: str
    scopes: list[str]
    keys: frozenset[str]
    stored: int
    quiet: frozenset[str]

    def gone(self) -> Gone:
        """The same for this process."""
        digests = {memory_digest(key) for key in self.keys}
        return Gone(self.step, self.area, self.scopes, digests, self.stored, self.quiet.__contains__)


@dataclass(slots=True)
class PartEnd:
    """What a part leaves to its run. links: those whose far ends were not there; again: it had been begun before."""

    steps: list[EndedStep]
    gone: list[GoneKeys]
    moved: list[Pending]
    links: list[tuple[Edge, Target]]
    counters: Counters
    touched: Touched
    readings: list[StepReading]
    refused: Counter[str] = field(default_factory=Counter)
    again: bool = False


class RunPart:
    """One part of a run that another process leads: the steps of one area, or some of them.

    name: tells it from the run's other parts; scopes: what is remembered of the steps, as it was when the run began;
    schema_version: how this process maps answers.
    Raises AzgraphError where the run has ended, UsageError where this process maps answers in another way than it.
    """

    def __init__(
        self,
        database: Database,
        token: Token,
        name: str,
        scopes: Mapping[str, ScopeState],
        *,
        schema_version: str,
        entity_types: Mapping[str, EntityType] | None = None,
        resolve_type: Callable[[str], str | None] = lambda _key: None,
    ) -> None:
        if schema_version != token.schema:
            raise UsageError("A worker runs another version of azgraph than the run; install the same on all machines.")
        self._database = database
        fence = Fence(database, token.holder, f"{token.id}|{name}")
        self._again = fence.take()
        self._gate = SecretsGate()
        registry = Registry(entity_types or {}, resolve_type)
        self._writer = GraphWriter(database, fence, LinkWriter(registry, self._gate))
        self.readings = Readings(database, token.schema, token.tenant, usable=not (token.broken or self._again))
        self._at = Workplace(database, self._writer, self._gate, registry, token, scopes, again=self._again)

    def step(self, name: str, area: str) -> StepWriter:
        """As `Run.step`."""
        return self._at.step(name, area)

    def record_step(self, name: str, area: str, outcome: Outcome, *, permission: str = "", **more: Any) -> None:
        """As `Run.record_step`."""
        self._at.record_step(name, area, outcome, permission=permission, **more)

    def keep_stored(self, keys: Callable[[str], bool]) -> None:
        """As `Run.keep_stored`."""
        self._at.keep_stored(keys)

    def held(self, subscription: str, types: Iterable[str], keyed: Iterable[str]) -> dict[str, frozenset[str]]:
        """As `held_in`, of the run's graph."""
        return held_in(self._database, subscription, types, keyed)

    def finish(self) -> PartEnd:
        """Once all its steps have ended: writes what can be written, and gives what must wait."""
        self._at.log.flush()
        left: list[tuple[Edge, Target]] = []
        for links in self._at.creator.deferred.take():
            left += self._write_now(links)
            if len(left) > _MOST_LEFT:
                # With stubs, which whoever loads the far ends takes over: neither process holds more.
                self._at.creator.write_deferred(left)
                left = []
        gone = [self._with_keys(one) for one in self._at.gone]
        steps = list(self._at.ended.told(self._database))
        self.close()
        return PartEnd(
            steps=steps,
            gone=gone,
            moved=list(self._at.moved.values()),
            links=left,
            counters=self._writer.counters,
            touched=self._writer.touched,
            readings=list(self.readings.taken.values()),
            refused=self._gate.counted,
            again=self._again,
        )

    def close(self) -> None:
        """Ends its threads, after what they are writing."""
        self._at.pool.close()

    def _write_now(self, links: list[tuple[Edge, Target]]) -> list[tuple[Edge, Target]]:
        """Creates the links whose far ends have come by now; gives the others."""
        attempts = 0

        def work(transaction: Transaction) -> list[tuple[Edge, Target]]:
            nonlocal attempts
            attempts += 1
            keys = sorted({node_key(target.key) for _, target in links})
            there = {row["key"] for row in transaction.run(_THERE, keys=keys)}
            now = [edge for edge, target in links if node_key(target.key) in there]
            self._writer.links.create(transaction, now, check=attempts > 1)
            return [one for one in links if node_key(one[1].key) not in there]

        return self._writer.write(work)

    def _with_keys(self, gone: Gone) -> GoneKeys:
        keys = frozenset(key for key, _ in stored_keys(self._database, gone))
        quiet = frozenset(scope for scope in gone.scopes if gone.silent(scope))
        return GoneKeys(gone.step, gone.area, gone.scopes, keys, gone.stored, quiet)
