"""Gives every resource of one check's population its verdict.

A resource whose needed data was not loaded whole is *not evaluated*, whatever the query says about it; a check is
*not applicable* only if its population is empty and every step behind it was whole. Nothing passes by absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from loader.areas import TENANT, is_subscription
from loader.coverage.coverage import Coverage, Gap
from loader.coverage.steps import ancestors, closure, in_each_subscription
from loader.library.closed import closed_properties
from loader.library.definitions import Check
from loader.library.failing import FAILURES, own_failure
from loader.library.parameters import Bound, Given, bind
from loader.library.running import TIMEOUT, read, read_own
from loader.packs.aging import Aging
from loader.packs.known_values import judged_by_known_values
from loader.packs.populations import Populations
from loader.packs.results import CheckResult, ResourceResult, verdict_over
from loader.packs.rows import Row, read_rows
from loader.verdicts import Verdict

if TYPE_CHECKING:
    from loader.graph import Database

# Gaps that a reason names one by one.
_GAPS_TOLD = 3


def evaluate_check(
    database: Database,
    check: Check,
    coverage: Coverage,
    given: Mapping[str, Given] | None = None,
    *,
    timeout: float = TIMEOUT,
    populations: Populations | None = None,
) -> CheckResult:
    """One check over its population. populations: shared with the other checks of an evaluation.

    What is wrong with one row is that resource's `not-evaluated`; what is wrong with the check's queries (they write,
    fail, take too long, lack a column) is that of all its resources. Raises UsageError for wrong parameters only,
    UnreachableError where the database is away.
    """
    owner = f"The check {check.id}"
    parameters = bind(owner, check.parameters, given or {})
    ours = check.population is None
    population, failure = (populations or Populations([check])).of(
        check, lambda text: _asked(database, check, text, parameters, timeout, ours=ours)
    )
    resources = [_resource(row) for row in population]
    rows: Sequence[Row] = ()
    if failure is None:
        rows, failure = _asked(database, check, check.cypher, parameters, timeout)
    said = read_rows(owner, rows)
    failure = failure or said.failure
    steps = closure([*check.resource, *check.needs])
    doubts = [step for step in closure(check.doubts) if step not in steps and coverage.was_asked(step)]
    beyond = [step for step in closure(check.elsewhere) if step in steps or step in doubts]
    gaps: dict[tuple[str, str], list[Gap]] = {}
    elsewhere: dict[tuple[str, tuple[str, ...] | None], list[Gap]] = {}
    results = []
    for one in resources:
        if (one.kind, one.area) not in gaps:
            gaps[one.kind, one.area] = coverage.gaps(_steps_for(check, one.kind, steps), one.area)
        # What is missing of an app says nothing about a slot, though one check is about both.
        kinds = _kinds(check, one.kind)
        touching = _touching(gaps[one.kind, one.area], kinds, one)
        verdict, reason = (Verdict.NOT_EVALUATED, failure) if failure else said.of(one.key)
        if touching:
            verdict, reason = Verdict.NOT_EVALUATED, _sentences(touching)
        elif (
            doubts and verdict is Verdict.PASS and (doubtful := _touching(coverage.gaps(doubts, one.area), kinds, one))
        ):
            verdict, reason = Verdict.NOT_EVALUATED, _sentences(doubtful)
        among = said.elsewhere.get(one.key)
        # Where no row says on which subscriptions its verdict hangs, what is not read in any takes a pass away.
        if beyond and not touching and (among or (among is None and verdict is Verdict.PASS)):
            if (one.area, among) not in elsewhere:
                elsewhere[one.area, among] = coverage.gaps_elsewhere(beyond, one.area, among)
            if there := elsewhere[one.area, among]:
                verdict, reason = Verdict.NOT_EVALUATED, _sentences(there)
        results.append(replace(one, verdict=verdict, reason=reason))
    results = judged_by_known_values(population, closed_properties(check), results)
    aging = Aging(database, check, coverage, steps)
    results = [aging.judged(one, _steps_for(check, one.kind, steps), _kinds(check, one.kind)) for one in results]
    results.extend(_unseen(check, coverage, steps, {one.key for one in resources}))
    if failure and not results:
        # Nothing passes, and nothing is not applicable, because a query failed.
        results.append(_standing_for(TENANT, _place_name(TENANT, coverage), failure))
    return _over_all(check, sorted(results, key=lambda one: (one.verdict.rank, one.name.lower(), one.key)))


def _touching(gaps: Iterable[Gap], kinds: Iterable[str], one: ResourceResult) -> list[Gap]:
    return [gap for gap in gaps if gap.touches(kinds, one.key, one.parent)]


def _asked(
    database: Database,
    check: Check,
    cypher: str,
    parameters: Mapping[str, Bound],
    timeout: float,
    *,
    ours: bool = False,
) -> tuple[Sequence[Row], str | None]:
    """The rows of one query of a check, or why there are none. ours: nothing of the text is of the check's file."""
    owner = f"The check {check.id}"
    ask = read_own if ours else read
    try:
        return ask(database, owner, cypher, parameters, timeout), None
    except FAILURES as error:
        failure = own_failure(owner, error)
        if failure is None:
            raise
        return [], failure


