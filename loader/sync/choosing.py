"""What a run is about: the types, services and subscriptions that `--only` and `--skip` name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from loader.errors import UsageError
from loader.model import EntityType, Json
from loader.nearest import perhaps
from loader.services import SUBSCRIPTION, entity_types, parents_of, services

# How all entity types of Azure's are called.
_LIKE_A_TYPE = re.compile(r"azure_[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run loads. types: with what they are fetched for; subscriptions: as Azure's list has them.

    left_out_types, left_out_subscriptions: names and ids of what the user left out by naming it, or by naming others.
    """

    types: Mapping[str, EntityType]
    subscriptions: list[Json]
    left_out_types: tuple[str, ...] = ()
    left_out_subscriptions: tuple[str, ...] = ()


def choose(
    listed: list[Json], *, only: Sequence[str] = (), skip: Sequence[str] = (), subscriptions: Sequence[str] = ()
) -> Choice:
    """The choice among the visible subscriptions. subscriptions: all that the run may be about, by id or name.

    What is named in `only` and `skip` is an entity type or class, a service, or one of these subscriptions. Raises
    UsageError that names the nearest, where there is no such name.
    """
    about = named_subscriptions(listed, subscriptions)
    wanted, unwanted = _told(only, about), _told(skip, about)
    types = types_for(wanted.types) if wanted.types else entity_types()
    types = without(types, unwanted.types)
    loaded = [
        one
        for one in about
        if (not wanted.subscriptions or id_of(one) in wanted.subscriptions) and id_of(one) not in unwanted.subscriptions
    ]
    kept = {id_of(one) for one in loaded}
    chosen_so = bool(only or skip)
    return Choice(
        types,
        loaded,
        tuple(name for name, one in entity_types().items() if one.fetch and name not in types) if chosen_so else (),
        tuple(id_of(one) for one in about if id_of(one) not in kept) if chosen_so else (),
    )


def chosen_types(names: Iterable[str]) -> Mapping[str, EntityType]:
    """The types that types, classes and services of these names mean, with what they are fetched for; all for none.

    Raises UsageError for a name that is none of them.
    """
    found = _told(tuple(names), ()).types
    return types_for(found) if found else entity_types()


def named_subscriptions(listed: list[Json], wanted: Sequence[str]) -> list[Json]:
    """The subscriptions named by id or display name; all of them where none is named. Raises UsageError."""
    if not wanted:
        return listed
    chosen = []
    for name in wanted:
        found = _called(listed, name)
        if not found:
            visible = ", ".join(sorted(name_of(one) for one in listed)) or "none"
            raise UsageError(f"No subscription {name!r} is visible to this identity. Visible: {visible}.")
        chosen.extend(found)
    # Named twice, or by id and by name, it is one all the same.
    return list({id_of(one): one for one in chosen}.values())


def types_for(names: Iterable[str]) -> Mapping[str, EntityType]:
    """These types, the subscription, and whatever they are fetched for."""
    known = entity_types()
    chosen = {*names, SUBSCRIPTION}
    while more := {parent for name in chosen for parent in parents_of(known[name]) if parent in known} - chosen:
        chosen |= more
    return {name: one for name, one in known.items() if name in chosen}


def without(types: Mapping[str, EntityType], names: Iterable[str]) -> Mapping[str, EntityType]:
    """The types but these, and but those that have no other parents; the subscription stays, for runs hang on it."""
    gone = with_children(types, set(names) - {SUBSCRIPTION})
    return {name: one for name, one in types.items() if name not in gone}


def with_children(types: Mapping[str, EntityType], names: Set[str]) -> set[str]:
    """These types, and those of which all parents are among them."""
    found = set(names)
    while more := {name for name, one in types.items() if parents_of(one) and set(parents_of(one)) <= found} - found:
        found |= more
    return found


def id_of(subscription: Json) -> str:
    """A subscription's id in lower case, which is its area's name."""
    return str(subscription["subscriptionId"]).lower()


def name_of(subscription: Json) -> str:
    """What people call a subscription; its id where it has no name."""
    return str(subscription.get("displayName") or id_of(subscription))


def is_called(subscription: Json, name: str) -> bool:
    """Whether a name or an id is the subscription's; casing does not count."""
    return name.lower() in (id_of(subscription), str(subscription.get("displayName") or "").lower())


@dataclass(frozen=True, slots=True)
class _Told:
    types: frozenset[str]
    subscriptions: frozenset[str]


def _told(names: Sequence[str], listed: Sequence[Json]) -> _Told:
    types: set[str] = set()
    subscriptions: set[str] = set()
    for name in names:
        called = _called(listed, name)
        meant = _meant(name)
        if not meant and not called:
            known = [*entity_types(), *(one.name for one in services()), *(name_of(one) for one in listed)]
            raise UsageError(
                f"There is no entity type, service or visible subscription {name!r}. "
                f"{perhaps(name, known, 'azgraph model')}"
            )
        types |= meant
        subscriptions |= {id_of(one) for one in called} if not meant else set()
    return _Told(frozenset(types), frozenset(subscriptions))


def refuse_unknown_types(names: Iterable[str]) -> None:
    """Raises UsageError for a name that is written as entity types are and is none of them: so much is known before
    Azure is asked, which alone knows the names of subscriptions. One that is called so is chosen by its id.
    """
    for name in names:
        if _LIKE_A_TYPE.fullmatch(name) and not _meant(name):
            raise UsageError(f"There is no entity type {name!r}. {perhaps(name, entity_types(), 'azgraph model')}")


def _meant(name: str) -> set[str]:
    """The types that carry a name as one of their labels, or are of the service with that name."""
    found = {key for key, one in entity_types().items() if name in one.labels[1:]}
    return found or set(_by_service().get(name.lower(), ()))


def _by_service() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for service in services():
        called = service.name.lower()
        found[called] = (*found.get(called, ()), *(one.type for one in service.entity_types))
    return found


def _called(listed: Iterable[Json], name: str) -> list[Json]:
    return [one for one in listed if is_called(one, name)]
