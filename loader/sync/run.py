"""One sync, front to back: which subscriptions there are, the tenant, every subscription, derivations, the summary."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any

from loader import __version__
from loader.actors.asking import Asked, ask_who
from loader.areas import LEFT_OUT, SHARED, TENANT
from loader.azure.session import AzureSession
from loader.conclusions import code, derivations, namings
from loader.errors import UsageError, first_of
from loader.graph import Database, Run
from loader.graph.foreign import holds_anything_else
from loader.model import Json, Outcome, Quiet, Status
from loader.services import entity_types, in_each_subscription, type_of
from loader.sync.about import chosen
from loader.sync.choosing import id_of, name_of
from loader.sync.elsewhere import Elsewhere, Job, Together
from loader.sync.freshness import Ages
from loader.sync.loading import Others, load_here
from loader.sync.memory import memory_of_a_run
from loader.sync.options import Options
from loader.sync.order import largest_first
from loader.sync.plan import Plan
from loader.sync.planning import expected_calls
from loader.sync.progress import Progress, Watch
from loader.sync.refused import refusals_kept
from loader.sync.report import StepReport, Summary, kept_report, of_listings, older_words, unknown_makers, worst
from loader.sync.shards import shards
from loader.sync.sink import SharedSinks
from loader.sync.standing import Standing, Subscriptions, is_of_directory, unseen_subscriptions
from loader.sync.task import AreaTask, Place
from loader.sync.time_limit import within
from loader.sync.waiting import begun

_UPGRADED = (
    "The graph was written by another version of azgraph: what was read now is stored in the form of this one. What "
    "only this version reads is no change; history and alerts are kept."
)


@dataclass(slots=True)
class _Sync:
    traffic: Together
    run: Run
    plan: Plan
    progress: Progress
    reports: list[StepReport] = field(default_factory=list)
    left_out: Mapping[str, list[str]] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    told: list[str] = field(default_factory=list)
    spared: int = 0
    ages: Ages = field(default_factory=Ages)

    def tell(self, step: StepReport) -> None:
        """Keeps a finished step and shows it."""
        self.reports.append(step)
        self.progress(step)

    @property
    def http(self) -> dict[str, int]:
        """What was asked of Azure so far."""
        return {
            "calls": self.traffic.calls,
            "sent": self.traffic.sent,
            "throttled": self.traffic.throttled,
            "retried": self.traffic.retried,
        }

    @property
    def throttling(self) -> list[Mapping[str, Any]]:
        """The buckets of Azure's that were waited for so far."""
        return [{**asdict(one), "waited": round(one.waited, 1)} for one in self.traffic.throttling]

    def kept(self) -> str:
        """What the graph keeps of the run, as far as it has come."""
        return json.dumps(kept_report(self.reports, self.http, self.throttling, self.left_out))

    async def leave_out(self, name: str, area: str, reason: str) -> None:
        """Keeps that the configuration leaves a step out."""
        step = StepReport(name, area, Status.SKIPPED, reason, 0, 0, 0.0, quiet=Quiet.LEFT_OUT)
        if name != LEFT_OUT:
            self.reports.append(step)
        await asyncio.to_thread(self.run.record_left_out, name, area, step.outcome)


async def sync(
    session: AzureSession,
    database: Database,
    options: Options,
    progress: Progress,
    watch: Watch | None = None,
    elsewhere: Elsewhere | None = None,
) -> Summary:
    """Loads what the session shows into the database. progress: hears of each step's end; watch: of what is to come;
    elsewhere: other processes, which load the areas in the place of this one.

    Raises UsageError for names that do not exist, UnreachableError where Azure or Neo4j cannot be reached at all;
    everything else that goes wrong is told by the steps of the summary.
    """
    try:
        with memory_of_a_run():
            return await _sync(session, database, options, progress, watch, elsewhere)
    except BaseExceptionGroup as group:
        raise first_of(group) from group


