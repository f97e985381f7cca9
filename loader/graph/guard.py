"""The guard: what would go is counted over type, area and run before the first deletion, and too much of it stays.

A subscription whose reader lost its role answers every list with an empty one, so each type alone looks harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from loader.areas import is_subscription

GUARD_SHARE = 0.10
GUARD_COUNT = 20
# A subscription of more than these that has nothing left at once is more likely unreadable than empty.
_EMPTIED = 5


@dataclass(frozen=True, slots=True)
class Gone:
    """What one step would delete in one area: the digests of the keys that its whole scopes no longer have.

    scopes: those whole scopes; stored: how many the step had there before; silent: whether a scope's deletions are no
    changes.
    """

    step: str
    area: str
    scopes: list[str]
    keys: set[int]
    stored: int
    silent: Callable[[str], bool]


def hold_back(found: Iterable[Gone], stored: Mapping[str, int]) -> tuple[list[Gone], list[str]]:
    """What may be deleted, and a sentence for everything that is kept. stored: entities before the run, by area."""
    listed = list(found)
    by_area: Counter[str] = Counter()
    for one in listed:
        by_area[one.area] += len(one.keys)
    everything, total = sum(by_area.values()), sum(stored.values())
    if _too_many(everything, total) and len(by_area) > 1:
        return [], [f"{everything} of {total} entities in {len(by_area)} areas {_KEPT}"]
    allowed: list[Gone] = []
    told: list[str] = []
    for area, count in sorted(by_area.items()):
        inside = [one for one in listed if one.area == area]
        emptied = is_subscription(area) and count == stored[area] and count > _EMPTIED
        if emptied or (_too_many(count, stored[area]) and len(inside) > 1):
            told.append(f"{count} of {stored[area]} entities in {area} {_KEPT}")
            continue
        for one in inside:
            if _too_many(len(one.keys), one.stored):
                told.append(f"{len(one.keys)} of {one.stored} {one.step} in {area} {_KEPT}")
            else:
                allowed.append(one)
    return allowed, told


_KEPT = (
    "are gone from Azure's answers; they were kept. Look whether the identity can still read there (Reader on the "
    "subscription); if they were really deleted, run again with --accept-deletions."
)


def _too_many(gone: int, stored: int) -> bool:
    return gone > GUARD_COUNT and gone > GUARD_SHARE * stored
