"""How old the evidence of a verdict is: told where it is older than the latest run, refused where a check wants so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from loader.coverage.ages import Ages, moment
from loader.coverage.coverage import Coverage
from loader.library.definitions import Check
from loader.packs.results import ResourceResult
from loader.spans import told
from loader.verdicts import Verdict

if TYPE_CHECKING:
    from loader.graph import Database


class Aging:
    """The ages of all that one check rests on. steps: with what they hang on; now: when the check is asked."""

    def __init__(
        self, database: Database, check: Check, coverage: Coverage, steps: Sequence[str], *, now: datetime | None = None
    ) -> None:
        self._coverage, self._demands, self._now = coverage, check.max_age, now or datetime.now(UTC)
        older = any(step in steps for step, _ in coverage.older)
        self._ages = Ages.of(database, steps, demanded=self._demands) if older or self._demands else Ages()
        self._places: dict[tuple[str, str], frozenset[str]] = {}

    def judged(self, one: ResourceResult, steps: Iterable[str], kinds: Sequence[str]) -> ResourceResult:
        """The result with the age of its evidence; not evaluated where that is older than the check allows.

        steps: those that this verdict hangs on. kinds: the entity types that the check takes the resource for.
        """
        older = self._ages.older({step: self._areas(step, one.area) for step in steps}, kinds, one.key, one.parent)
        if one.verdict is not Verdict.NOT_EVALUATED and (too_old := self._too_old(older, one.area)):
            return replace(one, verdict=Verdict.NOT_EVALUATED, reason=too_old, as_of="")
        if not older:
            return one
        ages = ", ".join(f"{step} as of {moment(at)}" for step, at in sorted(older.items()))
        return replace(one, reason=f"{one.reason} ({ages}.)".lstrip(), as_of=min(older.values()).isoformat())

    def _areas(self, step: str, area: str) -> frozenset[str]:
        if (step, area) not in self._places:
            self._places[step, area] = frozenset(self._coverage.areas(step, area))
        return self._places[step, area]

    def _too_old(self, older: Mapping[str, datetime], area: str) -> str:
        for step, allowed in self._demands.items():
            at = older.get(step) or self._read(step, area)
            if at is not None and self._now - at > allowed:
                return (
                    f"{step} was read {moment(at)}, {told(self._now - at)} ago, and this check allows "
                    f"{_span(allowed)} at most: run `azgraph sync --fresh --only {step.partition('.')[0]}`."
                )
        return ""

    def _read(self, step: str, area: str) -> datetime | None:
        """When the latest run that read a step whole began; the oldest of several areas."""
        times = [self._ages.read.get((step, place)) for place in self._areas(step, area)]
        return min((one for one in times if one is not None), default=None)


def _span(allowed: timedelta) -> str:
    return "1 hour" if allowed == timedelta(hours=1) else "1 day" if allowed == timedelta(days=1) else told(allowed)
