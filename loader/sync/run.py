"""One sync, front to back: which subscriptions there are, the tenant, every subscription, derivations, the summary."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from loader import __version__
from loader.areas import LEFT_OUT, SHARED, TENANT
from loader.azure.session import UNKNOWN_TENANT, AzureSession
from loader.conclusions import derivations, namings
from loader.errors import UsageError
from loader.graph import Database, Run
from loader.graph.foreign import holds_anything_else
from loader.graph.retention import Retention
from loader.model import EntityType, Json, Outcome, Quiet, Status
from loader.services import SUBSCRIPTION, entity_types, in_each_subscription, parents_of, steps, type_of
from loader.sync.area import AreaSync
from loader.sync.plan import Plan
from loader.sync.report import StepReport, Summary, worst
from loader.sync.rights import rights_in
from loader.sync.sink import SharedSinks
from loader.sync.standing import (
    Standing,
    Subscriptions,
    groups_left_out,
    is_of_directory,
    subscriptions,
    types_left_out,
    unseen_subscriptions,
)

# Subscriptions loaded at the same time: enough to keep the session's limit of calls busy, few enough for flat memory.
SUBSCRIPTIONS_AT_ONCE = 8

Progress = Callable[[StepReport], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose for one run. subscriptions: ids or names; only: entity types; both empty for all.

    accept_older: answers may be older than those of the graph. only_alone: nothing is loaded into a graph that holds
    anything but this tenant. standing: what the configured instance leaves out of each run.
    retention: how long the graph remembers.
    """

    subscriptions: Sequence[str] = ()
    only: Sequence[str] = ()
    accept_deletions: bool = False
    wait_seconds: float = 0
    account_name_tag: str | None = None
    accept_older: bool = False
    only_alone: bool = False
    standing: Standing = field(default_factory=Standing)
    retention: Retention | None = None


@dataclass(slots=True)
class _Sync:
    session: AzureSession
    run: Run
    plan: Plan
    progress: Progress
    reports: list[StepReport] = field(default_factory=list)
    permissions: Mapping[str, str] = field(default_factory=steps)

    account_name_tag: str | None = None
    standing: Standing = field(default_factory=Standing)
    told: list[str] = field(default_factory=list)

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

    async def leave_out(self, name: str, area: str, reason: str) -> None:
        """Keeps that the configuration leaves a step out."""
        step = StepReport(name, area, Status.SKIPPED, reason, 0, 0, 0.0, quiet=Quiet.LEFT_OUT)
        if name != LEFT_OUT:
            self.reports.append(step)
        await asyncio.to_thread(self.run.record_left_out, name, area, step.outcome)

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
    standing = options.standing
    _refuse_other_tenant(session, standing)
    types = _chosen_types(options.only)
    off = types_left_out(types, standing)
    plan = Plan({name: one for name, one in types.items() if name not in off})
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
        retention=options.retention,
    ) as run:
        work = _Sync(session, run, plan, progress, account_name_tag=options.account_name_tag, standing=standing)
        listed, listing = session.subscriptions(), session.subscriptions_outcome
        choice = await subscriptions(session, listed, standing)
        chosen = _chosen_subscriptions(choice.loaded, options.subscriptions)
        visible = {_id_of(one) for one in listed}
        # With another instance in the same tenant nobody knows whether a subscription has gone or is the other's.
        alone = listing.whole and not standing.shares_tenant
        if standing.shares_tenant:
            run.keep_stored(unseen_subscriptions(visible))
        vanished = alone and await asyncio.to_thread(run.keep_vanished, visible)
        await _tell_left_out(work, choice, chosen, off)
        await work.area(TENANT, listed=(listed, listing)).load(plan.tenant)
        everything = listing.whole and not vanished and len(chosen) == len(listed)
        left_out = everything or len(chosen) == len(choice.loaded) < len(listed)
        if standing.shares_tenant:
            everything, left_out = False, True
        await _load_subscriptions(work, chosen, everything=everything, left_out=left_out)
        if alone:
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


def _refuse_other_tenant(session: AzureSession, standing: Standing) -> None:
    """An instance's tenant is what its entities are kept apart by: what is signed in must be that one."""
    if standing.tenant is not None and session.tenant_id not in (standing.tenant.lower(), UNKNOWN_TENANT):
        raise UsageError(
            f"Instance {standing.instance!r} is of tenant {standing.tenant}, but the sign-in is of tenant "
            f"{session.tenant_id}. Correct `tenant` in the configuration, or sign in to the other tenant."
        )


async def _tell_left_out(work: _Sync, choice: Subscriptions, chosen: list[Json], off: Mapping[str, str]) -> None:
    """Stores and tells what the configuration leaves out; a directory that another instance loads is left to that."""
    areas = [_id_of(one) for one in chosen]
    for name, reason in off.items():
        one = entity_types()[name]
        if in_each_subscription(one):
            for area in areas:
                await work.leave_out(name, area, reason)
        elif work.standing.directory:
            await work.leave_out(name, TENANT, reason)
    for area, reason in choice.left_out.items():
        await work.leave_out(LEFT_OUT, area, reason)
    for area in areas:
        if await asyncio.to_thread(work.run.knows, LEFT_OUT, area):
            await asyncio.to_thread(work.run.record_step, LEFT_OUT, area, Outcome())
    if not work.standing.directory and any(is_of_directory(entity_types()[name]) for name in off):
        work.told.append(f"The directory is not loaded by instance {work.standing.instance!r} (ingest_directory).")
    if choice.left_out:
        verb = "subscriptions are" if len(choice.left_out) > 1 else "subscription is"
        work.told.append(f"{len(choice.left_out)} {verb} left out by the configuration: {choice.named}.")
    work.run.notes.extend(choice.missing)


async def _load_subscriptions(work: _Sync, chosen: list[Json], *, everything: bool, left_out: bool) -> None:
    """left_out: what of the tenant was not read is what the configuration leaves out."""
    shared = SharedSinks(work.run.step)
    slots = asyncio.Semaphore(SUBSCRIPTIONS_AT_ONCE)
    ended: list[dict[str, Outcome]] = []

    async def one(subscription: Json) -> None:
        async with slots:
            area = _id_of(subscription)
            answer = {**subscription, "@key": f"/subscriptions/{area}"}
            rights = await rights_in(work.session, area)
            groups = await groups_left_out(work.session, area, work.standing)
            if groups is not None:
                work.run.keep_stored(groups)
            loader = work.area(area, subscription=answer, shared=shared, rights=rights, left_out=groups)
            ended.append(await loader.load(work.plan.subscription))

    async with asyncio.TaskGroup() as group:
        for subscription in chosen:
            group.create_task(one(subscription))
    outcomes = {one.type: _over_all(one.type, ended, everything, left_out) for one in work.plan.subscription}
    for name, (outcome, entities) in (await shared.finish(outcomes)).items():
        await work.report(
            StepReport(name, SHARED, outcome.status, outcome.reason, 0, entities, 0.0, quiet=outcome.quiet)
        )


def _over_all(name: str, ended: list[dict[str, Outcome]], everything: bool, left_out: bool) -> Outcome:
    """What is shared by all subscriptions is whole only if all of them were read, each of them whole."""
    if not everything:
        quiet = Quiet.LEFT_OUT if left_out else None
        return Outcome(Status.SKIPPED, "Not every subscription of the tenant was part of this run.", quiet)
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
        notes=[*work.run.notes, *work.told],
    )
