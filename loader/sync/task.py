"""A task of a run: the tenant, some of its types, or a subscription; the same in the run's own process as elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from loader.graph.readings import Reading
from loader.model import EntityType, Json, Outcome
from loader.services import steps
from loader.sync.area import AreaSync
from loader.sync.choosing import id_of
from loader.sync.delta import Deltas, delta_steps
from loader.sync.freshness import Ages, Fresh
from loader.sync.plan import Plan
from loader.sync.report import StepReport
from loader.sync.rights import rights_in
from loader.sync.session import Session
from loader.sync.sink import Shared, Writer
from loader.sync.standing import GroupsLeftOut, Standing, groups_left_out, unseen_subscriptions
from loader.sync.sweep import Sweep, kept_types, listed_types


class Readings(Protocol):
    """When parts of steps were last read."""

    def known(self, area: str, steps: Iterable[str]) -> dict[str, dict[str, Reading]]: ...

    def take(self, step: str, area: str, read: Mapping[str, Reading], kept: Collection[str]) -> None: ...


class Writing(Protocol):
    """What the graph room offers for it: a run, or a part of one."""

    @property
    def readings(self) -> Readings: ...

    def step(self, name: str, area: str) -> Writer: ...

    def record_step(self, name: str, area: str, outcome: Outcome, *, permission: str = "", **more: Any) -> None: ...

    def held(self, subscription: str, types: Iterable[str], keyed: Iterable[str]) -> dict[str, frozenset[str]]: ...

    def keep_stored(self, keys: Callable[[str], bool]) -> None: ...


@dataclass(frozen=True, slots=True)
class AreaTask:
    """One area to load, or some of its types. subscription: the wire answer of it; None for the tenant, with `listed`:
    the subscriptions that the run has read already. visible: others may load subscriptions of this tenant that are not
    among these. only: the names of the types; None for all.
    """

    area: str
    subscription: Json | None = None
    listed: tuple[list[Json], Outcome] | None = None
    visible: frozenset[str] | None = None
    only: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """What tells it from the other tasks of a run."""
        return self.area if self.only is None else f"{self.area}, {self.only[0]}"

    def types(self, plan: Plan) -> list[EntityType]:
        """What it loads of the types of a plan."""
        there = plan.tenant if self.subscription is None else plan.subscription
        return [one for one in there if self.only is None or one.type in self.only]

    @classmethod
    def of(cls, subscription: Json) -> AreaTask:
        """The task of a subscription."""
        return cls(id_of(subscription), subscription)


@dataclass(frozen=True, slots=True)
class AreaEnd:
    """How an area ended: the outcome of each type that cannot be taken for whole, how many lists were spared, which
    resource groups are left out.
    """

    unsettled: dict[str, Outcome]
    spared: int = 0
    groups: GroupsLeftOut | None = None


def _unsettled(outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    return {name: one for name, one in outcomes.items() if not one.settled}


@dataclass(slots=True)
class Place:
    """What tasks need where they are done. inventory: a subscription's is read before its lists; told: hears of each
    step's end once that is stored.
    """

    session: Session
    run: Writing
    plan: Plan
    told: Callable[[StepReport], None]
    standing: Standing = field(default_factory=Standing)
    inventory: bool = True
    account_name: str | None = None
    ages: Ages = field(default_factory=Ages)
    permissions: Mapping[str, str] = field(default_factory=steps)

    async def report(self, step: StepReport) -> None:
        """Stores how a step ended, and tells it."""
        await asyncio.to_thread(
            self.run.record_step,
            step.name,
            step.scope,
            step.outcome,
            permission=self.permissions.get(step.name, ""),
            calls=step.calls,
            seconds=round(step.seconds, 3),
            incompleteParentTypes=list(step.incomplete_parents),
            # A list's own parents are written where it is closed; a detail has only what is told here.
            **({"incompleteParents": list(step.unknown)} if "." in step.name else {}),
            **step.older.stored,
        )
        self.told(step)

    async def load(self, task: AreaTask, shared: Shared) -> AreaEnd:
        """Loads one area. shared: takes what its subscription lists and does not own."""
        if task.visible is not None:
            self.run.keep_stored(unseen_subscriptions(task.visible))
        if task.subscription is None:
            fresh, deltas = await self._fresh(task.area), await self._deltas(task.area)
            tenant = self._area(task.area, listed=task.listed, fresh=fresh, deltas=deltas)
            return AreaEnd(_unsettled(await tenant.load(task.types(self.plan))))
        answer = {**task.subscription, "@key": f"/subscriptions/{task.area}"}
        rights = await rights_in(self.session, task.area)
        groups = await groups_left_out(self.session, task.area, self.standing)
        if groups is not None:
            self.run.keep_stored(groups)
        held = await asyncio.to_thread(self.run.held, task.area, kept_types(), listed_types()) if self.inventory else {}
        sweep = Sweep(held) if self.inventory else None
        if sweep is not None and self.ages.spans:
            sweep.times = {}
        fresh = await self._fresh(task.area, sweep)
        area = self._area(
            task.area, subscription=answer, shared=shared, rights=rights, left_out=groups, sweep=sweep, fresh=fresh
        )
        outcomes = await area.load(task.types(self.plan))
        return AreaEnd(_unsettled(outcomes), sweep.spared if sweep is not None else 0, groups)

    async def _fresh(self, area: str, sweep: Sweep | None = None) -> Fresh | None:
        """What need not be read again in an area; None where everything is read."""
        if not self.ages.spans:
            return None
        known = await asyncio.to_thread(self.run.readings.known, area, self.ages.spans)
        at = self.session.answers_at or datetime.now(UTC)
        changed = sweep.changed if sweep is not None else lambda _key: None
        return Fresh(self.ages.spans, known, at, changed, anew=self.ages.anew)

    async def _deltas(self, area: str) -> Deltas | None:
        """What is asked for its changes only, in the tenant; None where all lists are read whole: a replay has what was
        asked when it was recorded.
        """
        if self.ages.every < 2 or self.session.replayed:
            return None
        known = await asyncio.to_thread(self.run.readings.known, area, delta_steps())
        return Deltas(
            session=self.session,
            known=known,
            tenant=self.session.tenant_id,
            at=self.session.answers_at or datetime.now(UTC),
            every=self.ages.every,
            noted=self.run.readings.take,
            anew=self.ages.anew,
        )

    def _area(self, area: str, **more: object) -> AreaSync:
        return AreaSync(
            plan=self.plan,
            session=self.session,
            area=area,
            open_writer=self.run.step,
            report=self.report,
            account_name=self.account_name,
            took=self.run.readings.take,
            **more,  # type: ignore[arg-type]
        )
