"""What of Azure is loaded whole: the graph's `SyncScope` nodes, asked before a verdict is given.

Failure is never emptiness: where a step that a check needs did not end well, nothing is passed by absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loader.coverage.steps import ancestors, in_each_subscription
from loader.model import Quiet
from loader.services import IMPORTED, SUBSCRIPTION

if TYPE_CHECKING:
    from loader.graph import Database

TENANT = "tenant"
_COMPLETE = "complete"
# Ends after which it is known that there is nothing: as good as an empty list.
_NOTHING_THERE = (str(Quiet.NOT_OFFERED), str(Quiet.RETIRED))

_IS_WHOLE = (
    f"(scope.status = '{_COMPLETE}' OR scope.quiet IN {list(_NOTHING_THERE)}) "
    "AND size(coalesce(scope.incompleteParents, [])) = 0 AND size(coalesce(scope.incompleteParentTypes, [])) = 0"
)
# Nearly all steps of thousands of subscriptions are whole: of those nothing but their areas is worth sending.
_ENDED = f"""
MATCH (scope:SyncScope) WHERE {{wanted}}
WITH scope.step AS step, scope.area AS area, CASE WHEN {_IS_WHOLE} THEN null ELSE scope END AS other
RETURN step, other, collect(area) AS areas
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """How one step ended in one area.

    incomplete_parents: only what belongs to these entities was not loaded whole; incomplete_types: only what belongs
    to entities of these types.
    """

    step: str
    area: str
    status: str
    reason: str = ""
    permission: str = ""
    incomplete_parents: tuple[str, ...] = ()
    incomplete_types: tuple[str, ...] = ()
    quiet: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A step that was not loaded whole in an area, as a sentence.

    parents, parent_types: as in `Scope`; both empty where it is about all of the area. disabled: the area is a
    subscription that is not enabled, in which nobody looks for more than is stored of it.
    """

    step: str
    area: str
    sentence: str
    parents: tuple[str, ...] = ()
    parent_types: tuple[str, ...] = ()
    disabled: bool = False

    def touches(self, entity_types: Iterable[str], key: str, parent: str) -> bool:
        """Whether a resource of these types, with this key and parent key, can depend on what is missing."""
        name = self.step.partition(".")[0]
        if self.parent_types and name not in entity_types:
            return any(one in self.parent_types for one in entity_types)
        kin = ancestors(name) | {name}
        if not self.parents or not all(one in kin or name in ancestors(one) for one in entity_types):
            return True  # it may be tied to the missing ones in any way
        return any(
            parent == one or key == one or key.startswith(f"{one}/") or one.startswith(f"{key}/")
            for one in self.parents
        )


@dataclass(frozen=True)
class Coverage:
    """How the steps ended: `scopes` by step and area, `whole` the areas of those that ended well, by step.

    subscriptions: those the graph knows (id → name).
    """

    scopes: Mapping[tuple[str, str], Scope]
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, database: Database, steps: Iterable[str] | None = None) -> Coverage:
        """The coverage as the graph has it now. steps: all that will be asked about; None for any."""
        wanted = "true" if steps is None else "scope.step IN $steps"
        whole: dict[str, frozenset[str]] = {}
        scopes: dict[tuple[str, str], Scope] = {}
        for row in database.read(_ENDED.format(wanted=wanted), {"steps": list(steps or ())}):
            if row["other"] is None:
                whole[row["step"]] = frozenset(row["areas"])
            else:
                scope = _scope(row["other"])
                scopes[scope.step, scope.area] = scope
        areas = {area for _, area in scopes}.union(*whole.values())
        loaded = {area: area for area in areas - {TENANT, "shared"}}
        listed = database.read(
            f"MATCH (one:{SUBSCRIPTION}) WHERE coalesce(one._stub, false) = false "
            "RETURN split(one._key, '/')[2] AS id, coalesce(one.displayName, one.name, one._key) AS name ORDER BY name"
        )
        subscriptions = {row["id"]: row["name"] for row in listed if row["id"]} | _unnamed(loaded, listed)
        return cls(scopes, subscriptions, whole)

    def loaded(self, step: str) -> frozenset[str]:
        """The areas in which a step was taken, however it ended."""
        return self.whole.get(step, frozenset()) | {area for name, area in self.scopes if name == step}

    def areas(self, step: str) -> tuple[str, ...]:
        """Where a step has to be taken for the whole tenant: everywhere, or once."""
        return tuple(self.subscriptions) if in_each_subscription(step) else (TENANT,)

    def unlisted(self) -> Gap | None:
        """Whether there may be subscriptions that the graph does not know: the last listing of them was not whole."""
        return self._gap(SUBSCRIPTION, TENANT) if TENANT in self.loaded(SUBSCRIPTION) else None

    def gaps(self, steps: Iterable[str], area: str) -> list[Gap]:
        """What is missing for a resource of `area`: a subscription id, or anything else for the tenant as a whole."""
        found: list[Gap] = []
        for step in steps:
            wanted = (area,) if area in self.subscriptions and in_each_subscription(step) else self.areas(step)
            found.extend(gap for place in wanted if (gap := self._gap(step, place)))
            if not wanted:
                found.append(
                    Gap(step, area, f"No subscription is loaded yet, so {step} is not known: run `azgraph sync`.")
                )
        return found

    def _gap(self, step: str, area: str) -> Gap | None:
        if area in self.whole.get(step, ()):
            return None
        place = f"subscription {self.subscriptions.get(area, area)}" if area != TENANT else "the tenant"
        scope = self.scopes.get((step, area))
        if scope is None:
            command = IMPORTED.get(step, "azgraph sync")
            return Gap(step, area, f"{step} of {place} has not been loaded yet: run `{command}`.")
        settled = scope.status == _COMPLETE or scope.quiet in _NOTHING_THERE
        if settled and not scope.incomplete_parents and not scope.incomplete_types:
            return None
        ending = f" {scope.reason}" if scope.reason else ""
        if scope.permission and not scope.quiet and scope.permission not in ending:
            ending += f" It needs the permission {scope.permission}."
        status = scope.status if scope.status != _COMPLETE else "in part"
        sentence = f"{step} of {place} was not loaded whole ({status}).{ending}"
        return Gap(
            step,
            area,
            sentence,
            scope.incomplete_parents,
            scope.incomplete_types,
            disabled=scope.quiet == str(Quiet.DISABLED),
        )


def _scope(stored: Mapping[str, Any]) -> Scope:
    parents = stored.get("incompleteParents") or ()
    return Scope(
        stored["step"],
        stored["area"],
        stored.get("status") or "failed",
        stored.get("reason") or "",
        stored.get("permission") or "",
        # A step that is not taken parent by parent has the empty parent: all of it is incomplete then.
        () if "" in parents else tuple(parents),
        tuple(stored.get("incompleteParentTypes") or ()),
        stored.get("quiet") or "",
    )


def _unnamed(loaded: Mapping[str, str], named: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Subscriptions that were loaded but are not themselves in the graph (a replay of some answers)."""
    known = {row["id"] for row in named}
    return {one: name for one, name in loaded.items() if one not in known}
