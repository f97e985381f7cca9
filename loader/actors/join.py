"""From changes and deeds to who did it: by resource and time, and never a guess.

A change has an actor where all that was done to its resource in the time, as far as Azure tells, was done by one. Where
several did something, all of them are told, and none is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from loader.actors.deeds import Actor, Deed, Kind

# How a candidate is told whom Azure does not name.
NOT_NAMED = "(not named by Azure)"
# One of each is shown in a table; hundreds of candidates tell no more than some.
_MOST = 20


@dataclass(frozen=True, slots=True)
class Changed:
    """A change as the join needs it. parts_of: what it was answered as a part of, whose deeds may be its own; far: the
    other end of a relationship; since: from when on it can have happened.
    """

    id: str
    op: str
    key: str
    since: datetime
    parts_of: tuple[str, ...] = ()
    far: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the graph knows by a name of Azure's. key: the principal's; name: what people call it."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who made a change. deed: the latest of the one actor, whom `actor` describes; None where there are candidates."""

    deed: Deed | None
    actor: Actor | None = None
    known: Known | None = None
    client: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(slots=True)
class Deeds:
    """The deeds of one log by what they were done to. since: the log is whole from then on."""

    since: datetime
    by_target: dict[str, list[Deed]] = field(default_factory=dict)

    def add(self, deed: Deed) -> None:
        for target in deed.targets:
            self.by_target.setdefault(target, []).append(deed)

    def about(self, change: Changed) -> Iterator[Deed]:
        """What was done to the resource of a change since it can have happened; nothing where the log does not go back
        that far, since what it has forgotten may have been somebody else's.
        """
        if change.since >= self.since:
            found = {id(one): one for key in places(change) for one in self.by_target.get(key, ())}
            yield from (one for one in found.values() if one.at >= change.since)


def places(change: Changed) -> list[str]:
    """The keys of all to which something may have been done that made the change."""
    return [*_own(change), *([change.far] if change.far and change.op == "unlinked" else [])]


def _own(change: Changed) -> list[str]:
    return [change.key, *change.parts_of, *(_around(change.key) if change.op == "deleted" else [])]


def candidates(change: Changed, logs: Iterable[Deeds]) -> list[Deed]:
    """The deeds that may have made a change: done to its resource, in time, of a kind that can."""
    kinds, own, found = _OF_KIND[change.op], set(_own(change)), [one for log in logs for one in log.about(change)]
    # A relationship also goes with its far end.
    with_far = [one for one in found if one.kind is Kind.DELETE and change.far in one.targets and not one.targets & own]
    fitting = [one for one in found if one.kind in kinds and one.targets & own]
    creating = [one for one in fitting if one.kind is Kind.CREATE and change.key in one.targets]
    if change.op == "created" and creating:
        together = {one.correlation_id for one in creating} - {""}
        return [one for one in fitting if one in creating or one.correlation_id in together]
    both = [one for one in fitting if change.far in one.targets] if change.far else []
    return [*(both or fitting), *with_far]


# Which kinds of deeds can have made which change. What was created once is not made by what was done to it later.
_OF_KIND: Mapping[str, tuple[Kind, ...]] = {
    "created": (Kind.CREATE, Kind.CHANGE),
    "updated": (Kind.CHANGE, Kind.CREATE),
    "linked": (Kind.CHANGE, Kind.CREATE),
    "unlinked": (Kind.CHANGE, Kind.CREATE, Kind.DELETE),
    "deleted": (Kind.DELETE,),
}


def verdict(deeds: Sequence[Deed], known: Callable[[str], Known | None]) -> Verdict | None:
    """Who made a change, of the deeds that may have; None where nothing tells. known: whom the graph calls so."""
    groups = _by_actor(deeds, known)
    # What one log has without a name another may have with it.
    named_elsewhere = {one.correlation_id for one in deeds if one.actor is not None} - {""}
    unnamed = any(one.actor is None and one.correlation_id not in named_elsewhere for one in deeds)
    if len(groups) == 1 and not unnamed:
        mine = groups[0]
        last = max(mine, key=lambda one: (one.at, one.operation))
        together = [one for one in mine if one.correlation_id == last.correlation_id]
        client = next((one.client for one in [last, *together] if one.client), "")
        actor, principal = _one_of(mine, known)
        return Verdict(last, actor, principal, client)
    makers = [_one_of(mine, known) for mine in groups]
    names = {_called(*one) for one in makers}
    if len(names) < len(makers):  # two are called the same, and yet are two
        names = {actor.name for actor, _ in makers}
    named = (*sorted(names)[:_MOST], *((NOT_NAMED,) if unnamed else ()))
    return Verdict(None, candidates=named) if len(named) > 1 else None


def _by_actor(deeds: Iterable[Deed], known: Callable[[str], Known | None]) -> list[list[Deed]]:
    """The deeds of each actor. Whoever shares a name, or is the same principal of the graph, is one."""
    groups: list[tuple[set[str], list[Deed]]] = []
    for deed in deeds:
        if deed.actor is None:
            continue
        names = set(deed.actor.also)
        names |= {f"\0{found.key}" for one in deed.actor.also if (found := known(one)) is not None}
        same = [group for group in groups if group[0] & names]
        if not same:
            groups.append((names, [deed]))
            continue
        mine, *others = same
        mine[0].update(names, *(one for one, _ in others))
        mine[1].extend([deed, *(one for _, more in others for one in more)])
        groups = [group for group in groups if all(group is not one for one in others)]
    return [mine for _, mine in groups]


def _one_of(deeds: Sequence[Deed], known: Callable[[str], Known | None]) -> tuple[Actor, Known | None]:
    """How one actor is told: with a sign-in name where some log has it, and as the graph knows the same one."""
    actors = sorted((one.actor for one in deeds if one.actor), key=lambda one: ("@" not in one.name, one.name))
    found = sorted({(one.key, one.name) for actor in actors for name in actor.also if (one := known(name)) is not None})
    best = next((one for one in actors if one.type), actors[0])
    return Actor(actors[0].name, actors[0].also, best.type), Known(*found[0]) if len(found) == 1 else None


def _called(actor: Actor, known: Known | None) -> str:
    return known.name if known is not None and known.name else actor.name


def _around(key: str) -> list[str]:
    """What an Azure resource lies in: whoever deletes that deletes it too."""
    parts = key.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts) - 1, 2, -1)] if key.startswith("/") else []