async def _sync(
    session: AzureSession,
    database: Database,
    options: Options,
    progress: Progress,
    watch: Watch | None,
    elsewhere: Elsewhere | None,
) -> Summary:
    standing, listed, listing = options.standing, session.subscriptions(), session.subscriptions_outcome
    with refusals_kept(database, options, session):
        about = await chosen(session, options)
    configured, choice = about.configured, about.choice
    plan, ages = Plan(about.types), Ages.of(options)
    if options.only_alone and await asyncio.to_thread(holds_anything_else, database, session.tenant_id):
        raise UsageError(
            "This database holds something else, and the demo tenant is not mixed into it. Load it into an empty one: "
            "`AZGRAPH_HOME=$(mktemp -d) azgraph demo` makes one, or name another with --neo4j-uri."
        )
    begin = partial(
        Run.start,
        database,
        loader_version=__version__,
        accept_deletions=options.accept_deletions,
        entity_types=entity_types(),
        resolve_type=type_of,
        tenant=session.tenant_id,
        instance=options.standing.instance,
        answers_at=session.answers_at,
        answers_from=session.answers_from,
        accept_older=options.accept_older,
        retention=options.retention,
    )
    with await begun(begin, options.wait_seconds) as run:
        work = _Sync(Together(session, elsewhere), run, plan, progress, standing=standing, ages=ages)
        work.left_out = {"types": [*choice.left_out_types], "subscriptions": [*choice.left_out_subscriptions]}
        run.report = work.kept
        if watch is not None:
            names = {id_of(one): name_of(one) for one in choice.subscriptions}
            calls = await asyncio.to_thread(expected_calls, about, session.tenant_id, database)
            steps_of = dict.fromkeys(names, plan.steps_in_subscription)
            watch.planned(work.traffic, plan.steps_in_tenant, steps_of, names, calls, lambda: run.writes_wait)
        loaded = choice.subscriptions
        visible = {id_of(one) for one in listed}
        # With another instance in the same tenant nobody knows whether a subscription has gone or is the other's.
        alone = listing.whole and not standing.shares_tenant
        if standing.shares_tenant:
            run.keep_stored(unseen_subscriptions(visible))
        vanished = alone and await asyncio.to_thread(run.keep_vanished, visible)
        await _tell_left_out(work, configured, loaded, about.off)
        everything = listing.whole and not vanished and len(loaded) == len(listed)
        left_out = everything or len(loaded) == len(configured.loaded) < len(listed)
        if standing.shares_tenant:
            everything, left_out = False, True
        # Links to what is not stored yet wait for the end of the run, so neither has to wait for the other.
        ordered = await asyncio.to_thread(largest_first, loaded, session.tenant_id, database)
        unseen = frozenset(visible) if standing.shares_tenant else None
        parts = [None] if elsewhere is None else shards(plan)
        tenant = [AreaTask(TENANT, listed=(listed, listing), visible=unseen, only=only) for only in parts]
        tasks = [*tenant, *(AreaTask.of(one) for one in ordered)]
        async with within(standing.time_limit):
            await _load(work, session, elsewhere, options, tasks, _Shared(everything=everything, left_out=left_out))
        if alone:
            await asyncio.to_thread(run.remove_areas, visible)
        await asyncio.to_thread(lambda: run.derive(derivations(), namings(), code=code()))
        asked = None
        if options.actors and standing.actors:
            asked = await ask_who(session, run.actors, entity_types())
            work.reports += of_listings(asked.listings)
            work.told += unknown_makers(asked.listings)
        return await _finish(work, asked)


async def _tell_left_out(work: _Sync, choice: Subscriptions, chosen: list[Json], off: Mapping[str, str]) -> None:
    """Stores and tells what the configuration leaves out; a directory that another instance loads is left to that."""
    areas = [id_of(one) for one in chosen]
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


@dataclass(frozen=True, slots=True)
class _Shared:
    """everything: all of the tenant is read; left_out: what is not is what the configuration leaves out."""

    everything: bool
    left_out: bool


async def _load(
    work: _Sync,
    session: AzureSession,
    elsewhere: Elsewhere | None,
    options: Options,
    tasks: list[AreaTask],
    about: _Shared,
) -> None:
    """Loads all areas, and closes what the subscriptions share."""
    run, plan, standing = work.run, work.plan, work.standing
    inventory = options.inventory and standing.inventory
    place = Place(session, run, plan, work.tell, standing, inventory, options.account_name_tag, work.ages)
    shared = SharedSinks(run.step, run.knows)
    if elsewhere is None:
        ended = await load_here(place, tasks, shared)
    else:
        job = Job(run.token, tuple(plan.types), standing, inventory, options.account_name_tag, work.ages)
        others = Others(elsewhere, run, plan, job, work.progress, work.reports.append)
        ended = await others.load(tasks, shared)
        work.told += others.sentences()
    work.spared = sum(one.spared for one in ended)
    outcomes = {
        one.type: _over_all(one.type, [end.unsettled for end in ended], about.everything, about.left_out)
        for one in plan.subscription
    }
    for name, (outcome, entities) in (await shared.finish(outcomes)).items():
        await place.report(
            StepReport(name, SHARED, outcome.status, outcome.reason, 0, entities, 0.0, quiet=outcome.quiet)
        )


def _over_all(name: str, ended: list[dict[str, Outcome]], everything: bool, left_out: bool) -> Outcome:
    """What is shared by all subscriptions is whole only if all of them were read, each of them whole."""
    if not everything:
        quiet = Quiet.LEFT_OUT if left_out else None
        return Outcome(Status.SKIPPED, "Not every subscription of the tenant was part of this run.", quiet)
    return worst((unsettled[name] for unsettled in ended if name in unsettled), "subscriptions")


async def _finish(work: _Sync, asked: Asked | None) -> Summary:
    whole = all(report.outcome.accounted for report in work.reports) and not work.run.notes
    any_entity = any(report.entities for report in work.reports)
    status = "complete" if whole else "partial" if any_entity else "failed"
    if work.run.upgraded:
        work.told.append(_UPGRADED)
    work.told += older_words(work.reports)
    told = await asyncio.to_thread(work.run.finish, status)
    # One after the other, and by what is there already: there are two hundred for each subscription.
    work.reports.sort(key=attrgetter("name"))
    work.reports.sort(key=attrgetter("scope"))
    return Summary(
        run=work.run.id,
        status=status,
        entities=told.entities,
        relationships=told.relationships,
        changes=told.changes,
        steps=work.reports,
        http=work.http,
        throttling=work.throttling,
        notes=[*work.run.notes, *work.told],
        left_out=work.left_out,
        spared=work.spared,
        actors={"told": asked.told, "unclear": asked.unclear, "unknown": asked.unknown} if asked else {},
    )
