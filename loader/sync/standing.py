"""What a configured instance leaves out of each of its runs: subscriptions, types, resource groups, the directory.

Leaving out is no deletion: what the graph has of it stays as it is, and whoever asks for it hears why it is not fresh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Protocol

from loader.azure.errors import AzureError
from loader.errors import UnreachableError, UsageError
from loader.model import EntityType, Graph, Json
from loader.services import SUBSCRIPTION, entity_types, in_each_subscription, parents_of
from loader.services.governance.management_groups import MANAGEMENT_GROUP, tree
from loader.services.governance.resource_groups import RESOURCE_GROUP
from loader.services.shared.provider_groups import provider_managed
from loader.services.shared.wire import part, parts
from loader.shapes import WrongShapeError
from loader.sync.choosing import id_of, is_called, name_of, types_for
from loader.sync.session import Asking

Keys = Callable[[str], bool]
# So many names stand in a sentence.
_FEW = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """The choice of an instance. Patterns are those of shells; casing does not count.

    include: ids or names of subscriptions, under: management groups; both empty for all. tenant: the one that must be
    signed in to. resource_groups: patterns of names. shares_tenant: other instances load parts of the same tenant, so
    subscriptions that this one does not see may be theirs. actors: Azure is asked who made the changes. inventory: a
    subscription's lists are asked only where its inventory or the graph knows of something. freshness: how old what is
    stored of a step may be before it is read again. full_read_every: in one of so many runs the lists are read whole of
    which Azure tells what has changed. time_limit: how long a load may take; None for as long as it takes.
    """

    instance: str = ""
    tenant: str | None = None
    include: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    exclude_ids: tuple[str, ...] = ()
    exclude_names: tuple[str, ...] = ()
    exclude_tags: Mapping[str, str | None] = field(default_factory=dict)
    exclude_under: tuple[str, ...] = ()
    only_types: tuple[str, ...] = ()
    skip_types: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    without_provider_managed: bool = False
    directory: bool = True
    shares_tenant: bool = False
    actors: bool = True
    inventory: bool = True
    freshness: Mapping[str, timedelta] = field(default_factory=dict)
    full_read_every: int = 10
    time_limit: timedelta | None = None


@dataclass(slots=True)
class Subscriptions:
    """Those to load, those left out with the reason (by id) and by name, sentences about what does not exist."""

    loaded: list[Json] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def named(self) -> str:
        """The first names of those left out, and how many more there are."""
        more = f" and {len(self.names) - _FEW} more" if len(self.names) > _FEW else ""
        return f"{', '.join(sorted(self.names)[:_FEW])}{more}"


class Session(Asking, Protocol):
    """What the Azure room offers."""

    @property
    def tenant_id(self) -> str: ...


async def subscriptions(session: Session, listed: list[Json], standing: Standing) -> Subscriptions:
    """The choice among the visible subscriptions.

    Raises UsageError where nothing is left or a management group does not exist, UnreachableError where the choice
    needs management groups that cannot be read: then nobody knows what was not to be loaded.
    """
    below = await _below(session, standing)
    found = Subscriptions()
    for one in listed:
        reason = _why_not(one, standing, below)
        if reason is None:
            found.loaded.append(one)
        else:
            told = f"the configuration leaves it out ({reason}, instance {standing.instance})."
            found.left_out[id_of(one)] = told
            found.names.append(name_of(one))
    for name in standing.include:
        if not any(is_called(one, name) for one in listed):
            found.missing.append(
                f"No subscription {name!r}, which the configuration names, is visible to this identity: correct the "
                "name, or assign Reader on it."
            )
    if not found.loaded and listed and (standing.include or standing.under or found.left_out):
        raise UsageError(
            f"The configuration of instance {standing.instance!r} leaves out every visible subscription: "
            f"{', '.join(sorted(map(name_of, listed))[:10])}."
        )
    return found


def _why_not(one: Json, standing: Standing, below: Mapping[str, frozenset[str]]) -> str | None:
    name, identifier = str(one.get("displayName") or ""), id_of(one)
    chosen = any(is_called(one, wanted) for wanted in standing.include)
    chosen = chosen or any(identifier in below[group] for group in standing.under)
    if (standing.include or standing.under) and not chosen:
        return "subscriptions.include" if standing.include else "subscriptions.management_groups"
    if identifier in {wanted.lower() for wanted in standing.exclude_ids}:
        return "subscriptions.exclude.ids"
    if _matches(name, standing.exclude_names):
        return "subscriptions.exclude.names"
    told = one.get("tags")
    # Tags that cannot be read leave nothing out: whatever is loaded can be left out later, and the other way loses it.
    tags = {str(key).lower(): str(value) for key, value in told.items()} if isinstance(told, dict) else {}
    for key, value in standing.exclude_tags.items():
        if key.lower() in tags and value in (None, tags[key.lower()]):
            return "subscriptions.exclude.tags"
    if any(identifier in below[group] for group in standing.exclude_under):
        return "subscriptions.exclude.management_groups"
    return None


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


async def _below(session: Session, standing: Standing) -> dict[str, frozenset[str]]:
    """The ids of the subscriptions under each management group that the choice names."""
    wanted = {*standing.under, *standing.exclude_under}
    if not wanted:
        return {}
    fetch = MANAGEMENT_GROUP.fetch
    roots: list[Json] = []
    try:
        async for page in session.pages(fetch, subscription=None, parent={"@tenant": session.tenant_id}):  # type: ignore[arg-type]
            roots += page
    except AzureError as error:
        raise UnreachableError(
            f"Instance {standing.instance!r} chooses subscriptions by management groups, and these cannot be read. "
            f"{error.reason} Assign Management Group Reader on the root group."
        ) from error
    try:
        groups = {key: group for root in roots for group in tree(root) for key in _names_of(group)}
        if lacking := sorted(name for name in wanted if name.lower() not in groups):
            raise UsageError(
                f"There is no management group {lacking[0]!r}, which the configuration of instance "
                f"{standing.instance!r} names. There are: "
                f"{', '.join(sorted({str(group.get('name')) for group in groups.values()})[:20])}."
            )
        return {name: frozenset(_subscriptions_in(groups[name.lower()])) for name in wanted}
    except WrongShapeError as error:
        raise UnreachableError(
            f"Instance {standing.instance!r} chooses subscriptions by management groups, and of these {error}."
        ) from error


def _names_of(group: Json) -> set[str]:
    shown = str(part(group, "properties").get("displayName") or group.get("displayName") or "")
    return {str(group.get("name")).lower(), *([shown.lower()] if shown else [])}


def _subscriptions_in(group: Json) -> Iterator[str]:
    for one in tree(group):
        for child in parts(one, "properties", "children"):
            if str(child.get("type")).lower() == "/subscriptions":
                yield str(child.get("name")).lower()


# --- types ---------------------------------------------------------------------------------------------------------


def types_left_out(types: Mapping[str, EntityType], standing: Standing) -> dict[str, str]:
    """The types that the instance has off, each with the reason; with those that are fetched for nothing else."""
    where = f"in the configuration of instance {standing.instance}"
    off = dict.fromkeys(set(standing.skip_types) & types.keys(), f"It is off {where} (types.skip).")
    if standing.only_types:
        kept = types_for(standing.only_types)
        off |= dict.fromkeys(types.keys() - kept.keys() - off.keys(), f"It is not among those on {where} (types.only).")
    if not standing.directory:
        told = f"The directory is not loaded {where} (ingest_directory)."
        off |= {name: told for name, one in types.items() if name not in off and is_of_directory(one)}
    off.pop(SUBSCRIPTION, None)
    while more := {
        name: off[parents_of(one)[0]]
        for name, one in types.items()
        if name not in off and parents_of(one) and all(parent in off for parent in parents_of(one))
    }:
        off |= more
    return {name: reason for name, reason in off.items() if types[name].fetch is not None}


def is_of_directory(entity_type: EntityType) -> bool:
    """Whether a type is read from Microsoft Graph, or for an entity that is."""
    if isinstance(entity_type.fetch, Graph):
        return True
    known = entity_types()
    above = [known[name] for name in parents_of(entity_type) if name in known]
    return bool(above) and not in_each_subscription(entity_type) and all(is_of_directory(one) for one in above)


# --- resource groups -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupsLeftOut:
    """Whether a key is of a resource group of a subscription that is left out, or in one.

    patterns: of names; managed: the groups that a service made, in lower case; without_managed: those are left out.
    """

    subscription: str
    patterns: tuple[str, ...]
    managed: frozenset[str]
    without_managed: bool

    def __call__(self, key: str) -> bool:
        found = re.match(rf"/subscriptions/{re.escape(self.subscription)}/resourcegroups/([^/]+)", key.lower())
        if found is None:
            return False
        name = found[1]
        own = self.without_managed and (name in self.managed or provider_managed({"name": name}))
        return own or _matches(name, self.patterns)


async def groups_left_out(session: Asking, subscription: str, standing: Standing) -> GroupsLeftOut | None:
    """Whether a key is of a resource group that is left out, or in one; None where none is.

    subscription: its id. Groups that cannot be listed are left out by their names only.
    """
    if not standing.resource_groups and not standing.without_provider_managed:
        return None
    managed: set[str] = set()
    if standing.without_provider_managed:
        asked = {"@subscription": subscription}
        try:
            async for page in session.pages(RESOURCE_GROUP.fetch, subscription=subscription, parent=asked):  # type: ignore[arg-type]
                managed |= {str(group.get("name")).lower() for group in page if provider_managed(group)}
        except AzureError:
            managed.clear()
    return GroupsLeftOut(
        subscription.lower(), standing.resource_groups, frozenset(managed), standing.without_provider_managed
    )


def unseen_subscriptions(visible: Collection[str]) -> Keys:
    """Whether a key is a subscription's that this identity does not see."""

    def unseen(key: str) -> bool:
        found = re.fullmatch(r"/subscriptions/([^/]+)", key)
        return found is not None and found[1] not in visible

    return unseen
