"""What azgraph would read of a tenant in wire format: the real run of steps, through the real SDK clients, no graph."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from loader.areas import TENANT
from loader.azure import sessions
from loader.azure.session import AzureSession
from loader.azure.transport.wire import Exchange
from loader.model import Call, Detail, EntityType, Json, Outcome, Record
from loader.services import entity_types
from loader.sync.about import chosen
from loader.sync.area import AreaSync
from loader.sync.choosing import id_of
from loader.sync.options import Options
from loader.sync.plan import Plan
from loader.sync.report import StepReport
from loader.sync.sink import SharedSinks
from tests.truth.chain import whole


@dataclass(frozen=True)
class Told:
    """One object of an answer, and what it was asked for: an entity type, or one of its details."""

    declared: EntityType
    detail: Detail | None
    of: str
    item: Json


def asked(exchanges: Iterable[Exchange], only: Iterable[str]) -> list[Told]:
    """All objects that are read where Azure answers so, with the tenant that `chain.load` adds. only: entity types."""
    return asyncio.run(_asked(list(whole(exchanges)), list(only)))


async def _asked(exchanges: list[Exchange], only: list[str]) -> list[Told]:
    async with sessions.exchanges(exchanges) as session:
        noting = _Noting(session)
        plan = Plan((await chosen(session, Options(only=only))).types)
        subscriptions = (session.subscriptions(), session.subscriptions_outcome)
        noting.told += [Told(entity_types()["azure_subscription"], None, "", one) for one in session.subscriptions()]
        await _area(noting, plan, TENANT, listed=subscriptions).load(plan.tenant)
        for one in session.subscriptions():
            answer = {**one, "@key": f"/subscriptions/{id_of(one)}"}
            area = _area(noting, plan, id_of(one), subscription=answer, shared=SharedSinks(_Nowhere))
            await area.load(plan.subscription)
        return noting.told


def _area(session: _Noting, plan: Plan, area: str, **more: Any) -> AreaSync:
    return AreaSync(plan=plan, session=session, area=area, open_writer=_Nowhere, report=_unheard, **more)


@dataclass
class _Noting:
    """A session that keeps what it was answered."""

    session: AzureSession
    told: list[Told] = field(default_factory=list)

    @property
    def tenant_id(self) -> str:
        return self.session.tenant_id

    async def pages(
        self, call: Call, *, subscription: str | None, parent: Json | None, one: bool | None = None
    ) -> AsyncIterator[list[Json]]:
        async for page in self.session.pages(call, subscription=subscription, parent=parent, one=one):
            of = str((parent or {}).get("id") or "")
            self.told += [Told(*_declared()[id(call)], of, copy.deepcopy(item)) for item in page]
            yield page


@cache
def _declared() -> Mapping[int, tuple[EntityType, Detail | None]]:
    types = entity_types().values()
    lists: dict[int, tuple[EntityType, Detail | None]] = {id(one.fetch): (one, None) for one in types}
    return lists | {id(detail.call): (one, detail) for one in types for detail in one.details}


class _Nowhere:
    """Records are not written."""

    def __init__(self, name: str, area: str) -> None:
        pass

    def write(self, scope: str, records: list[Record]) -> None:
        pass

    def finish(self, outcomes: Mapping[str, Outcome], *, parents_whole: bool, unread: object) -> None:
        pass


async def _unheard(step: StepReport) -> None:
    pass
