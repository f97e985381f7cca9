"""What the inventory of a subscription says before its lists are asked: which of them need not be.

The inventory is the list of all resources (`azure_resource`), read like any other list. Where it was read whole, and
the identity may read everything of the subscription, a list is spared whose type the inventory would name and does
not. It is asked all the same where the graph has something that the list is about: on the inventory's word alone
nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from loader.model import EntityType, Json, Outcome
from loader.services import entity_types, parents_of
from loader.services.shared.arm_ids import parent_of

# The type whose list is the inventory.
INVENTORY = "azure_resource"


@dataclass(slots=True)
class Sweep:
    """The inventory of one subscription. held: the entity types of which the graph has anything there, with the keys of
    it where the type is one of `listed_types`. spared: how many lists were not asked. times: when each resource was
    changed, by its key, as the inventory told; None where nobody will ask.
    """

    held: Mapping[str, frozenset[str]]
    spared: int = 0
    times: dict[str, str] | None = None
    _named: set[str] = field(default_factory=set)
    _parents: dict[str, set[str]] = field(default_factory=dict)
    _above: dict[str, frozenset[str]] = field(default_factory=dict)
    _unclear: bool = False

    def see(self, page: Iterable[Json]) -> None:
        """Takes a page of the inventory. One item that tells no type leaves the whole inventory unclear."""
        for item in page:
            kind, key = item.get("type"), item.get("id")
            if not (isinstance(kind, str) and isinstance(key, str) and kind and key):
                self._unclear = True
                continue
            if self.times is not None and item.get("changedTime"):
                self.times[key.lower()] = str(item["changedTime"])
            self._named.add(kind.lower())
            self._parents.setdefault(kind.lower(), set()).add((parent_of(key) or "").lower())

    def changed(self, key: str) -> str | None:
        """When a resource was changed, as far as the inventory has told by now."""
        return (self.times or {}).get(key)

    def spares(self, entity_type: EntityType, read: Outcome, parent: str | None = None) -> bool:
        """Whether a list can have nothing. read: how the inventory ended; parent: the key of that whose list it is."""
        if not entity_type.inventory or not read.whole or self._unclear:
            return False
        kind = entity_type.inventory.lower()
        named = kind in self._named if parent is None else parent in self._parents.get(kind, ())
        if named or self._is_held(entity_type.type, parent):
            return False
        self.spared += 1
        return True

    def _is_held(self, name: str, parent: str | None) -> bool:
        """Whether the graph has something that the list is about, or that belongs to such a thing."""
        held = [one for one in _with_descendants(name) if one in self.held]
        if parent is None:
            return bool(held)
        if name not in self._above:
            self._above[name] = frozenset(above for one in held for key in self.held[one] for above in _all_above(key))
        return parent in self._above[name]


def kept_types() -> frozenset[str]:
    """The entity types of which a sweep asks whether the graph has any."""
    return _of(one for one in entity_types().values() if one.inventory)


def listed_types() -> frozenset[str]:
    """Those of which it asks for the keys, since they are listed for each of their parents."""
    return _of(one for one in entity_types().values() if one.inventory and parents_of(one))


def _of(types: Iterable[EntityType]) -> frozenset[str]:
    return frozenset(name for one in types for name in _with_descendants(one.type))


@cache
def _with_descendants(name: str) -> frozenset[str]:
    """A type with those that belong to it. What may belong to things of many types (a diagnostic setting) does not."""
    found = {name}
    declared = [(one.type, set(parents_of(one))) for one in entity_types().values() if parents_of(one)]
    while more := {one for one, parents in declared if parents <= found} - found:
        found |= more
    return frozenset(found)


def _all_above(key: str) -> Iterator[str]:
    above = parent_of(key)
    while above is not None:
        yield above
        above = parent_of(above)
