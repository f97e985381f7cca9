"""Loads one area, the tenant or one subscription: its steps side by side, each as soon as its parents are there."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace

from loader.azure.errors import AzureError
from loader.graph.readings import Older
from loader.model import Arm, Detail, Embedded, EntityType, Graph, Json, Outcome, Quiet, Record, Status
from loader.services import SUBSCRIPTION, entity_types, parents_of
from loader.shapes import Missing
from loader.sync.at_once import AtOnce
from loader.sync.delta import Deltas, as_stand_in
from loader.sync.details import Details, ending
from loader.sync.freshness import Fresh
from loader.sync.keeping import Keeper, Took, older_in
from loader.sync.once import Once
from loader.sync.plan import Plan
from loader.sync.reading import (
    MOST_NAMED,
    Odd,
    call_of,
    entities_of,
    failure_outcome,
    is_due,
    item_of,
    key_of,
    named_by,
    odd_outcome,
    own_of,
    parts_in,
    parts_of,
    records_of,
)
from loader.sync.report import StepReport, believed, worst
from loader.sync.rights import Granted, read_in_part
from loader.sync.session import Session
from loader.sync.sink import Shared, Sink, Writer
from loader.sync.step import Loaded, Part, Step, parents_first
from loader.sync.sweep import INVENTORY, Sweep

# Parents of one step that are asked at the same time; the session limits what is in flight over all steps.
PARENTS_AT_ONCE = 16
# The same where what is asked of them can be sent together.
TOGETHER_AT_ONCE = 100
# What a replay knows of a subscription that stands in recorded addresses, but in no answer.
_IDS = {"id", "subscriptionId"}


class AreaSync:
    """One area of one run.

    area: "tenant" or a subscription id; subscription: the subscription's wire answer in the latter case.
    listed: the subscriptions that the run has read already. rights: the permissions that the identity has on the
    subscription, where they are known. account_name: stored on each entity as tag.AccountName. left_out: whether a key
    is none that is loaded. sweep: the subscription's inventory is read before its lists; without one all are asked.
    fresh: what need not be read again; without it everything is read. took: hears what of each step was read, and kept.
    deltas: of which lists only what has changed is read; without it none.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        session: Session,
        area: str,
        open_writer: Callable[[str, str], Writer],
        report: Callable[[StepReport], Awaitable[None]],
        shared: Shared | None = None,
        subscription: Json | None = None,
        listed: tuple[list[Json], Outcome] | None = None,
        rights: Granted = None,
        account_name: str | None = None,
        left_out: Callable[[str], bool] | None = None,
        sweep: Sweep | None = None,
        fresh: Fresh | None = None,
        took: Took | None = None,
        deltas: Deltas | None = None,
    ) -> None:
        self._plan, self._session, self.area = plan, session, area
        self._open_writer, self._report, self._shared = open_writer, report, shared
        self._subscription, self._listed, self._rights = subscription, listed, rights
        self._account_name, self._left_out, self._sweep = account_name, left_out, sweep
        self._deltas, self._details = deltas, Details(session, area, subscription)
        self._steps: dict[str, asyncio.Task[Loaded]] = {}
        # It knows the steps and not this object: a circle would keep all that was read until Python looks for circles.
        self._keeper = Keeper(area, fresh, took, self._steps if sweep is not None else {})
        self._children: Counter[str] = Counter()  # how many steps have yet to read the answers of each type
        self._once = Once(session, ())
        self._at_once = AtOnce(session, area if sweep is not None else None)

    async def load(self, types: Iterable[EntityType]) -> dict[str, Outcome]:
        """Runs the steps of `types`, all of this area; gives each type's outcome back."""
        types = list(types)
        self._once = Once(self._session, types)
        self._children.update(name for one in types for name in parents_of(one))
        async with asyncio.TaskGroup() as group:
            for entity_type in parents_first(types):
                self._steps[entity_type.type] = group.create_task(self._run(entity_type))
        return {name: task.result().outcome for name, task in self._steps.items()}

    async def _run(self, entity_type: EntityType) -> Loaded:
        parents = parents_of(entity_type)
        step = await self._open(entity_type)
        broken: dict[str, Outcome] = {}
        if parents:
            answers, broken, unread = await self._parents(parents)
            if isinstance(entity_type.fetch, Arm | Graph) and entity_type.fetch.each is not None:
                named = named_by(entity_type.fetch, answers)
                step.outcomes[""] = await self._fetch_named(step, named, broken | unread)
            else:
                step.outcomes |= unread
                await self._fetch_children(step, answers)
            self._forget(parents)
        else:
            spared = await self._is_spared(entity_type)
            step.outcomes[""] = Outcome() if spared else await self._fetch_list(step)
        return await self._close(step, parents, broken)

    async def _fetch_list(self, step: Step) -> Outcome:
        """Reads a list: whole, or what has changed of it."""
        if self._deltas is None or not self._deltas.is_about(step.entity_type, self._plan):
            return await self._fetch_scope(step, "", None)
        return await self._deltas.fetch(
            step,
            whole=lambda: self._fetch_scope(step, "", None),
            take=lambda page: self._take_page(step, "", None, page),
        )

    async def _is_spared(self, entity_type: EntityType, parent: str | None = None) -> bool:
        """Whether the inventory tells that a list (of the parent) has nothing."""
        known = self._sweep is not None and isinstance(self._rights, list) and INVENTORY in self._steps
        if self._sweep is None or not known or not entity_type.inventory:
            return False
        return self._sweep.spares(entity_type, (await self._steps[INVENTORY]).outcome, parent)

    async def _open(self, entity_type: EntityType) -> Step:
        async def sink(name: str) -> Sink:
            return Sink(await asyncio.to_thread(self._open_writer, name, self.area))

        parts = [Part(part, await sink(part.type)) for part in self._plan.parts.get(entity_type.type, ())]
        keep = entity_type.type in self._plan.needed_by_children
        return Step(entity_type, await sink(entity_type.type), parts, keep)

    async def _parents(self, names: tuple[str, ...]) -> tuple[list[Json], dict[str, Outcome], dict[str, Outcome]]:
        """The answers of all parent types in this area, the outcomes of those lists that were not whole, and those of
        single parents that alone could not be read, by their keys.
        """
        answers: list[Json] = []
        broken: dict[str, Outcome] = {}
        unread: dict[str, Outcome] = {}
        for name in names:
            if name == SUBSCRIPTION and self._subscription is not None:
                answers.append(self._subscription)
            elif name in self._steps:
                loaded = await self._steps[name]
                answers.extend(loaded.answers)
                if loaded.alone:
                    told = f"What it belongs to could not be read. {loaded.outcome.reason}"
                    unread |= dict.fromkeys(loaded.unread, Outcome(Status.SKIPPED, told))
                elif not loaded.outcome.settled:
                    broken[name] = loaded.outcome
            elif name in entity_types() and name not in self._plan.types:
                # Whose parents are not looked for has not lost them.
                broken[name] = Outcome(Status.SKIPPED, f"{name} is not part of this run.", Quiet.LEFT_OUT)
        return answers, broken, unread

    def _forget(self, parents: tuple[str, ...]) -> None:
        """Lets go of answers once all have read them that need them."""
        for name in parents:
            self._children[name] -= 1
            if name in self._steps and not self._children[name]:
                self._steps[name].result().answers.clear()

    async def _fetch_children(self, step: Step, parents: list[Json]) -> None:
        fetch = call_of(step.entity_type)
        due = [parent for parent in parents if is_due(fetch, parent)]
        left = iter(due)

        async def one_after_another() -> None:
            for parent in left:
                scope = str(parent["@key"])
                kept = await self._keeper.keeps(step, scope, parent)
                if kept or await self._is_spared(step.entity_type, scope):
                    step.outcomes[scope] = Outcome()
                    self._keeper.spare(step, scope)
                    continue
                step.outcomes[scope] = await self._fetch_child(step, scope, parent, len(due))
                self._keeper.read(step, scope, parent)

        at_once = TOGETHER_AT_ONCE if isinstance(fetch, Graph) else PARENTS_AT_ONCE
        async with asyncio.TaskGroup() as group:
            for _ in range(min(at_once, len(due))):
                group.create_task(one_after_another())

    async def _fetch_child(self, step: Step, scope: str, parent: Json, parents: int) -> Outcome:
        """Reads what belongs to one of so many parents: one list, one for each of its parts, or of all at once."""
        fetch = call_of(step.entity_type)
        if isinstance(fetch, Arm) and fetch.parts is not None:
            about = ({**parent, "@each": part} for part in parts_of(fetch, parent))
            return worst([await self._fetch_scope(step, scope, one) for one in about], "of its parts")
        found = await self._at_once.items_of(step.entity_type, parent, parents=parents, calls=step.calls)
        if found is None:
            return await self._fetch_scope(step, scope, parent)
        await self._take_page(step, scope, parent, found)
        return self._ended(step, scope)

    async def _fetch_named(self, step: Step, named: dict[str, str], broken: dict[str, Outcome]) -> Outcome:
        """One call for each id that the parents name. What no subscription owns is asked for once a run."""
        slots = asyncio.Semaphore(PARENTS_AT_ONCE)

        async def one(key: str) -> Outcome:
            foreign = not key.startswith(f"/subscriptions/{self.area}/")
            if foreign and self._shared is not None and not self._shared.claim(step.entity_type.type, key):
                return Outcome()
            async with slots:
                return await self._fetch_scope(step, "", {"@each": named[key]})

        keys = sorted(named)
        outcomes = believed(dict(zip(keys, await asyncio.gather(*(one(key) for key in keys)), strict=True)))
        return worst([*outcomes.values(), *broken.values()], "named by others")

    async def _fetch_scope(self, step: Step, scope: str, parent: Json | None) -> Outcome:
        """Reads one list to its end. What a broken list did give is written all the same."""
        name = step.entity_type.type
        try:
            async for page in self._pages(step, parent):
                step.calls[name] += 1
                await self._take_page(step, scope, parent, page)
        except AzureError as error:
            step.calls[name] += 1
            # A subscription is there: it is no resource that may be deleted between its list and this one.
            about_one = parent is not None and set(parents_of(step.entity_type)) != {SUBSCRIPTION}
            outcome = failure_outcome(error, self._subscription, about_one=about_one)
            # Recordings from before there was an inventory are complete without it.
            return replace(outcome, quiet=Quiet.OPTIONAL) if name == INVENTORY and error.unrecorded else outcome
        return self._ended(step, scope)

    def _ended(self, step: Step, scope: str) -> Outcome:
        """How a list ended that was read to its end."""
        odd, in_part = step.odd.get(scope), read_in_part(step.entity_type, self._rights)
        if not odd:
            return in_part or Outcome()
        outcome = odd_outcome(odd)
        if in_part is None and all(one.key for one in odd) and len(odd) <= MOST_NAMED:
            step.unread[scope] = outcome, frozenset(one.key for one in odd)
        return in_part if in_part is not None and outcome.whole else outcome

    async def _pages(self, step: Step, parent: Json | None) -> AsyncIterator[list[Json]]:
        fetch = call_of(step.entity_type)
        if step.entity_type.type == SUBSCRIPTION and self._listed is not None:
            # The run read this list already, to know which subscriptions there are.
            answers, outcome = self._listed
            yield [answer | {"@only_named": answer.keys() <= _IDS} for answer in answers]
            if not outcome.whole:
                raise AzureError(outcome.status, outcome.reason)
            return
        subscription = self.area if self._subscription is not None else None
        around: Json = {"@tenant": self._session.tenant_id, "@subscription": subscription or ""}
        async for page in self._once.pages(fetch, subscription=subscription, parent={**around, **(parent or {})}):
            yield page

    async def _take_page(self, step: Step, scope: str, parent: Json | None, page: list[Json]) -> None:
        if self._sweep is not None and step.entity_type.type == INVENTORY:
            self._sweep.see(page)
        odd = step.odd.setdefault(scope, [])
        kept = entities_of(step.entity_type, page, odd)
        if self._left_out is not None:
            kept = [answer for answer in kept if not self._left_out(key_of(step.entity_type, answer))]
        for answer in kept:
            self._add_context(answer, parent)
        kept = own_of(step.entity_type, kept, odd)
        if step.entity_type.details and kept:
            await self._details.read_lists(step, kept)
            await asyncio.gather(*(self._add_details(step, answer) for answer in kept))
        for answer, record in records_of(step.entity_type, kept, odd):
            answer["@key"] = record.key
            await self._deliver(step, scope, record)
            await self._take_parts(step, answer)
            if step.keep and record.key not in step.kept:
                step.kept.add(record.key)
                step.answers.append(as_stand_in(step.entity_type, answer))

    def _add_context(self, answer: Json, parent: Json | None) -> None:
        # A subscription that another tenant delegated (Azure Lighthouse) goes by that tenant's directory.
        answer["@tenant"] = (self._subscription or {}).get("tenantId") or self._session.tenant_id
        answer["@account"] = self._account_name
        answer["@subscription"] = self.area if self._subscription is not None else ""
        if parent is not None:
            answer["@parent"] = parent

    async def _deliver(self, step: Step, scope: str, record: Record) -> None:
        """An ARM id outside the subscription that listed it belongs to all of them."""
        foreign = (
            self._shared is not None
            and scope in ("", f"/subscriptions/{self.area}")
            and record.key.startswith("/")
            and not f"{record.key}/".startswith(f"/subscriptions/{self.area}/")
        )
        if foreign and self._shared is not None:
            await self._shared.add(record)
        else:
            await step.sink.add(record, scope)
            if scope in step.met:
                step.met[scope].add(record.key)

    async def _take_parts(self, step: Step, answer: Json) -> None:
        """The entities embedded in this answer; those read from a detail have that detail's scope and outcome."""
        for part in step.parts:
            fetch = part.entity_type.fetch
            assert isinstance(fetch, Embedded)
            scope = ""
            if part.of_details:
                scope = str(answer["@key"])
                detail = answer.get(fetch.at.split(".")[0])
                part.outcomes[scope] = detail.outcome if isinstance(detail, Missing) else Outcome()
                if isinstance(detail, Missing) and detail.since is not None:
                    part.sink.keep(scope, detail.since)
            odd: list[Odd] = []
            kept = entities_of(part.entity_type, parts_in(part.entity_type, fetch.at, answer, odd), odd)
            for item in kept:
                self._add_context(item, answer)
            for _, record in records_of(part.entity_type, own_of(part.entity_type, kept, odd), odd):
                await part.sink.add(record, scope)
            part.doubt(scope, odd, answer)

    async def _add_details(self, step: Step, answer: Json) -> None:
        kept = await self._keeper.details(step, answer)
        for detail in step.entity_type.details:
            if detail.name in kept:
                answer[f"${detail.name}"] = kept[detail.name]
            elif is_due(detail.call, answer):
                listed = step.lists.get(detail.name)
                found = await self._details.answer(step, detail, answer) if listed is None else listed
                self._keeper.read_detail(step, detail.name, answer)
                answer[f"${detail.name}"] = item_of(found, detail, answer)

    async def _close(self, step: Step, parents: tuple[str, ...], broken: dict[str, Outcome]) -> Loaded:
        entity_type, name = step.entity_type, step.entity_type.type
        ended = self._keeper.believed(name, step.outcomes)
        outcome = worst(ended.values(), "parents")
        if broken and outcome.whole:
            lists = worst(broken.values(), "parent lists")
            if len(broken) == len(parents):
                told = f"What it belongs to was not loaded whole. {lists.reason}"
                outcome = Outcome(Status.SKIPPED, told, lists.quiet)
            else:
                outcome = Outcome(Status.COMPLETE, f"Without what belongs to {', '.join(broken)}. {lists.reason}")
        found = step.unread_in(ended)
        only = not broken and all(one.settled or scope in found for scope, one in ended.items())
        alone = only and bool(found)
        unread = step.lost.intersection(key for keys in found.values() for key in keys) if only else frozenset[str]()
        await step.sink.finish(ended, parents_whole=not broken, unread=found)
        await self._tell(name, outcome, step, step.sink.entities, tuple(broken) if outcome.whole else ())
        # Of what belongs to the entities nothing is missing where something of these alone could not be read.
        below = Outcome() if alone and not unread else outcome
        for part in step.parts:
            finished = await part.finish(below, unread)
            await self._tell(part.entity_type.type, finished, step, part.sink.entities, older=older_in(part.sink))
        for detail in entity_type.details:
            await self._tell_detail(step, detail, below, unread)
        return Loaded(outcome, step.answers, alone, unread)

    async def _tell_detail(self, step: Step, detail: Detail, listed: Outcome, unread: frozenset[str]) -> None:
        name = step.entity_type.type
        ended = self._keeper.believed(f"{name}.{detail.name}", step.details.get(detail.name, {}))
        found, unknown = ending(step.entity_type, detail, ended, listed, unread)
        await self._tell(f"{name}.{detail.name}", found, step, len(ended), unknown=unknown)

    async def _tell(
        self,
        name: str,
        outcome: Outcome,
        step: Step,
        entities: int,
        incomplete: tuple[str, ...] = (),
        unknown: tuple[str, ...] = (),
        older: Older | None = None,
    ) -> None:
        calls = step.calls[name.removeprefix(f"{step.entity_type.type}.")]
        seconds = time.monotonic() - step.started
        await self._report(
            StepReport(
                name,
                self.area,
                outcome.status,
                outcome.reason,
                calls,
                entities,
                seconds,
                incomplete_parents=incomplete,
                quiet=outcome.quiet,
                unknown=unknown,
                older=self._keeper.older(name) if older is None else older,
            )
        )
