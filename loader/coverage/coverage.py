"""What of Azure is loaded whole: the graph's `SyncScope` nodes, asked before a verdict is given.

Failure is never emptiness: where a step that a check needs did not end well, nothing is passed by absence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loader.areas import LEFT_OUT, TENANT, is_subscription, is_tenant, tenant_in
from loader.coverage.ages import OLDER, Older
from loader.coverage.finished import UNFINISHED
from loader.coverage.steps import ancestors, in_each_subscription
from loader.model import Quiet
from loader.services import IMPORTED, SUBSCRIPTION

if TYPE_CHECKING:
    from loader.graph import Database

_COMPLETE = "complete"
_NO_ANSWER = ("unavailable", "skipped")
# Ends after which it is known that there is nothing: as good as an empty list.
_NOTHING_THERE = (str(Quiet.NOT_OFFERED), str(Quiet.RETIRED))

_IS_WHOLE = (
    f"(scope.status = '{_COMPLETE}' OR scope.quiet IN {list(_NOTHING_THERE)}) "
    "AND size(coalesce(scope.incompleteParents, [])) = 0 AND size(coalesce(scope.incompleteParentTypes, [])) = 0"
)


# One question, since most of what it costs is the way to the server and back. Nearly all steps of thousands of
# subscriptions are whole: of those nothing but their areas is worth sending.
def _question(wanted: str) -> str:
    return f"""
