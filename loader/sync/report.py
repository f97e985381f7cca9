"""What a run tells: one line for each step, and the summary that `azgraph sync --format json` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from loader.actors.asking import Listing
from loader.areas import SHARED
from loader.graph.readings import NOT_OLDER, Older
from loader.model import Outcome, Quiet, Status

# The worst of several outcomes names the step's own.
_BADNESS = {
    Status.COMPLETE: 0,
    Status.SKIPPED: 1,
    Status.UNAVAILABLE: 2,
    Status.FORBIDDEN: 3,
    Status.FAILED: 4,
}


# So many resources of a type may all be gone at once and it is still believed.
_GONE_AT_ONCE = 3
# So many names stand in a sentence.
_FEW = 5
# So many different reasons of one run are kept.
_MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class StepReport:
    """How one step ended in one area. seconds are wall-clock; calls are answers asked of Azure for it.

    quiet: why a step that was not read is no failure of the run. incomplete_parents: of a step that is taken for
    entities of several types, those types whose lists were not whole; what belongs to the other types is. unknown: the
    keys of the entities of which a detail is not known; none where it is not known of any. older: what was not read in
    this run, since the configuration lets it be older.
    """

    name: str
    scope: str
    status: Status
    reason: str
    calls: int
    entities: int
    seconds: float
    incomplete_parents: tuple[str, ...] = ()
    quiet: Quiet | None = None
    unknown: tuple[str, ...] = ()
    older: Older = NOT_OLDER

    @property
    def outcome(self) -> Outcome:
        """How it ended, as the words every room speaks."""
        return Outcome(self.status, self.reason, self.quiet)

    def as_json(self) -> dict[str, Any]:
        """As a summary shows it; parents and entities of which not all is known are in the reason, in words."""
        shown: dict[str, Any] = {
            "name": self.name,
            "scope": self.scope,
            "status": str(self.status),
            "reason": self.reason,
            "calls": self.calls,
            "entities": self.entities,
            "seconds": round(self.seconds, 3),
            "quiet": self.quiet,
        }
        if self.older.since is not None:
            shown["older"] = {"count": self.older.count, "since": self.older.since.isoformat(timespec="seconds")}
        return shown


@dataclass(slots=True)
class Summary:
    """The result of a run, in the shape that scripts read.

    throttling: the buckets of Azure's that made the run wait (`bucket`, `throttled`: refusals, `waited`: seconds).
    left_out: types and subscriptions that the user left out by name. actors: of how many changes it is known who made
    them (`told`), of how many there are several candidates (`unclear`), of how many nothing is known (`unknown`).
    spared: lists that were not asked, since the inventory of their subscription names nothing of their type.
    """

    run: str
    status: str
    entities: Mapping[str, int]
    relationships: Mapping[str, int]
    changes: Mapping[str, int]
    steps: list[StepReport] = field(default_factory=list)
    http: Mapping[str, int] = field(default_factory=dict)
    throttling: list[Mapping[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: Mapping[str, list[str]] = field(default_factory=dict)
    actors: Mapping[str, int] = field(default_factory=dict)
    spared: int = 0

    def as_json(self) -> dict[str, Any]:
        """The object of `--format json`."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {
            "steps": [step.as_json() for step in self.steps]
        }


def kept_report(
    steps: Iterable[StepReport],
    http: Mapping[str, int],
    throttling: Iterable[Mapping[str, Any]],
    left_out: Mapping[str, list[str]],
) -> dict[str, Any]:
    """What the graph keeps of a run for `azgraph runs`: small however many subscriptions there are.

    `steps`: by step, in how many areas it was taken, what it cost and found. `notLoaded`: what was not read, each
    reason once, with the areas that it is about. `older`: what was not read in this run, by step: of so many resources,
    and when the oldest of it was read.
    """
    steps = list(steps)
    taken: dict[str, dict[str, float]] = {}
    missing: dict[tuple[str, str, str, str], list[str]] = {}
    for step in steps:
        row = taken.setdefault(step.name, {"areas": 0, "calls": 0, "entities": 0, "seconds": 0.0})
        row["areas"] += 1
        row["calls"] += step.calls
        row["entities"] += step.entities
        row["seconds"] = round(row["seconds"] + step.seconds, 3)
        if step.status is not Status.COMPLETE:
            why = (step.name, str(step.status), str(step.quiet or ""), step.reason.replace(step.scope, "…"))
            missing.setdefault(why, []).append(step.scope)
    told = [
        {"step": name, "status": status, "quiet": quiet, "reason": reason, "areas": areas[:_FEW], "of": len(areas)}
        for (name, status, quiet, reason), areas in sorted(missing.items())
    ]
    return {
        "steps": dict(sorted(taken.items())),
        "notLoaded": told[:_MOST_KEPT],
        "notLoadedMore": max(0, len(told) - _MOST_KEPT),
        "http": dict(http),
        "throttling": list(throttling)[:_FEW],
        "leftOut": dict(left_out),
        "older": {
            name: {"count": one.count, "since": one.since.isoformat(timespec="seconds")}
            for name, one in older_steps(steps).items()
            if one.since is not None
        },
    }


