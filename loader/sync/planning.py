"""What a run would do: its steps, what they cost in calls, how long Azure's buckets let them take."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loader.areas import SHARED, TENANT, stored_area
from loader.azure.transport.buckets import buckets_of
from loader.azure.transport.wire import WireRequest
from loader.graph import Database
from loader.model import Arm, Call, EntityType, Graph, Json, Status
from loader.sync.about import About
from loader.sync.choosing import id_of, name_of
from loader.sync.plan import Plan
from loader.sync.sweep import INVENTORY

# Of one core, for a call with all that follows from it: measured on simulated tenants (docs/scale.md).
_PROCESSOR_A_CALL = 0.004
# What the latest run told of each step: its calls by area, and how it ended.
_BEFORE = """
MATCH (s:SyncScope) WHERE s.tenant = $tenant AND s.step IN $steps
RETURN s.step AS step, s.area AS area, s.calls AS calls, s.status AS status, s.quiet AS quiet, s.reason AS reason
"""
_EXPECTED = """
MATCH (s:SyncScope) WHERE s.tenant = $tenant AND s.step IN $steps AND s.area IN $areas RETURN sum(s.calls) AS calls
"""
_TOOK = """
MATCH (r:SyncRun {tenant: $tenant}) WHERE r.status IN ['complete', 'partial'] AND r.finishedAt IS NOT NULL
RETURN duration.inSeconds(r.startedAt, r.finishedAt).seconds AS seconds, r.seq AS seq ORDER BY r.seq DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step over all areas. calls: about how many; known: that number is the latest run's, not a guess."""

    step: str
    areas: int
    calls: int
    known: bool
    permission: str


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """What the run will not load, as far as that can be known. areas: the first of them, of so many."""

    step: str
    reason: str
    areas: tuple[str, ...] = ()
    of: int = 0


@dataclass(slots=True)
class Planned:
    """The plan of a run. seconds: the longest that one of Azure's buckets takes to give its calls; bucket: which one.

    took: how long the latest run took; 0 where there was none. spared: steps whose list is asked only where the
    inventory of a subscription, or the graph, knows of something. of_changes: types whose lists are read whole in one
    of `whole_every` runs, and in the others what has changed of them.
    """

    subscriptions: list[dict[str, str]]
    steps: list[PlannedStep] = field(default_factory=list)
    not_loaded: list[NotLoaded] = field(default_factory=list)
    seconds: float = 0.0
    bucket: str = ""
    took: int = 0
    spared: int = 0
    of_changes: tuple[str, ...] = ()
    whole_every: int = 1

    @property
    def calls(self) -> int:
        """About how many requests in all."""
        return sum(one.calls for one in self.steps)

    @property
    def processor(self) -> float:
        """About how many seconds of one core they take."""
        return self.calls * _PROCESSOR_A_CALL

    @property
    def bound_by(self) -> str:
        """What the run can be no faster than: "azure", its slowest limit, or "processor"."""
        return "azure" if self.seconds >= self.processor else "processor"

    @property
    def known(self) -> bool:
        """Whether all steps are counted by a run before."""
        return all(one.known for one in self.steps)

    def as_json(self) -> dict[str, Any]:
        """The object of `--plan --format json`."""
        return {
            "subscriptions": self.subscriptions,
            "calls": self.calls,
            "fromLatestRun": self.known,
            "seconds": math.ceil(self.seconds),
            "slowestLimit": self.bucket,
            "processorSeconds": math.ceil(self.processor),
            "boundBy": self.bound_by,
            "latestRunTook": self.took or None,
            "askedByInventory": self.spared,
            "askedForChanges": list(self.of_changes),
            "fullReadEvery": self.whole_every,
            "steps": [
                {"step": one.step, "areas": one.areas, "calls": one.calls, "fromLatestRun": one.known,
                 "permission": one.permission}
                for one in self.steps
            ],
            "notLoaded": [
                {"step": one.step, "reason": one.reason, "areas": list(one.areas), "of": one.of}
                for one in self.not_loaded
            ],
        }  # fmt: skip


