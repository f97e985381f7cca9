"""What is not answered when some steps are not loaded: types, checks of the library, alert rules; and saying so."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from loader.alerts.library import shipped_rules
from loader.connect.finding import Finding, State, Unanswered
from loader.connect.topics import Topic
from loader.library.library import shipped_library
from loader.services import entity_types
from loader.sync.choosing import with_children


def unanswered(steps: Iterable[str]) -> Unanswered:
    """What needs one of these steps, or what is fetched for their entities."""
    lost = _with_details(with_children(entity_types(), set(steps)))
    types = tuple(sorted({step for step in lost if "." not in step}))
    checks = [name for name, one in shipped_library().checks.items() if lost.intersection((*one.resource, *one.needs))]
    rules = [name for name, needs in _rules() if lost.intersection(needs)]
    return Unanswered(types, tuple(sorted(checks)), tuple(sorted(rules)))


def _with_details(lost: set[str]) -> set[str]:
    """With a type its details are lost."""
    known = entity_types()
    return lost | {f"{name}.{one.name}" for name in lost if name in known for one in known[name].details}


def missing(subject: str, topic: Topic, says: str, command: str, steps: Iterable[str]) -> Finding:
    """The finding that a right is not there, with all that is not answered for it."""
    lost = tuple(sorted(set(steps)))
    return Finding(subject, State.MISSING, says, command, topic.heading, lost, unanswered(lost))


@cache
def _rules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((rule.id, tuple(rule.needs)) for rule in shipped_rules().rules.values())
