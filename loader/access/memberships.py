"""Who is in which group, through how many groups ever, now or once an eligible membership is taken up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations

Step = tuple[str, str]
# So many eligible memberships of one principal are taken up in all combinations; of more, one at a time and all.
_ALL_COMBINATIONS = 8


@dataclass(frozen=True, slots=True)
class Reached:
    """One that is in a group. groups: from its own group to that one; eligible: one of these has to be taken up."""

    principal: str
    groups: tuple[str, ...]
    eligible: bool


@dataclass
class Memberships:
    """The direct memberships among those that matter: `now` and `eligible`, each member → its groups."""

    now: dict[str, set[str]] = field(default_factory=dict)
    eligible: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, now: Iterable[Step], eligible: Iterable[Step] = ()) -> Memberships:
        """From pairs of a member and its group."""
        made = cls()
        for pairs, kept in ((now, made.now), (eligible, made.eligible)):
            for member, group in pairs:
                kept.setdefault(member, set()).add(group)
        return made

    def identities(self, principal: str, taken_up: Iterable[Step] = ()) -> frozenset[str]:
        """The principal and all groups it is in, with some eligible memberships taken up."""
        more: dict[str, set[str]] = {}
        for member, group in taken_up:
            more.setdefault(member, set()).add(group)
        found, waiting = {principal}, [principal]
        while waiting:
            one = waiting.pop()
            new = (self.now.get(one, set()) | more.get(one, set())) - found
            found |= new
            waiting.extend(new)
        return frozenset(found)

    def to_take_up(self, principal: str) -> tuple[Step, ...]:
        """The eligible memberships that the principal can come to, in a fixed order."""
        if not self.eligible:
            return ()
        steps = ((member, group) for member in self._walk(principal, eligible=True)
                 for group in self.eligible.get(member, ()))  # fmt: skip
        return tuple(sorted(steps))

    def choices(self, principal: str) -> Iterator[tuple[Step, ...]]:
        """Which of them may be taken up together, none first."""
        steps = self.to_take_up(principal)
        if len(steps) <= _ALL_COMBINATIONS:
            yield from chain.from_iterable(combinations(steps, count) for count in range(len(steps) + 1))
        else:
            yield from ((), *((one,) for one in steps), steps)

    def path(self, principal: str, group: str) -> Reached | None:
        """How the principal comes to be in the group, the shortest way; through eligible ones only where it must."""
        if principal == group:
            return Reached(principal, (), eligible=False)
        for eligible in (False, True):
            before = self._walk(principal, eligible=eligible)
            if group in before:
                return Reached(principal, tuple(_back(before, group, principal))[::-1], eligible)
        return None

    def _walk(self, principal: str, *, eligible: bool) -> dict[str, str]:
        before: dict[str, str] = {principal: ""}
        waiting = deque([principal])
        while waiting:
            one = waiting.popleft()
            nexts = self.now.get(one, set()) | (self.eligible.get(one, set()) if eligible else set())
            for group in sorted(nexts - before.keys()):
                before[group] = one
                waiting.append(group)
        return before


def _back(before: Mapping[str, str], last: str, first: str) -> Iterator[str]:
    while last != first:
        yield last
        last = before[last]


class Members:
    """The same the other way: who is in a group. Made once for all groups that are asked about."""

    def __init__(self, memberships: Memberships) -> None:
        self._now = _turned(memberships.now)
        self._eligible = _turned(memberships.eligible)

    def has_members(self, key: str) -> bool:
        """Whether anybody is in it or may be."""
        return key in self._now or key in self._eligible

    def of(self, holder: str) -> list[Reached]:
        """The holder itself and all in it, the shortest way each; those in it now first."""
        toward: dict[str, str] = {holder: ""}
        waiting = deque([holder])
        while waiting:
            group = waiting.popleft()
            for member in sorted(self._now.get(group, ())):
                if member not in toward:
                    toward[member] = group
                    waiting.append(member)
        now = set(toward)
        waiting = deque(toward)
        while waiting:
            group = waiting.popleft()
            found = self._eligible.get(group, set()) | (self._now.get(group, set()) if group not in now else set())
            for member in sorted(found):
                if member not in toward:
                    toward[member] = group
                    waiting.append(member)
        return [Reached(one, tuple(_onward(toward, one)), one not in now) for one in toward]


def _onward(toward: Mapping[str, str], one: str) -> Iterator[str]:
    while group := toward[one]:
        yield group
        one = group


def _turned(groups_of: Mapping[str, set[str]]) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {}
    for member, groups in groups_of.items():
        for group in groups:
            members.setdefault(group, set()).add(member)
    return members
