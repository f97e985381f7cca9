"""Which steps a query or check depends on, told from the services' declarations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from loader import services
from loader.model import ANY_TYPES
from loader.services import SUBSCRIPTION

# What a question about everything in Azure needs.
EVERYTHING = "everything"
# What a question about runs, changes and alerts needs, which azgraph itself writes: nothing of Azure.
HISTORY = "history"


def parents_of(entity_type: str) -> tuple[str, ...]:
    """The types whose entities this type is fetched for, or is part of."""
    declared = services.entity_types().get(entity_type)
    return services.parents_of(declared) if declared is not None else ()


@cache
def ancestors(entity_type: str) -> frozenset[str]:
    """Its parents, their parents and so on, without the subscription: every run names those it loads."""
    found: set[str] = set()
    waiting = [entity_type]
    while waiting:
        new = [one for one in parents_of(waiting.pop()) if one not in found and one != SUBSCRIPTION]
        found.update(new)
        waiting.extend(new)
    return frozenset(found)


def in_each_subscription(step: str) -> bool:
    """Whether a step (`type` or `type.detail`) is taken once a subscription; otherwise once for the tenant."""
    declared = services.entity_types().get(step.partition(".")[0])
    return declared is not None and services.in_each_subscription(declared)


def closure(needs: Iterable[str]) -> tuple[str, ...]:
    """The needs with all they hang on: a detail needs its type, a child its parents' list.

    What belongs to entities of several types needs no list of theirs: its own step tells of which it is whole.
    """
    steps: dict[str, None] = {}
    named = tuple(need for need in needs if need != HISTORY)
    for need in sorted({*services.steps(), *named} - {EVERYTHING}) if EVERYTHING in named else named:
        name = need.partition(".")[0]
        lists = sorted(ancestors(name)) if len(parents_of(name)) == 1 else ()
        steps |= dict.fromkeys((*lists, name, need))
    return tuple(steps)


@cache
def known_steps() -> frozenset[str]:
    """Every step that a query may need: fetched types, types embedded in others, `type.detail`, imported types."""
    return frozenset({*services.steps(), *services.IMPORTED})


@cache
def known_labels() -> frozenset[str]:
    """Every entity type a query may name: declared ones, and those that relationships end at."""
    declared = services.entity_types()
    labels = set(declared)
    for entity_type in declared.values():
        for relationship in entity_type.relationships:
            other = relationship.other
            labels.update((other,) if isinstance(other, str) else other)
    return frozenset(labels - ANY_TYPES)
