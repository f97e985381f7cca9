"""Loads the demo tenant through the real SDK clients and the real declarations, into memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from loader.model import Outcome, Record
from loader.services import entity_types
from loader.sync.area import AreaSync
from loader.sync.plan import Plan
from loader.sync.report import StepReport
from loader.sync.rights import rights_in
from loader.sync.sink import SharedSinks
from loader.sync.sweep import Sweep


@dataclass
class _Writer:
    """Keeps what a step would have written."""

    records: dict[str, Record]

    def write(self, scope: str, records: list[Record]) -> None:
        self.records.update({record.key: record for record in records})

    def finish(self, outcomes: Mapping[str, Outcome], *, parents_whole: bool, unread: object) -> None:
        pass


@dataclass
class Demo:
    """What one day of the demo loads: entities by key, how each step ended, what was asked and not there."""

    records: dict[str, Record] = field(default_factory=dict)
    steps: list[StepReport] = field(default_factory=list)
    not_recorded: list[str] = field(default_factory=list)
    calls: int = 0

    def of(self, entity_type: str) -> dict[str, Record]:
        """The records of one type by their name."""
        return {str(one.properties["name"]): one for one in self.records.values() if one.type == entity_type}


async def load_demo(
    day: int, *, awkward: bool = False, answers: Iterable[Exchange] | None = None, inventory: bool = False
) -> Demo:
    """All steps of the tenant and of its subscriptions. answers: not those of the day; inventory: it is read first."""
    demo, plan = Demo(), Plan(entity_types())

    async def report(step: StepReport) -> None:
        demo.steps.append(step)

    def open_writer(_name: str, _area: str) -> _Writer:
        return _Writer(demo.records)

    async with sessions.exchanges(exchanges(day, awkward=awkward) if answers is None else answers) as session:
        listed = session.subscriptions(), session.subscriptions_outcome
        tenant = AreaSync(
            plan=plan, session=session, area="tenant", open_writer=open_writer, report=report, listed=listed
        )
        await tenant.load(plan.tenant)
        shared = SharedSinks(open_writer)
        for subscription in listed[0]:
            area = str(subscription["subscriptionId"])
            answer = {**subscription, "@key": f"/subscriptions/{area}"}
            loader = AreaSync(
                plan=plan,
                session=session,
                area=area,
                open_writer=open_writer,
                report=report,
                subscription=answer,
                shared=shared,
                rights=await rights_in(session, area) if inventory else None,
                sweep=Sweep({}) if inventory else None,
            )
            await loader.load(plan.subscription)
        await shared.finish({one.type: Outcome() for one in plan.subscription})
        demo.not_recorded, demo.calls = list(session.not_recorded), session.calls
    return demo
