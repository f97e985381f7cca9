"""The three questions: who can, what can one do, and how one comes by it. Each row is one way, with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from loader.access.capabilities import CAPABILITIES
from loader.access.evaluation import Grant, Place, Way
from loader.access.given_by import AZURE, DIRECTORY
from loader.effective.denies import Denials, denials_at
from loader.effective.known import steps_for, unknown_about
from loader.effective.places import Target, target_of
from loader.effective.reading import (
    Named,
    grants_at,
    grants_of,
    groups_of,
    members_of,
    memberships,
    names_of,
    terms_of,
)
from loader.effective.roles import possible_at, remaining_at, roles_of, unnarrowed_at
from loader.effective.withheld import withheld_at
from loader.errors import UsageError
from loader.library.resolving import resolve_name
from loader.nearest import alternatives

if TYPE_CHECKING:
    from loader.graph import Database

WHO = ("who", "type", "how", "role", "scope", "through", "condition", "account", "id")
OF = ("scope", "type", "role", "how", "capabilities", "through", "condition", "denied", "id")
EXPLAIN = ("how", "capabilities", "role", "scope", "through", "condition", "denied", "takenAway", "assignment")
_GROUP = "azure_user_group"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows with their columns; about: what was asked, by the keys that names stood for; not_known: sentences for what
    was not loaded whole, without which the rows may lack something.
    """

    title: str
    about: dict[str, str]
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    not_known: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The whole of it; `known` is false where something was not loaded whole."""
        return {**self.about, "known": not self.not_known, "notKnown": self.not_known, "rows": self.rows}


@dataclass(frozen=True, slots=True)
class _Told:
    """What rows say besides the ways themselves: names by key, the terms of memberships, deny assignments."""

    names: dict[str, Named]
    terms: dict[tuple[str, str], str]
    denials: Denials

    def through(self, way: Way) -> str:
        """The groups by which the principal comes to what was given, each with the terms of being in it."""
        steps = pairwise((way.principal, *way.groups))
        return " → ".join(
            f"{self.names[group].name} ({terms})"
            if (terms := self.terms.get((member, group)))
            else self.names[group].name
            for member, group in steps
        )


def who_can(database: Database, capability: str, resource: str) -> Answer:
    """Everybody who has a capability at a resource. Raises UsageError for names that there are not."""
    refuse_unknown(capability)
    target = target_of(database, _key(database, "place", resource, "resource"))
    possible = possible_at(target)
    if not possible(capability):
        others = ", ".join(one.id for one in CAPABILITIES if possible(one.id) and one.azure_actions)
        raise UsageError(
            f"{capability} is nothing that can be done to {target.name} ({target.type}). Ask for: {others}."
        )
    grants = unnarrowed_at(target, capability, grants_at(database, target.places, target.kinds, capability))
    unknown = [one for one in grants if one.capabilities is None]
    place, denials = _place(database, target, grants, members_of(database, {one.holder for one in grants}))
    ways = place.who(capability)
    told = _told(database, target, ways, denials)
    names = told.names
    # Nobody is in a group that was told to be empty.
    ways = [way for way in ways if not (names[way.principal].type == _GROUP and names[way.principal].members == 0)]
    rows = [_who_row(target, way, told) for way in _ordered(ways, names)]
    return Answer(
        f"Who can {capability} on {target.name}",
        {"capability": capability, "resource": target.key},
        WHO,
        rows,
        [*unknown_about(database, target), *_unknown_roles(unknown), *_unknown_members(ways, names)],
    )


def explain(database: Database, principal: str, resource: str) -> Answer:
    """How a principal comes by what it has at a resource, and what was taken away from it."""
    who = _key(database, "principal", principal, "principal")
    target = target_of(database, _key(database, "place", resource, "resource"))
    found = groups_of(database, {who})
    holders = {who} | {group for (_, group), _ in found}
    grants = [one for one in grants_at(database, target.places, target.kinds) if one.holder in holders]
    place, denials = _place(database, target, grants, found)
    ways = place.of(who)
    told = _told(database, target, ways, denials, who)
    unknown = [one for one in grants if one.capabilities is None]
    return Answer(
        f"What {told.names[who].name} can do on {target.name}, and why",
        {"principal": who, "resource": target.key},
        EXPLAIN,
        [_explain_row(target, way, told) for way in _ordered(ways, told.names)],
        [*unknown_about(database, target), *_unknown_roles(unknown)],
    )


def access_of(database: Database, principal: str) -> Answer:
    """Everything that a principal was given, itself and through its groups, each where it was given."""
    who = _key(database, "principal", principal, "principal")
    found = groups_of(database, {who})
    grants = grants_of(database, {who} | {group for (_, group), _ in found})
    rows = []
    unknown: list[str] = []
    for scope in dict.fromkeys(one.scope for one in grants):
        target = target_of(database, scope)
        here = [one for one in grants if one.scope == scope]
        place, denials = _place(database, target, here, found)
        ways = place.of(who)
        told = _told(database, target, ways, denials, who)
        rows += [_of_row(target, way, told) for way in _ordered(ways, told.names)]
        unknown += target.unknown
    name = names_of(database, [who])[who].name
    lacking = unknown_about(database, None)
    return Answer(
        f"What {name} was given",
        {"principal": who},
        OF,
        rows,
        list(dict.fromkeys([*lacking, *unknown, *_unknown_roles([one for one in grants if one.capabilities is None])])),
    )


def _key(database: Database, kind: Any, named: str, asked: str) -> str:
    return resolve_name(database, kind, named, asked=f"{asked} {named.strip()}", needs=steps_for((*AZURE, *DIRECTORY)))


def refuse_unknown(capability: str) -> None:
    """Raises UsageError for a capability that there is not, with the nearest ones."""
    known = [one.id for one in CAPABILITIES]
    if capability not in known:
        raise UsageError(f"There is no capability {capability!r}. {alternatives(capability, known)}")


def _place(
    database: Database, target: Target, grants: Sequence[Grant], found: set[tuple[tuple[str, str], bool]]
) -> tuple[Place, Denials]:
    denials = denials_at(database, target.places)
    if denials.denies:
        # Whom a deny names or spares is a matter of all groups one is in, not only of those that hold something.
        reached = {member for (member, _), _ in found} | {one.holder for one in grants}
        found = found | groups_of(database, reached)
    remaining = remaining_at(target, roles_of(database, grants), denials.blocks, withheld_at(database, target, grants))
    return Place(target.places, grants, denials.denies, memberships(found), remaining), denials


def _told(database: Database, target: Target, ways: Iterable[Way], denials: Denials, *more: str) -> _Told:
    keys = {target.key, *more}
    steps: set[tuple[str, str]] = set()
    for way in ways:
        keys.update((way.principal, way.grant.scope, *way.groups))
        steps.update(pairwise((way.principal, *way.groups)))
    return _Told(names_of(database, keys), terms_of(database, steps), denials)


def _ordered(ways: Iterable[Way], names: dict[str, Named]) -> list[Way]:
    """What holds now and unconditionally first; then by name."""
    return sorted(
        ways,
        key=lambda way: (
            not way.capabilities,
            not way.plain,
            names[way.principal].name.lower(),
            way.grant.role_name,
            way.grant.scope,
            way.grant.assignment,
        ),
    )


def how(way: Way) -> str:
    """Whether it holds now, or what it takes first."""
    told = "eligible" if way.eligible else "active"
    if way.eligible and way.grant.needs_approval:
        told += ", needs approval"
    told += ", taken up" if way.grant.taken_up else ""
    told += ", under Lighthouse" if way.grant.kind == "lighthouse" else ""
    if way.grant.until:
        told += f", until {way.grant.until[:10]}"
    told += ", under a condition" if way.grant.condition else ""
    told += ", perhaps denied" if way.perhaps_denied_by else ""
    return told if way.capabilities or not way.taken_away else "denied"


def _who_row(target: Target, way: Way, told: _Told) -> dict[str, Any]:
    who = told.names[way.principal]
    account = "not loaded" if who.stub else "disabled" if who.enabled is False else ""
    shared = _shared(target, way, told)
    return {"who": who.name, "type": _kind(who), **shared, "account": account, "id": who.key}


def _explain_row(target: Target, way: Way, told: _Told) -> dict[str, Any]:
    return {
        **_shared(target, way, told),
        "capabilities": sorted(way.capabilities),
        "takenAway": sorted(way.taken_away),
    }


def _of_row(target: Target, way: Way, told: _Told) -> dict[str, Any]:
    return {
        **_explain_row(target, way, told),
        "type": _kind(told.names[target.key]),
        "id": target.key,
    }


def _shared(target: Target, way: Way, told: _Told) -> dict[str, Any]:
    grant, names = way.grant, told.names
    return {
        "how": how(way),
        "role": grant.role_name or grant.role,
        "scope": names[grant.scope].name,
        "through": told.through(way),
        "condition": grant.condition,
        "denied": sorted(told.denials.names[key] for key in (*way.denied_by, *way.perhaps_denied_by)),
        "assignment": grant.assignment,
        "plain": way.plain and bool(way.capabilities) and not way.perhaps_denied_by,
        "chain": [
            {"key": key, "name": names[key].name, "type": names[key].type}
            for key in dict.fromkeys((way.principal, *way.groups, grant.scope, target.key))
        ],
        "deniedBy": [*way.denied_by],
        "perhapsDeniedBy": [*way.perhaps_denied_by],
    }


def _kind(named: Named) -> str:
    return named.type.removeprefix("azure_").replace("_", " ")


def _unknown_roles(grants: Iterable[Grant]) -> list[str]:
    roles = sorted({one.role_name or one.role or one.assignment for one in grants})
    return [f"azure_role_definition: what {one} lets its holder do is not loaded." for one in roles]


def _unknown_members(ways: Iterable[Way], names: dict[str, Named]) -> list[str]:
    groups = {names[way.principal].name for way in ways if names[way.principal].type == _GROUP}
    return [f"azure_user_group.members: who is in the group {one} is not known." for one in sorted(groups)]