def plan_run(
    about: About, tenant: str, database: Database | None, *, inventory: bool = True, whole_every: int = 1
) -> Planned:
    """The plan of a run. database: the graph that it would write to, for what a run before it cost. inventory: it reads
    each subscription's inventory first. whole_every: of lists whose changes Azure tells; 1 where all are read whole.
    """
    plan, choice = Plan(about.types), about.choice
    areas = [id_of(one) for one in choice.subscriptions]
    steps = dict(_steps(plan))
    before: dict[tuple[str, str], Mapping[str, Any]] = {}
    took = 0
    if database is not None:
        rows = database.read(_BEFORE, {"tenant": tenant, "steps": list(steps)})
        before = {(row["step"], row["area"]): row for row in rows}
        took = next((row["seconds"] or 0 for row in database.read(_TOOK, {"tenant": tenant})), 0)
    told = Planned([{"id": id_of(one), "name": name_of(one)} for one in choice.subscriptions], took=took)
    drawn: Counter[str] = Counter()
    rates: dict[str, float | None] = {}
    in_tenant = {one.type for one in plan.tenant}
    for name, (owner, call, single) in steps.items():
        places = [stored_area(TENANT, tenant)] if owner.type in in_tenant else areas
        if not places:
            continue
        counted = {place: before.get((name, place), {}).get("calls") for place in places}
        known = all(count is not None for count in counted.values())
        calls = {place: 1 if count is None else int(count) for place, count in counted.items()}
        told.steps.append(PlannedStep(name, len(places), sum(calls.values()), known, call.permission))
        for place, count in calls.items():
            for bucket in buckets_of(_request(call, place if owner.type not in in_tenant else "", single=single)):
                drawn[bucket.name] += count
                rates[bucket.name] = bucket.rate
    told.steps.sort(key=lambda one: (-one.calls, one.step))
    for bucket_name, count in drawn.items():
        rate = rates[bucket_name]
        if rate and count / rate > told.seconds:
            told.seconds, told.bucket = count / rate, bucket_name
    if inventory and INVENTORY in about.types:
        told.spared = sum(bool(one.inventory) for one in plan.subscription)
    told.whole_every = whole_every
    told.of_changes = tuple(one.type for one in plan.tenant if one.delta is not None and whole_every > 1)
    told.not_loaded = [*_disabled(choice.subscriptions), *_refused_before(before.values(), areas), *_left_out(about)]
    return told


def expected_calls(about: About, tenant: str, database: Database) -> int:
    """How many calls the same steps took in the latest run that loaded them; 0 where there was none."""
    areas = [stored_area(TENANT, tenant), *(id_of(one) for one in about.choice.subscriptions)]
    asked = {"tenant": tenant, "steps": list(dict(_steps(Plan(about.types)))), "areas": areas}
    return int(database.read(_EXPECTED, asked)[0]["calls"] or 0)


def _steps(plan: Plan) -> Iterator[tuple[str, tuple[EntityType, Call, bool]]]:
    """The steps that make calls, with the type of their list, and whether they read one object each time."""
    for one in (*plan.tenant, *plan.subscription):
        if isinstance(one.fetch, Call):
            yield one.type, (one, one.fetch, False)
        for detail in one.details:
            yield f"{one.type}.{detail.name}", (one, detail.call, not (detail.many or detail.by))


def _request(call: Call, subscription: str, *, single: bool) -> WireRequest:
    """A request like those of the call, so far as it tells which buckets it draws on."""
    if isinstance(call, Graph):
        version = "beta" if call.beta else "v1.0"
        return WireRequest("GET", f"https://graph/{version}/{call.builder.replace('.', '/').replace('_', '')}")
    if not isinstance(call, Arm):
        return WireRequest("GET", "https://vaults/keys")
    owner = f"/subscriptions/{subscription}" if subscription else "/tenants"
    if call.permission.lower().startswith(("microsoft.resources/", "*")):
        return WireRequest("GET", f"https://arm{owner}")
    provider = call.permission.partition("/")[0]
    path = "type/name" if single else "type/name/type" if call.parent or call.args else "type"
    return WireRequest("GET", f"https://arm{owner}/providers/{provider}/{path}")


def _left_out(about: About) -> Iterator[NotLoaded]:
    choice, configured = about.choice, about.configured
    for name, reason in about.off.items():
        yield NotLoaded(name, reason)
    if configured.names:
        why = "They are left out by the configuration."
        names = tuple(sorted(configured.names)[:5])
        yield NotLoaded("everything of these subscriptions", why, names, len(configured.names))
    for name in choice.left_out_types:
        yield NotLoaded(name, "It is left out by --only or --skip.")
    if choice.left_out_subscriptions:
        gone = choice.left_out_subscriptions
        why = "They are left out by --only or --skip."
        yield NotLoaded("everything of these subscriptions", why, gone[:5], len(gone))


def _disabled(subscriptions: Sequence[Json]) -> Iterator[NotLoaded]:
    off = [name_of(one) for one in subscriptions if str(one.get("state") or "Enabled").lower() != "enabled"]
    if off:
        yield NotLoaded("much of these subscriptions", "They are not enabled in Azure.", tuple(off[:5]), len(off))


def _refused_before(rows: Iterable[Mapping[str, Any]], areas: Sequence[str]) -> Iterator[NotLoaded]:
    """What the latest run could not read and this one most likely cannot either."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    here = set(areas)
    for row in rows:
        lasting = row["status"] == Status.FORBIDDEN or row["quiet"]
        if lasting and (row["area"] in here or row["area"].partition(":")[0] in (TENANT, SHARED)):
            found[row["step"], str(row["reason"] or "").replace(row["area"], "…")].append(row["area"])
    for (step, reason), named in sorted(found.items()):
        yield NotLoaded(step, reason, tuple(sorted(named)[:5]), len(named))
