"""All areas of a run, here or elsewhere: the largest first, tenant and subscriptions side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from loader.areas import TENANT
from loader.graph import Run
from loader.model import Outcome, Status
from loader.sync.elsewhere import Elsewhere, Job, Message, Taken
from loader.sync.plan import Plan
from loader.sync.report import StepReport, few
from loader.sync.sink import SharedSinks
from loader.sync.task import AreaEnd, AreaTask, Place

# Subscriptions loaded at the same time in one process: enough to keep the session's limit of calls busy, few enough for
# flat memory.
SUBSCRIPTIONS_AT_ONCE = 8

_LOST = "The process that loaded it died, and so did those that began it again. Run azgraph sync again."


async def load_here(place: Place, tasks: Iterable[AreaTask], shared: SharedSinks) -> list[AreaEnd]:
    """Does the tasks in this process; gives how each subscription ended."""
    slots = asyncio.Semaphore(SUBSCRIPTIONS_AT_ONCE)
    ended: list[AreaEnd] = []

    async def one(task: AreaTask) -> None:
        if task.subscription is None:
            await place.load(task, shared)
            return
        async with slots:
            ended.append(await place.load(task, shared))

    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(one(task))
    return ended


@dataclass(slots=True)
class Others:
    """Has other processes do the tasks of a run. told: hears of each step once, as it ends; kept: of each step of the
    tasks that came to their end. begun_again: tasks whose process died.
    """

    elsewhere: Elsewhere
    run: Run
    plan: Plan
    job: Job
    told: Callable[[StepReport], None]
    kept: Callable[[StepReport], None]
    begun_again: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)

    async def load(self, tasks: Sequence[AreaTask], shared: SharedSinks) -> list[AreaEnd]:
        """As `load_here`."""
        ended: list[AreaEnd] = []
        messages = [Message(self.job, task, self.run.scopes_of(task.area)) for task in tasks]
        async with aclosing(self.elsewhere.load(messages, self._tell)) as taken:
            async for task, one in taken:
                end = await self._give_up(task) if one is None else await self._take(task, one, shared)
                if task.area != TENANT:
                    ended.append(end)
        return ended

    def sentences(self) -> list[str]:
        """What became of processes that died, for the user."""
        told = []
        if self.begun_again:
            told.append(
                f"Processes died while they loaded; what they had begun was begun again: {few(self.begun_again)}."
            )
        if self.lost:
            told.append(f"Not loaded, since each process died that began it: {few(self.lost)}.")
        return told

    async def _take(self, task: AreaTask, taken: Taken, shared: SharedSinks) -> AreaEnd:
        if taken.part.again:
            self.begun_again.append(task.name)
        if taken.end.groups is not None:
            self.run.keep_stored(taken.end.groups)
        await asyncio.to_thread(self.run.take_part, taken.part)
        for record in taken.shared:
            await shared.add(record)
        for step in taken.steps:
            self.kept(step)
            self._tell(step)
        return taken.end

    async def _give_up(self, task: AreaTask) -> AreaEnd:
        """Nobody knows what was read by a task: all its steps have failed."""
        self.lost.append(task.name)
        await asyncio.to_thread(self.run.give_up_part, task.name)
        outcome = Outcome(Status.FAILED, _LOST)
        types = task.types(self.plan)
        for name in self.plan.steps_of(types):
            step = StepReport(name, task.area, outcome.status, outcome.reason, 0, 0, 0.0)
            await asyncio.to_thread(self.run.record_lost, name, task.area, outcome)
            self.kept(step)
            self._tell(step)
        return AreaEnd({one.type: outcome for one in types})

    def _tell(self, step: StepReport) -> None:
        """An area that is begun again tells its steps again, and each of them is told when its area ends."""
        if (step.name, step.scope) not in self._told:
            self._told.add((step.name, step.scope))
            self.told(step)
