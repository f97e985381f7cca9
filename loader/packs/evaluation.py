"""Gives every control of a pack its verdict.

A resource whose needed data was not loaded whole is *not evaluated*, whatever the query says about it; a control is
*not applicable* only if its population is empty and every step behind it was whole. Nothing passes by absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loader.coverage.coverage import TENANT, Coverage, Gap
from loader.coverage.steps import closure, in_each_subscription
from loader.errors import UsageError
from loader.library.definitions import Check, Control, Pack, Section, Use
from loader.library.library import Library
from loader.library.parameters import Given, bind
from loader.library.running import TIMEOUT, read, refuse_writing
from loader.packs.known_values import judged_by_known_values
from loader.packs.results import (
    CheckOutcome,
    CheckResult,
    ControlResult,
    PackResult,
    ResourceResult,
    Verdict,
    verdict_over,
)

if TYPE_CHECKING:
    from loader.graph import Database

# Gaps that a reason names one by one.
_GAPS_TOLD = 3


@dataclass(frozen=True, slots=True)
class _Resource:
    """One member of a population, with where it was loaded: its area, and the key it was fetched under."""

    key: str
    name: str
    link: str
    area: str
    parent: str


def evaluate_check(
    database: Database,
    check: Check,
    coverage: Coverage,
    given: Mapping[str, Given] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> CheckResult:
    """One check over its population. Raises UsageError for wrong parameters or columns, or a query that writes."""
    owner = f"The check {check.id}"
    parameters = bind(owner, check.parameters, given or {})
    for text in check.texts.values():
        refuse_writing(database, owner, text, parameters)
    population = [_resource(row) for row in read(database, owner, check.population_cypher, parameters, timeout)]
    rows = _by_key(owner, read(database, owner, check.cypher, parameters, timeout))
    steps = closure([*check.resource, *check.needs])
    gaps: dict[str, list[Gap]] = {}
    resources = []
    for one in population:
        if one.area not in gaps:
            gaps[one.area] = coverage.gaps(steps, one.area)
        touching = [gap for gap in gaps[one.area] if gap.touches(check.resource, one.key, one.parent)]
        resources.append(_verdict(one, rows.get(one.key), touching))
    resources = judged_by_known_values(database, check, resources, timeout)
    resources.extend(_unseen(check, coverage, steps, {one.key for one in population}))
    return _over_all(check, sorted(resources, key=lambda one: (one.verdict.rank, one.name.lower(), one.key)))


def _resource(row: Mapping[str, Any]) -> _Resource:
    """Whatever lies in a subscription by its id is of that subscription, and a subscription is of itself."""
    _, area, parent = [*str(row["scope"] or "").split("|", 2), "", "", ""][:3]
    key = str(row["key"])
    if key.startswith("/subscriptions/"):
        area = key.split("/")[2]
    return _Resource(key, str(row["name"]), str(row["link"] or ""), area or TENANT, parent)


def _by_key(owner: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        lacking = [name for name in ("key", "name", "passed", "reason") if name not in row]
        if lacking:
            raise UsageError(f"{owner} does not return the column {lacking[0]!r}.")
        if row["key"] in found:
            raise UsageError(f"{owner} returns {row['key']} twice; it must give each resource one verdict.")
        if row["passed"] not in (True, False, None) or not isinstance(row["reason"], str):
            raise UsageError(f"{owner} must return true, false or null and a sentence for {row['key']}.")
        found[row["key"]] = row
    return found


def _verdict(one: _Resource, row: Mapping[str, Any] | None, gaps: list[Gap]) -> ResourceResult:
    if gaps:
        return ResourceResult(one.key, one.name, Verdict.NOT_EVALUATED, _sentences(gaps), one.link)
    if row is None:
        return ResourceResult(one.key, one.name, Verdict.NOT_EVALUATED, "The check said nothing about it.", one.link)
    verdict = {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.NOT_EVALUATED}[row["passed"]]
    return ResourceResult(one.key, one.name, verdict, row["reason"], one.link)


def _unseen(check: Check, coverage: Coverage, steps: Iterable[str], seen: set[str]) -> list[ResourceResult]:
    """What stands for resources that may exist but were not loaded: the subscription, parent or tenant they are in.

    A narrowed population depends on all needed steps; otherwise only the lists of the resources themselves matter.
    """
    lists = tuple(steps) if check.population else closure(check.resource)
    found: dict[str, list[Gap]] = {}
    if any(in_each_subscription(step) for step in lists) and (gap := coverage.unlisted()):
        found[TENANT] = [gap]
    for step in lists:
        for area in coverage.areas(step) or (TENANT,):
            for gap in coverage.gaps((step,), area):
                if gap.parent_types and not gap.touches(check.resource, "", ""):
                    continue  # only what belongs to entities of other types is missing
                places = gap.parents or (_place(gap.area, step),)
                for place in places:
                    if place not in seen:
                        found.setdefault(place, []).append(gap)
    return [
        ResourceResult(place, _place_name(place, coverage), Verdict.NOT_EVALUATED, _sentences(gaps))
        for place, gaps in found.items()
    ]


def _place(area: str, step: str) -> str:
    return f"/subscriptions/{area}" if area not in (TENANT, "shared") and in_each_subscription(step) else TENANT


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


def evaluate_pack(
    database: Database,
    library: Library,
    pack: Pack,
    given: Mapping[str, Given] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> PackResult:
    """Every control of a pack, in its order. `given` sets the parameters that the pack leaves open, in all its checks.

    Raises UsageError for a parameter that no check of the pack has, or that the pack sets itself.
    """
    given = given or {}
    uses = [(use, library.check(use.check)) for _, control in pack.controls() for use in control.uses]
    known = {name for use, check in uses for name in check.parameters if name not in use.parameters}
    unknown = [name for name in given if name not in known]
    if unknown:
        listed = ", ".join(sorted(known)) or "none"
        raise UsageError(f"No check of {pack.id} has a parameter {unknown[0]!r} to set. They have: {listed}.")
    coverage = Coverage.read(database)
    results: dict[str, CheckResult] = {}

    def outcome(use: Use) -> CheckOutcome:
        """What a check says here; one that several controls use the same way is asked once."""
        check = library.check(use.check)
        own = {key: value for key, value in given.items() if key in check.parameters} | use.parameters
        question = f"{check.id} {sorted(bind(f'The check {check.id}', check.parameters, own).items())}"
        if question not in results:
            results[question] = evaluate_check(database, check, coverage, own, timeout=timeout)
        return _outcome(check, use, results[question])

    controls = []
    for section, one in pack.controls():
        control, outcomes = _control(pack, section, one), [outcome(use) for use in one.uses]
        controls.append(control.judged(outcomes) if outcomes else control)
    latest = database.read(
        "MATCH (run:SyncRun) RETURN run.id AS id, toString(run.finishedAt) AS at ORDER BY run.seq DESC LIMIT 1"
    )
    return PackResult(
        pack=pack.id,
        title=pack.title,
        version=pack.version,
        source=pack.source,
        run=latest[0]["id"] if latest else None,
        at=latest[0]["at"] if latest else None,
        controls=controls,
        licence=pack.licence,
    )


def _outcome(check: Check, use: Use, result: CheckResult) -> CheckOutcome:
    return CheckOutcome(
        id=check.id,
        title=check.title,
        severity=check.severity,
        verdict=result.verdict,
        reason=result.reason,
        resources=result.resources,
        remediation=check.remediation,
        references=check.references,
        settings=use.parameters,
    )


def _control(pack: Pack, section: Section, control: Control) -> ControlResult:
    """A control before any check has said something: what it is without them."""
    return ControlResult(
        id=control.id,
        title=control.title,
        section=section.heading,
        level=control.level,
        verdict=Verdict.MANUAL if control.manual else Verdict.NOT_EVALUATED,
        reason=control.manual or f"There is no check for this control yet; it would read {control.pending}",
        remains=control.remains,
        meanings={str(verdict): meaning for verdict, meaning in pack.meanings.items()},
    )