def older_steps(steps: Iterable[StepReport]) -> dict[str, Older]:
    """What was not read in this run since it may be older, by step, over all areas."""
    found: dict[str, Older] = {}
    for step in steps:
        if step.older.since is not None:
            before = found.get(step.name, step.older)
            oldest = min(before.since or step.older.since, step.older.since)
            count = step.older.count + (before.count if step.name in found else 0)
            found[step.name] = Older(count, oldest)
    return dict(sorted(found.items()))


def older_words(steps: Iterable[StepReport]) -> list[str]:
    """The same in a sentence; none where everything was read."""
    found = older_steps(steps)
    if not found:
        return []
    oldest = min(one.since for one in found.values() if one.since is not None)
    parts = sum(one.count for one in found.values())
    sentence = (
        f"{parts:,} lists and details of {len(found)} steps were not read again, since the configuration lets them be "
        f"older (freshness); the oldest are as of {oldest:%Y-%m-%d %H:%M} UTC: {few(found)}."
    )
    return [sentence]


def of_listings(listings: Iterable[Listing]) -> list[StepReport]:
    """How the logs were read that tell who made changes, as steps. None of them can make a run less than complete."""
    return [
        StepReport(one.step, one.area, one.outcome.status, one.outcome.reason, one.calls, one.deeds, 0.0,
                   quiet=one.outcome.quiet)
        for one in listings
    ]  # fmt: skip


def unknown_makers(listings: Iterable[Listing]) -> list[str]:
    """A sentence for each reason why the makers of some changes are not known, once. A recording without is none."""
    reasons = {one.outcome.reason for one in listings if one.outcome.status not in (Status.COMPLETE, Status.SKIPPED)}
    return [f"Who made some of the changes is not known. {reason}" for reason in sorted(reasons)]


_QUIETLY = {
    Quiet.NOT_OFFERED: "not offered",
    Quiet.NOT_LICENSED: "not licensed",
    Quiet.RETIRED: "retired by Azure",
    Quiet.GONE: "deleted while it was read",
    Quiet.DISABLED: "not read, for the subscription is disabled",
    Quiet.WITHHELD: "not open to the subscription",
    Quiet.LEFT_OUT: "left out by the configuration",
    Quiet.OPTIONAL: "not read whole, and nothing else rests on it",
}


def quiet_ends(steps: Iterable[StepReport]) -> list[str]:
    """What was not read and is nobody's fault, each kind once: "2 types are not licensed: azure_…, azure_…"."""
    names: dict[Quiet, set[str]] = {}
    for step in steps:
        # What several subscriptions list is told for each of them.
        spare = step.quiet is Quiet.OPTIONAL and "." in step.name
        if step.quiet in _QUIETLY and step.scope != SHARED and not spare:
            names.setdefault(step.quiet, set()).add(step.name.partition(".")[0])
    told = []
    for quiet in (kind for kind in Quiet if kind in names):
        verb = "types are" if len(names[quiet]) > 1 else "type is"
        told.append(f"{len(names[quiet])} {verb} {_QUIETLY[quiet]}: {few(names[quiet])}.")
    return told


def few(names: Iterable[str]) -> str:
    """The first names, sorted, and how many more there are."""
    listed = sorted(names)
    more = f" and {len(listed) - _FEW} more" if len(listed) > _FEW else ""
    return f"{', '.join(listed[:_FEW])}{more}"


def worst(outcomes: Iterable[Outcome], parts: str) -> Outcome:
    """One outcome for a step of many scopes. parts: what the scopes are, for the sentence ("key vaults").

    It is quiet only where all that was not read ended quietly: a failure never hides behind what is nobody's fault.
    """
    listed = list(outcomes)
    broken = [outcome for outcome in listed if not outcome.whole]
    if not broken:
        return next((one for one in listed if one.reason), Outcome())
    loud = [outcome for outcome in broken if not outcome.accounted]
    first = max(loud or broken, key=lambda outcome: _BADNESS[outcome.status])
    if len(listed) == 1:
        return first
    told = f"{len(loud or broken)} of {len(listed)} {parts}: {first.reason}"
    return Outcome(first.status, told, first.quiet)


def believed(outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """The outcomes by key, without the word "gone" where it stands for everything.

    One of many may be deleted between the list and the call about it. That all of them were is no deletion: what we ask
    is not what Azure answers, and a run must not end well with it.
    """
    everything = len(outcomes) > _GONE_AT_ONCE and all(one.quiet is Quiet.GONE for one in outcomes.values())
    return {key: replace(one, quiet=None) if everything else one for key, one in outcomes.items()}
