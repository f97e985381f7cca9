"""What is not answered when some steps are not loaded: types, checks of the library, alert rules."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from loader.alerts.library import load_rules
from loader.connect.finding import Unanswered
from loader.library.library import shipped_library
from loader.services import entity_types, parents_of


def unanswered(steps: Iterable[str]) -> Unanswered:
    """What needs one of these steps, or what is fetched for their entities."""
    lost = _with_children(set(steps))
    types = tuple(sorted({step for step in lost if "." not in step}))
    checks = [name for name, one in shipped_library().checks.items() if lost.intersection((*one.resource, *one.needs))]
    rules = [name for name, needs in _rules() if lost.intersection(needs)]
    return Unanswered(types, tuple(sorted(checks)), tuple(sorted(rules)))


def _with_children(lost: set[str]) -> set[str]:
    """A type whose parents are all lost is lost as well, and so are its details."""
    known = entity_types()
    while more := {name for name, one in known.items() if parents_of(one) and set(parents_of(one)) <= lost} - lost:
        lost |= more
    return lost | {f"{name}.{one.name}" for name in lost if name in known for one in known[name].details}


@cache
def _rules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((rule.id, tuple(rule.needs)) for rule in load_rules())
