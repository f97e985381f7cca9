"""Who has what at one place: assignments there and above, through groups, less what is denied.

Azure's own order (https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource):
an assignment holds at its scope and below; a deny assignment that is in effect takes its actions away from whom it
names, however they came by them, but not from whom it excludes. What holds under a condition, or has to be taken up
first, says so and is never counted as plain access; a deny that holds under a condition, or may only audit, takes
nothing away for sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from loader.access.memberships import Members, Memberships, Reached


@dataclass(frozen=True, slots=True)
class Grant:
    """One assignment: to whom (`holder`), where (`scope`), which role, and how far it holds.

    kind: by what it was given (azure, directory, application, owner, policy, classic, lighthouse, an approver's).
    capabilities: those of the role; None where the role is not known. taken_up: it was eligible before, and is active
    for a time.
    """

    assignment: str
    holder: str
    scope: str
    kind: str = "azure"
    role: str = ""
    role_name: str = ""
    capabilities: frozenset[str] | None = frozenset()
    condition: str = ""
    eligible: bool = False
    until: str = ""
    needs_approval: bool | None = None
    taken_up: bool = False


@dataclass(frozen=True, slots=True)
class Deny:
    """One deny assignment. children: it holds below its scope too."""

    key: str
    name: str
    scope: str
    principals: frozenset[str]
    excluded: frozenset[str] = frozenset()
    everyone: bool = False
    children: bool = True
    condition: str = ""

    def holds_at(self, places: Sequence[str]) -> bool:
        """Whether it is in effect at the first of the places, which are that and all above it."""
        return self.scope == places[0] or (self.children and self.scope in places)

    def names(self, identities: frozenset[str]) -> bool:
        """Whether it is about one who has these identities: its own and its groups'."""
        return (self.everyone or bool(self.principals & identities)) and not self.excluded & identities


# What is left of a grant's capabilities once some deny assignments took away what they deny.
Remaining = Callable[[Grant, tuple[Deny, ...]], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way by which somebody has something at a place.

    groups: from the principal's own group to the one that holds the assignment. capabilities: what is left of it;
    taken_away: what deny assignments took, those in `denied_by`; perhaps_denied_by: such as hold under a condition.
    """

    principal: str
    grant: Grant
    groups: tuple[str, ...]
    eligible: bool
    capabilities: frozenset[str]
    taken_away: frozenset[str] = frozenset()
    denied_by: tuple[str, ...] = ()
    perhaps_denied_by: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it holds now and unconditionally."""
        return not self.eligible and not self.grant.condition


class Place:
    """A resource with all that bears on it: `places` are its key and those of all above it, nearest first."""

    def __init__(
        self,
        places: Sequence[str],
        grants: Iterable[Grant],
        denies: Iterable[Deny],
        memberships: Memberships,
        remaining: Remaining,
    ) -> None:
        above = set(places)
        self._grants = [one for one in grants if one.scope in above]
        self._denies = tuple(one for one in denies if one.holds_at(places))
        self._memberships = memberships
        self._remaining = lru_cache(maxsize=None)(remaining)

    def who(self, capability: str) -> list[Way]:
        """Everybody who has a capability here, by every assignment that gives it; groups give it to their members."""
        members = Members(self._memberships)
        return [
            way
            for grant in self._grants
            if capability in self._remaining(grant, ())
            for reached in members.of(grant.holder)
            if not members.has_members(reached.principal)
            for way in self._ways(reached, grant)
            if capability in way.capabilities
        ]

    def of(self, principal: str) -> list[Way]:
        """All that one principal has here, also what was taken away from it whole."""
        return [
            way
            for grant in self._grants
            if (reached := self._memberships.path(principal, grant.holder)) is not None
            for way in self._ways(reached, grant)
        ]

    def _ways(self, reached: Reached, grant: Grant) -> list[Way]:
        """One, or two where taking up a membership lets more be done than is possible now."""
        given = self._remaining(grant, ())
        certain = tuple(one for one in self._denies if not one.condition)
        perhaps = self._perhaps(reached, grant, given)
        # Two that take nothing each may take all together, where several actions give one capability.
        if not certain or self._remaining(grant, certain) == given:
            return [_way(reached, grant, given, given, (), perhaps, eligible=reached.eligible)]
        now: frozenset[str] = frozenset()
        later: frozenset[str] = frozenset()
        by: tuple[Deny, ...] = ()
        for taken_up in self._memberships.choices(reached.principal):
            identities = self._memberships.identities(reached.principal, taken_up)
            if grant.holder not in identities:
                continue
            denying = tuple(one for one in certain if one.names(identities))
            left = self._remaining(grant, denying)
            by = by or denying
            if taken_up:
                later |= left
            else:
                now = left
        ways = []
        if not reached.eligible:
            ways.append(_way(reached, grant, given, now, by, perhaps, eligible=False))
        if reached.eligible or later - now:
            ways.append(_way(reached, grant, given, later - now, by, perhaps, eligible=True))
        return ways

    def _perhaps(self, reached: Reached, grant: Grant, given: frozenset[str]) -> tuple[str, ...]:
        conditional = [one for one in self._denies if one.condition and self._remaining(grant, (one,)) != given]
        if not conditional:
            return ()
        identities = self._memberships.identities(reached.principal, self._memberships.to_take_up(reached.principal))
        return tuple(one.key for one in conditional if one.names(identities))


def _way(
    reached: Reached,
    grant: Grant,
    given: frozenset[str],
    left: frozenset[str],
    by: tuple[Deny, ...],
    perhaps: tuple[str, ...],
    *,
    eligible: bool,
) -> Way:
    return Way(
        principal=reached.principal,
        grant=grant,
        groups=reached.groups,
        eligible=eligible or grant.eligible,
        capabilities=left,
        taken_away=given - left,
        denied_by=tuple(one.key for one in by),
        perhaps_denied_by=perhaps,
    )
