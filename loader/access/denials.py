"""Which deny assignments may take something from a role assignment: found by place, not by trying each with each.

A deny assignment is near where it stands at the assignment's scope, above it or below it. It may mean the holder where
it names the holder or may name a group of the holder's; whether it really does is for `loader/access/evaluation.py`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Denial:
    """One deny assignment at one place. of_groups: it names groups or everybody, so that holders may be meant that it
    does not name. everywhere: its place is above subscriptions, and what lies below it is not told by keys.
    """

    key: str
    place: str
    named: frozenset[str]
    spared: frozenset[str]
    of_groups: bool
    everywhere: bool


class Denials:
    """All deny assignments of a graph."""

    def __init__(self, denials: Iterable[Denial]) -> None:
        self._all = list(denials)
        self._everywhere = [one for one in self._all if one.everywhere]
        self._at: dict[str, list[Denial]] = defaultdict(list)
        for one in self._all:
            if not one.everywhere:
                self._at[one.place].append(one)
        self._places = sorted(self._at)

    def of(self, holder: str, scope: str, *, is_group: bool) -> list[str]:
        """The keys of those that may take from what `holder` has at `scope`, sorted. is_group: the holder is one."""
        found = {
            one.key
            for one in self._near(scope)
            if holder not in one.spared and (one.of_groups or is_group or holder in one.named)
        }
        return sorted(found)

    def _near(self, scope: str) -> Iterator[Denial]:
        if not scope.startswith("/subscriptions/"):
            yield from self._all
            return
        yield from self._everywhere
        if not self._at:
            return
        parts = scope.split("/")
        for length in range(2, len(parts) + 1):
            yield from self._at.get("/".join(parts[:length]), ())
        below = f"{scope}/"
        for at in range(bisect_left(self._places, below), len(self._places)):
            if not self._places[at].startswith(below):
                break
            yield from self._at[self._places[at]]
