"""What was not loaded whole of all that an answer rests on: nobody has no access because nobody looked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from loader.access.given_by import AZURE, DIRECTORY, GROUPS, STEPS
from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure, known_steps
from loader.effective.places import Target

if TYPE_CHECKING:
    from loader.graph import Database


def steps_for(kinds: Iterable[str]) -> tuple[str, ...]:
    """The steps that tell of access given in these ways, and of groups."""
    known = known_steps()
    named = [step for kind in kinds for step in STEPS[kind]]
    return tuple(step for step in dict.fromkeys((*named, *GROUPS)) if step in known)


def unknown_about(database: Database, target: Target | None) -> list[str]:
    """Sentences that name the steps that were not loaded whole; without a target, of everything there is."""
    needs = closure(steps_for(target.kinds if target else (*AZURE, *DIRECTORY)))
    coverage = Coverage.read(database, needs)
    area = target.area if target else ""
    told = [*(gap.sentence for gap in coverage.gaps(needs, area)), *coverage.told_older(needs, area)]
    return [*(target.unknown if target else ()), *told]