def _steps_for(check: Check, kind: str, steps: Iterable[str]) -> tuple[str, ...]:
    """What the verdict on a resource of one type hangs on, of all `steps` of a check that is about several types.

    The lists and details of the others say nothing about it, unless the check names such a list among its needs.
    """
    others = {*check.resource} - {kind} - ancestors(kind) - {*check.needs}
    return tuple(step for step in steps if kind not in check.resource or step.partition(".")[0] not in others)


def _kinds(check: Check, kind: str) -> Sequence[str]:
    return (kind,) if kind in check.resource else check.resource


def _resource(row: Row) -> ResourceResult:
    """One member of a population, before anything is said of it.

    Whatever lies in a subscription by its id is of that subscription, and a subscription is of itself.
    """
    kind, area, parent = [*str(row["scope"] or "").split("|", 2), "", "", ""][:3]
    key = str(row["key"])
    if key.startswith("/subscriptions/"):
        area = key.split("/")[2]
    name, link = str(row["name"]), str(row["link"] or "")
    return ResourceResult(key, name, Verdict.NOT_EVALUATED, "", link, kind=kind, area=area or TENANT, parent=parent)


def _unseen(check: Check, coverage: Coverage, steps: Iterable[str], seen: set[str]) -> list[ResourceResult]:
    """What stands for resources that may exist but were not loaded: the subscription, parent or tenant they are in.

    A narrowed population depends on all needed steps; otherwise only the lists of the resources themselves matter.
    """
    lists = tuple(steps) if check.population else closure(check.resource)
    found: dict[tuple[str, str], list[Gap]] = {}
    if any(in_each_subscription(step) for step in lists) and (gap := coverage.unlisted()):
        found[TENANT, ""] = [gap]
    for step in lists:
        for area in coverage.areas(step) or (TENANT,):
            for gap in coverage.gaps((step,), area):
                if gap.disabled or (gap.parent_types and not gap.touches(check.resource, "", "")):
                    continue  # nothing runs there, or only what belongs to entities of other types is missing
                places = gap.parents or (_place(gap.area, step),)
                for place in places:
                    # What has a verdict of its own may still have parts (an app's slots) that are not known.
                    of_it = step if place in seen and place in gap.parents and step in check.resource else ""
                    if place not in seen or of_it:
                        found.setdefault((place, of_it), []).append(gap)
    return [_unknown(place, of_it, gaps, coverage) for (place, of_it), gaps in found.items()]


def _unknown(place: str, of_it: str, gaps: Iterable[Gap], coverage: Coverage) -> ResourceResult:
    """What was not loaded at a place; of_it: the entity type, where the place itself is a resource with a verdict."""
    key, name = place, _place_name(place, coverage)
    if of_it:
        key, name = f"{key}/{of_it}", f"{name}: {of_it}"
    return _standing_for(key, name, _sentences(gaps))


def _standing_for(key: str, name: str, reason: str) -> ResourceResult:
    """Stands for resources that nobody has seen, at a place; no resource itself."""
    area = key.split("/")[2] if key.startswith("/subscriptions/") else TENANT
    return ResourceResult(key, name, Verdict.NOT_EVALUATED, reason, area=area, unseen=True)


def _place(area: str, step: str) -> str:
    return f"/subscriptions/{area}" if is_subscription(area) and in_each_subscription(step) else TENANT


def _place_name(place: str, coverage: Coverage) -> str:
    parts = place.split("/")
    if place == TENANT:
        return "the tenant"
    return coverage.subscriptions.get(parts[-1], parts[-1]) if len(parts) == 3 else parts[-1]


def _sentences(gaps: Iterable[Gap]) -> str:
    """The first few gaps; a directory object may hang on hundreds of subscriptions."""
    told = list(dict.fromkeys(gap.sentence for gap in gaps))
    more = [f"The same holds for {len(told) - _GAPS_TOLD} more steps."] if len(told) > _GAPS_TOLD else []
    return " ".join(told[:_GAPS_TOLD] + more)


def _over_all(check: Check, resources: list[ResourceResult]) -> CheckResult:
    meaning = check.population.meaning if check.population else " or ".join(check.resource)
    if not resources:
        return CheckResult(Verdict.NOT_APPLICABLE, f"There is nothing to check: no {meaning}.", [])
    verdict, reason = verdict_over(resources)
    return CheckResult(verdict, reason, resources)
