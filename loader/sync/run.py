"""One sync, front to back: which subscriptions there are, the tenant, every subscription, derivations, the summary."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from loader import __version__
from loader.areas import SHARED, TENANT
from loader.azure.session import AzureSession
from loader.conclusions import derivations, namings
from loader.errors import UsageError
from loader.graph import Database, Run
from loader.graph.foreign import holds_anything_else
from loader.model import EntityType, Json, Outcome, Status
from loader.services import SUBSCRIPTION, entity_types, parents_of, steps, type_of
from loader.sync.area import AreaSync
from loader.sync.plan import Plan
from loader.sync.report import StepReport, Summary, worst
from loader.sync.rights import rights_in
from loader.sync.sink import SharedSinks

# Subscriptions loaded at the same time: enough to keep the session's limit of calls busy, few enough for flat memory.
SUBSCRIPTIONS_AT_ONCE = 8

Progress = Callable[[StepReport], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose for one run. subscriptions: ids or names; only: entity types; both empty for all.

    accept_older: answers may be older than those of the graph. only_alone: nothing is loaded into a graph that holds
    anything but this tenant.
    """

    subscriptions: Sequence[str] = ()
    only: Sequence[str] = ()
    accept_deletions: bool = False
    wait_seconds: float = 0
    account_name_tag: str | None = None
    accept_older: bool = False
    only_alone: bool = False


@dataclass(slots=True)
class _Sync:
    session: AzureSession
    run: Run
    plan: Plan
    progress: Progress
    reports: list[StepReport] = field(default_factory=list)
    permissions: Mapping[str, str] = field(default_factory=steps)

    account_name_tag: str | None = None

    async def report(self, step: StepReport) -> None:
        """Keeps a finished step, stores how it ended, shows it."""
        self.reports.append(step)
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
        )
        self.progress(step)

    def area(self, area: str, **more: object) -> AreaSync:
        return AreaSync(
            plan=self.plan,
            session=self.session,
            area=area,
            open_writer=self.run.step,
            report=self.report,
            account_name=self.account_name_tag,
            **more,  # type: ignore[arg-type]
        )


async def sync(session: AzureSession, database: Database, options: Options, progress: Progress) -> Summary:
    """Loads what the session shows into the database.

    Raises UsageError for names that do not exist, UnreachableError where Azure or Neo4j cannot be reached at all;
    everything else that goes wrong is told by the steps of the summary.
    """
    try:
        return await _sync(session, database, options, progress)
    except BaseExceptionGroup as group:
        # Steps run side by side, so what stopped one arrives in groups within groups.
        raise _first(group) from group


def _first(group: BaseException) -> BaseException:
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group


async def _sync(session: AzureSession, database: Database, options: Options, progress: Progress) -> Summary:
    plan = Plan(_chosen_types(options.only))
    if options.only_alone and await asyncio.to_thread(holds_anything_else, database, session.tenant_id):
        raise UsageError(
            "This database holds something else, and the demo tenant is not mixed into it. Load it into an empty one: "
            "`AZGRAPH_HOME=$(mktemp -d) azgraph demo` makes one, or name another with --neo4j-uri."
        )
    with Run.start(
        database,
        loader_version=__version__,
        accept_deletions=options.accept_deletions,
        wait_seconds=options.wait_seconds,
        entity_types=entity_types(),
        resolve_type=type_of,
        tenant=session.tenant_id,
        answers_at=session.answers_at,
        accept_older=options.accept_older,
    ) as run:
        work = _Sync(session, run, plan, progress, account_name_tag=options.account_name_tag)
        listed, listing = session.subscriptions(), session.subscriptions_outcome
        chosen = _chosen_subscriptions(listed, options.subscriptions)
        visible = {_id_of(one) for one in listed}
        vanished = listing.whole and await asyncio.to_thread(run.keep_vanished, visible)
        await work.area(TENANT, listed=(listed, listing)).load(plan.tenant)
        everything = listing.whole and not vanished and len(chosen) == len(listed)
        await _load_subscriptions(work, chosen, everything=everything)
        if listing.whole:
            await asyncio.to_thread(run.remove_areas, visible)
        await asyncio.to_thread(run.derive, derivations(), namings())
        return await _finish(work)