CALL () {{ {UNFINISHED} }}
CALL (unfinished) {{
  MATCH (scope:SyncScope) WHERE scope.step IS NOT NULL AND scope.area IS NOT NULL AND {wanted}
  WITH scope.step AS step, scope.area AS area,
       CASE WHEN {_IS_WHOLE} AND NOT scope.seq IN unfinished AND NOT coalesce(scope.writing, 0) IN unfinished
            THEN null ELSE scope END AS other
  WITH step, other, collect(area) AS areas
  RETURN 'ended' AS what, {{step: step, other: other, areas: areas}} AS row
  UNION ALL
  MATCH (scope:SyncScope) WHERE scope.area IS NOT NULL
  WITH DISTINCT scope.area AS area, scope.tenant AS tenant
  RETURN 'area' AS what, {{area: area, tenant: tenant}} AS row
  UNION ALL
  MATCH (one:{SUBSCRIPTION}) WHERE coalesce(one._stub, false) = false
  RETURN 'subscription' AS what, {{
    id: split(one._key, '/')[2], name: coalesce(one.displayName, one.name, one._key), area: split(one._scope, '|')[1]
  }} AS row
  UNION ALL
  {OLDER}
  RETURN 'older' AS what, {{step: s.step, area: s.area, at: s.olderAt, count: s.older}} AS row
}}
RETURN unfinished, what, row
"""


_ALL = _question("true")
_SOME = _question(f"(scope.step IN $steps OR scope.step = '{LEFT_OUT}')")


@dataclass(frozen=True, slots=True)
class Scope:
    """How one step ended in one area.

    incomplete_parents: only what belongs to these entities was not loaded whole; incomplete_types: only what belongs
    to entities of these types. finished: the run that wrote it came to its end, relationships and derivations included.
    """

    step: str
    area: str
    status: str
    reason: str = ""
    permission: str = ""
    incomplete_parents: tuple[str, ...] = ()
    incomplete_types: tuple[str, ...] = ()
    quiet: str = ""
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Gap:
    """A step that was not loaded whole in an area, as a sentence. why: the same where step and area stand beside it.

    parents, parent_types: as in `Scope`; both empty where it is about all of the area. disabled: the area is a
    subscription that is not enabled, in which nobody looks for more than is stored of it. unfinished: the run that
    loads it is not at its end, so what is there of it may be half of it.
    """

    step: str
    area: str
    sentence: str
    why: str = ""
    parents: tuple[str, ...] = ()
    parent_types: tuple[str, ...] = ()
    disabled: bool = False
    unfinished: bool = False

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

    subscriptions: those the graph knows (id → name). tenants: the areas of the tenants it knows. home: the tenant's
    area of each subscription that tells it. older: what the latest run did not read again, by step and area.
    """

    scopes: Mapping[tuple[str, str], Scope]
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tenants: tuple[str, ...] = ()
    home: Mapping[str, str] = field(default_factory=dict)
    older: Mapping[tuple[str, str], Older] = field(default_factory=dict)
    _gaps: dict[str, list[Gap]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def read(cls, database: Database, steps: Iterable[str] | None = None) -> Coverage:
        """The coverage as the graph has it now. steps: all that will be asked about; None for any."""
        unfinished: frozenset[int] = frozenset()
        told: dict[str, list[dict[str, Any]]] = {}
        for one in database.read(_ALL if steps is None else _SOME, {"steps": list(steps or ())}):
            unfinished = unfinished or frozenset(one["unfinished"])
            told.setdefault(one["what"], []).append(one["row"])
        whole: dict[str, frozenset[str]] = {}
        scopes: dict[tuple[str, str], Scope] = {}
        for row in told.get("ended", ()):
            if row["other"] is None:
                whole[row["step"]] = frozenset(row["areas"])
            else:
                scope = _scope(row["other"], unfinished)
                scopes[scope.step, scope.area] = scope
        areas = {row["area"]: row["tenant"] for row in told.get("area", ())}
        loaded = {area: area for area in areas if is_subscription(area)}
        listed = sorted(told.get("subscription", ()), key=lambda row: str(row["name"]))
        subscriptions = {row["id"]: row["name"] for row in listed if row["id"]} | _unnamed(loaded, listed)
        home = {area: f"{TENANT}:{tenant}" for area, tenant in areas.items() if tenant and is_subscription(area)}
        home |= {row["id"]: row["area"] for row in listed if is_tenant(str(row["area"] or "")) and row["id"]}
        tenants = tuple(sorted(area for area in areas if is_tenant(area)))
        named = tuple(area for area in tenants if tenant_in(area)) or tenants
        older = {(row["step"], row["area"]): _older(row) for row in told.get("older", ())}
        return cls(scopes, subscriptions, whole, named, home, older)

    def loaded(self, step: str) -> frozenset[str]:
        """The areas in which a step was taken, however it ended."""
        return self.whole.get(step, frozenset()) | {area for name, area in self.scopes if name == step}

    def areas(self, step: str, area: str = "") -> tuple[str, ...]:
        """Where a step has to be taken for a resource of `area`, or for all there is: everywhere, or once a tenant."""
        if in_each_subscription(step):
            return (area,) if area in self.subscriptions else tuple(self.subscriptions)
        if step in IMPORTED:
            return (TENANT,)
        home = area if area in self.tenants else self.home.get(area, "")
        return (home,) if home in self.tenants else self.tenants or (TENANT,)

    def unlisted(self) -> Gap | None:
        """Whether there may be subscriptions that the graph does not know: the last listing of them was not whole."""
        listings = self.loaded(SUBSCRIPTION)
        gaps = (self._gap(SUBSCRIPTION, area) for area in self.tenants if area in listings)
        return next((gap for gap in gaps if gap is not None), None)

    def gaps(self, steps: Iterable[str], area: str) -> list[Gap]:
        """What is missing for a resource of `area`: a subscription id, a tenant's area, or anything else for all."""
        found: list[Gap] = []
        for step in steps:
            wanted = self.areas(step, area)
            found.extend(gap for place in wanted if (gap := self._gap(step, place)))
            if not wanted:
                sentence = f"No subscription is loaded yet, so {step} is not known: run `azgraph sync`."
                found.append(Gap(step, area, sentence, "No subscription is loaded yet: run `azgraph sync`."))
        return found

    def was_asked(self, step: str) -> bool:
        """Whether Azure has ever answered or refused a step, anywhere. A recording that knows nothing of it has not."""
        return bool(self.whole.get(step)) or any(
            name == step and (scope.status not in _NO_ANSWER or bool(scope.quiet))
            for (name, _), scope in self.scopes.items()
        )

    def gaps_elsewhere(self, steps: Iterable[str], area: str, among: Collection[str] | None = None) -> list[Gap]:
        """What is missing in the other subscriptions of the tenant that the subscription `area` is of.

        among: only these; without them a subscription that is not known counts too. What a disabled subscription does
        not tell is none: nothing runs there.
        """
        home = self.home.get(area)
        told = [gap for step in steps for gap in (self._in_all(step) if among is None else self._in(step, among))]
        found = [
            gap
            for gap in told
            if gap.area != area and not gap.disabled and (home is None or self.home.get(gap.area, home) == home)
        ]
        unlisted = self.unlisted() if among is None else None
        return [*found, unlisted] if unlisted else found

    def _in_all(self, step: str) -> list[Gap]:
        """The gaps of a step in all subscriptions, looked for once: each of these asks for those of the others."""
        if step not in self._gaps:
            self._gaps[step] = self._in(step, self.subscriptions)
        return self._gaps[step]

    def _in(self, step: str, areas: Iterable[str]) -> list[Gap]:
        return [gap for one in areas if (gap := self._gap(step, one))]

    def told_older(self, steps: Iterable[str], area: str) -> list[str]:
        """What of the steps is older than the latest run, in sentences; of an area, or of all."""
        if not self.older:
            return []
        found = [self.older.get((step, place)) for step in steps for place in self.areas(step, area)]
        return [one.sentence(self.place(one.area)) for one in found if one is not None]

    def place(self, area: str) -> str:
        """What people call an area."""
        return f"subscription {self.subscriptions.get(area, area)}" if is_subscription(area) else "the tenant"

    def _gap(self, step: str, area: str) -> Gap | None:
        left_out = self.scopes.get((LEFT_OUT, area)) if step != SUBSCRIPTION else None
        if area in self.whole.get(step, ()) and left_out is None:
            return None
        place = self.place(area)
        if left_out is not None:
            return Gap(step, area, f"{step} of {place} is not loaded: {left_out.reason}")
        scope = self.scopes.get((step, area))
        if scope is None:
            how = f"loaded yet: run `{IMPORTED.get(step, 'azgraph sync')}`."
            return Gap(step, area, f"{step} of {place} has not been {how}", f"Not {how}")
        if not scope.finished:
            return Gap(
                step,
                area,
                f"The run that loads {step} of {place} is not at its end: it is at work, or was broken off. "
                "Wait for it, or run `azgraph sync` again.",
                "The run is not at its end: wait for it, or run `azgraph sync` again.",
                unfinished=True,
            )
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
            f"{status.capitalize()}.{ending}",
            scope.incomplete_parents,
            scope.incomplete_types,
            disabled=scope.quiet == str(Quiet.DISABLED),
        )


def _scope(stored: Mapping[str, Any], unfinished: Collection[int]) -> Scope:
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
        finished=stored.get("seq") not in unfinished and stored.get("writing") not in unfinished,
    )


def _older(stored: Mapping[str, Any]) -> Older:
    return Older(stored["step"], stored["area"], int(stored["count"] or 0), stored["at"])


def _unnamed(loaded: Mapping[str, str], named: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Subscriptions that were loaded but are not themselves in the graph (a replay of some answers)."""
    known = {row["id"] for row in named}
    return {one: name for one, name in loaded.items() if one not in known}
