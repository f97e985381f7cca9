"""A network that is read as far as a question goes: the edges beside the nodes that a search comes to, and no others.

What it has of them is what `read_network` reads of them; it may have layers besides in which nothing is given, through
which nobody comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from loader.paths.directory import Directory
from loader.paths.given import Given, given_at, given_in_types, given_permissions, given_to
from loader.paths.kinds import HopKind, containment
from loader.paths.layers import add_members, layer
from loader.paths.network import ENTITY, LAYER, ON_THE_WAY, Network
from loader.paths.pairs import Side, pairs_beside
from loader.paths.parts import whole_of
from loader.paths.reading import add_pairs, add_tenants, read_into, spreading
from loader.paths.resets import Resets, scope_of
from loader.paths.resources import closed_of, groups_of, resources_in
from loader.paths.roles import GIVE_ROLES, Roles
from loader.paths.scopes import resources_in_groups, scopes_above, scopes_below, tenant_of

if TYPE_CHECKING:
    from loader.graph import Database

# Gives pairs of a scope and one directly in it, of those beside some scopes.
_Beside = Callable[["Database", Collection[str]], Iterable[tuple[str, str]]]


class Growing(Network):
    """Starts with the hops of which there are few. eligible: also those that somebody would have to take up first."""

    def __init__(self, database: Database, *, eligible: bool = True) -> None:
        super().__init__()
        self.whole = False
        self._database, self._eligible = database, eligible
        self._known: defaultdict[Side, set[int]] = defaultdict(set)
        self._joined: set[tuple[int, int, int]] = set()
        self._roles = Roles(self.of_kind)
        self._azure, self._directory = (spreading(self.of_kind, plane) for plane in ("azure", "directory"))
        self._matches = list(self._pairs())
        self._has_permissions = False
        self._directories, self._resets = Directory.read(database), Resets.read(database)
        self._whole_scopes: set[tuple[str, str]] = set()
        for kind in self.of_kind:
            if kind.query and (eligible or not kind.eligible):
                add_pairs(database, self, kind)
        add_tenants(self, self._directories.tenants)

    def join(self, pairs: Sequence[tuple[int, int]], kind: int, weight: float) -> None:
        """The same edge may be found from both of its ends."""
        fresh = {(one, other, kind) for one, other in pairs} - self._joined
        self._joined |= fresh
        super().join([(one, other) for one, other, _ in fresh], kind, weight)

    def learn_from(self, nodes: Collection[int]) -> None:
        """Reads the edges out of the nodes; those of a given role are known with it."""
        entities, layers = self._new(nodes, "one")
        if entities:
            self._add_beside("one", entities)
            self._add_scopes(scopes_below, [one for one in entities if one.startswith("/")])
            self._add_given(given_to(self._database, entities, self.of_kind))
        for kind, scopes in layers.items():
            if kind.plane == "directory":
                self._add_members(kind, scopes)
            else:
                add_members(self, kind, dict(resources_in(self._database, kind, scopes)))
        self._add_layers(scopes_below, layers)

    def learn_into(self, nodes: Collection[int]) -> None:
        """Reads the edges into the nodes."""
        entities, layers = self._new(nodes, "other")
        if entities:
            self._add_beside("other", entities)
            self._add_scopes(scopes_above, [one for one in entities if one.startswith("/")])
            self._add_layers_over(entities)
        wanted = [one for one in self.of_kind if one.is_given and one.whole] if entities else []
        scopes = {scope_of(one) for places in layers.values() for one in places}
        self._learn_given_at({*entities, *scopes}, [*wanted, *layers])
        self._add_layers(scopes_above, layers)

    def learn_given_in(self, types: Collection[str], capabilities: Collection[str], roles: Collection[str]) -> None:
        """Reads what is given in scopes of some types, with one of the capabilities or by a role's name."""
        if not self.whole:
            self._add_permissions()
            self._add_given(given_in_types(self._database, types, capabilities, roles))

    def learn_all(self) -> None:
        """Reads all the rest."""
        if not self.whole:
            read_into(self, self._database, eligible=self._eligible)
            self.whole = True

    def _pairs(self) -> Iterable[tuple[int, str]]:
        for kind in self.of_kind:
            if self._eligible or not kind.eligible:
                yield from ((self.number[kind.id], one) for one in kind.match)
        inside = resources_in_groups({one for kind in self._azure for one in kind.types})
        yield self.number[containment().id], inside

    def _new(self, nodes: Collection[int], side: Side) -> tuple[list[str], dict[HopKind, list[str]]]:
        """The keys of the entities and, by hop, the scopes of the layers among nodes that were not read on a side."""
        fresh = [] if self.whole else [one for one in nodes if one not in self._known[side]]
        self._known[side].update(fresh)
        layers: defaultdict[HopKind, list[str]] = defaultdict(list)
        for node in fresh:
            if self.sorts[node] == LAYER:
                kind, scope = self.layers[node]
                layers[kind].append(scope)
        return [self.names[node] for node in fresh if self.sorts[node] == ENTITY], layers

    def _add_beside(self, side: Side, keys: Collection[str]) -> None:
        for row in self._database.read(pairs_beside(side, self._matches), {"keys": list(keys)}):
            here, far = self.entity(row["key"]), [self.entity(one) for one in row["several"]]
            pairs = [(here, one) if side == "one" else (one, here) for one in far]
            self.join(pairs, row["kind"], self.of_kind[row["kind"]].cost)

    def _add_scopes(self, beside: _Beside, keys: Collection[str]) -> None:
        kind = containment()
        pairs = beside(self._database, keys) if keys else ()
        self.join([(self.entity(one), self.entity(other)) for one, other in pairs], self.number[kind.id], kind.cost)

    def _add_layers(self, beside: _Beside, layers: Mapping[HopKind, Collection[str]]) -> None:
        azure = {kind: set(scopes) for kind, scopes in layers.items() if kind.plane == "azure"}
        if not azure:
            return
        for above, below in beside(self._database, set().union(*azure.values())):
            pairs = [(layer(self, kind, above), layer(self, kind, below))
                     for kind, scopes in azure.items() if above in scopes or below in scopes]  # fmt: skip
            self.join(pairs, ON_THE_WAY, 0.0)

    def _add_layers_over(self, keys: Collection[str]) -> None:
        resources = [one for one in keys if one.startswith("/")]
        objects = [one for one in keys if not one.startswith("/")]
        over = [*groups_of(self._database, self._azure, resources)] if resources else []
        over += self._directories.scopes_over(self._directory, objects) if objects else []
        for kind, scope, key in over:
            self._lead(kind, {scope: [key]})

    def _add_members(self, kind: HopKind, scopes: Collection[str]) -> None:
        """Of the directory: of a whole tenant, or of administrative units."""
        directories = self._directories
        fresh = {one for one in map(scope_of, scopes) if (kind.id, one) not in self._whole_scopes}
        self._whole_scopes |= {(kind.id, one) for one in fresh}
        if tenants := fresh.intersection(directories.tenants):
            for scope, keys in directories.everywhere(kind):
                if scope in tenants:
                    self._lead(kind, {scope: keys})
        for scope, keys in directories.in_units(kind, fresh - tenants):
            self._lead(kind, {scope: keys})

    def _lead(self, kind: HopKind, members: Mapping[str, Collection[str]]) -> None:
        if kind.by_table:
            self._resets.add(self, kind, members, self._directories.tenants)
        else:
            add_members(self, kind, members)

    def _learn_given_at(self, scopes: Collection[str], kinds: Collection[HopKind]) -> None:
        """Reads what is given in some scopes; in those that hold others, as far as it is one of the hops."""
        if not scopes:
            return
        keys = {tenant_of(one) or one for one in scopes}
        if keys & set(self._directories.tenants):
            self._add_permissions()
        capabilities = {one.capability for one in kinds if one.capability}
        self._add_given(given_at(self._database, keys, capabilities, {name for one in kinds for name in one.roles}))

    def _add_permissions(self) -> None:
        if not self._has_permissions:
            self._has_permissions = True
            self._add_given(given_permissions(self._database, self.of_kind))

    def _add_given(self, rows: Iterable[Mapping[str, Any]]) -> None:
        rows = [row for row in rows if self._eligible or not row["eligible"]]
        self._roles.read_some(self._database, (str(row["roleKey"]) for row in rows if row["roleKey"]))
        if any(row["condition"] and GIVE_ROLES in (row["capabilities"] or ()) for row in rows):
            self._roles.read(self._database)
        shut = {kind.id: self._closed(kind, rows) for kind in self._azure if kind.narrowed}
        given = Given(self._roles, shut, self._resets)
        given.add(self._database, self, rows, eligible=self._eligible)
        for kind in (*self._azure, *self._directory):
            # What is given on one resource or object leads to it.
            scopes = [one for one in map(scope_of, given.scopes[kind.id]) if given.types[one] in kind.types]
            on_each = (
                self._directories.objects(kind, scopes) if kind.plane == "directory" else {one: [one] for one in scopes}
            )
            self._lead(kind, on_each)

    def _closed(self, kind: HopKind, rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
        wholes = (row["scope"] if row["scopeType"] in kind.types else whole_of(kind, row["scope"]) for row in rows)
        scopes = {one for one in wholes if one}
        return closed_of(self._database, kind, scopes) if scopes else frozenset()