def _chosen_types(only: Sequence[str]) -> Mapping[str, EntityType]:
    """All types, or those named, those that carry a name as one of their labels, and what they are fetched for."""
    known = entity_types()
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UsageError(f"There is no entity type {unknown[0]!r}. `azgraph model` lists them.")
    if not only:
        return known
    chosen = {name for name, one in known.items() if not set(only).isdisjoint(one.labels)} | {SUBSCRIPTION}
    while True:
        more = {parent for name in chosen for parent in parents_of(known[name]) if parent in known} - chosen
        if not more:
            return {name: one for name, one in known.items() if name in chosen}
        chosen |= more


def _id_of(subscription: Json) -> str:
    return str(subscription["subscriptionId"]).lower()


def _chosen_subscriptions(listed: list[Json], wanted: Sequence[str]) -> list[Json]:
    """The subscriptions named by id or display name; all of them where none is named."""
    if not wanted:
        return listed
    chosen = []
    for name in wanted:
        found = [one for one in listed if name.lower() in (_id_of(one), str(one.get("displayName", "")).lower())]
        if not found:
            visible = ", ".join(sorted(str(one.get("displayName") or _id_of(one)) for one in listed)) or "none"
            raise UsageError(f"No subscription {name!r} is visible to this identity. Visible: {visible}.")
        chosen.extend(found)
    # Named twice, or by id and by name, it is one all the same.
    return list({_id_of(one): one for one in chosen}.values())


async def _load_subscriptions(work: _Sync, chosen: list[Json], *, everything: bool) -> None:
    shared = SharedSinks(work.run.step)
    slots = asyncio.Semaphore(SUBSCRIPTIONS_AT_ONCE)
    ended: list[dict[str, Outcome]] = []

    async def one(subscription: Json) -> None:
        async with slots:
            area = _id_of(subscription)
            answer = {**subscription, "@key": f"/subscriptions/{area}"}
            rights = await rights_in(work.session, area)
            loader = work.area(area, subscription=answer, shared=shared, rights=rights)
            ended.append(await loader.load(work.plan.subscription))

    async with asyncio.TaskGroup() as group:
        for subscription in chosen:
            group.create_task(one(subscription))
    outcomes = {one.type: _over_all(one.type, ended, everything) for one in work.plan.subscription}
    for name, (outcome, entities) in (await shared.finish(outcomes)).items():
        await work.report(
            StepReport(name, SHARED, outcome.status, outcome.reason, 0, entities, 0.0, quiet=outcome.quiet)
        )


def _over_all(name: str, ended: list[dict[str, Outcome]], everything: bool) -> Outcome:
    """What is shared by all subscriptions is whole only if all of them were read, each of them whole."""
    if not everything:
        return Outcome(Status.SKIPPED, "Not every subscription of the tenant was part of this run.")
    broken = [outcomes[name] for outcomes in ended if name in outcomes and not outcomes[name].settled]
    return worst(broken, "subscriptions")


async def _finish(work: _Sync) -> Summary:
    whole = all(report.outcome.accounted for report in work.reports) and not work.run.notes
    any_entity = any(report.entities for report in work.reports)
    status = "complete" if whole else "partial" if any_entity else "failed"
    told = await asyncio.to_thread(work.run.finish, status)
    return Summary(
        run=work.run.id,
        status=status,
        entities=told.entities,
        relationships=told.relationships,
        changes=told.changes,
        steps=sorted(work.reports, key=lambda report: (report.scope, report.name)),
        http={"calls": work.session.calls, "throttled": work.session.throttled, "retried": work.session.retried},
        throttling=[{**asdict(one), "waited": round(one.waited, 1)} for one in work.session.throttling],
        notes=list(work.run.notes),
    )
