"""What a run tells: one line for each step, and the summary that `azgraph sync --format json` prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from loader.model import Outcome, Status

# The worst of several outcomes names the step's own.
_BADNESS = {
    Status.COMPLETE: 0,
    Status.SKIPPED: 1,
    Status.UNAVAILABLE: 2,
    Status.FORBIDDEN: 3,
    Status.FAILED: 4,
}


@dataclass(frozen=True, slots=True)
class StepReport:
    """How one step ended in one area. seconds are wall-clock; calls are answers asked of Azure for it.

    incomplete_parents: of a step that is taken for entities of several types, those types whose lists were not whole;
    what belongs to the other types is.
    """

    name: str
    scope: str
    status: Status
    reason: str
    calls: int
    entities: int
    seconds: float
    incomplete_parents: tuple[str, ...] = ()


@dataclass(slots=True)
class Summary:
    """The result of a run, in the shape that scripts read."""

    run: str
    status: str
    entities: Mapping[str, int]
    relationships: Mapping[str, int]
    changes: Mapping[str, int]
    steps: list[StepReport] = field(default_factory=list)
    http: Mapping[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object of `--format json`."""
        shown = asdict(self)
        shown["steps"] = [
            {**asdict(step), "status": str(step.status), "seconds": round(step.seconds, 3)} for step in self.steps
        ]
        for step in shown["steps"]:
            del step["incomplete_parents"]  # the reason says it in words
        return shown


def worst(outcomes: Iterable[Outcome], parts: str) -> Outcome:
    """One outcome for a step of many scopes. parts: what the scopes are, for the sentence ("key vaults")."""
    listed = list(outcomes)
    broken = [outcome for outcome in listed if not outcome.whole]
    if not broken:
        return Outcome()
    first = max(broken, key=lambda outcome: _BADNESS[outcome.status])
    if len(listed) == 1:
        return first
    return Outcome(first.status, f"{len(broken)} of {len(listed)} {parts}: {first.reason}")
