"""Which hops a role is: by its capabilities, and for Azure by the actions that a resource of the hop's type knows.

Website Contributor and Virtual Machine Contributor both run code somewhere; neither does on the other's resources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loader.access.blocks import IN_CYPHER, blocks_of
from loader.access.capabilities import CAPABILITIES
from loader.access.given_by import AZURE
from loader.access.holding import about, held
from loader.paths.kinds import HopKind
from loader.services import entity_types

if TYPE_CHECKING:
    from loader.access.matching import Block
    from loader.graph import Database

_ROLES = (
    f"MATCH (role:azure_role_definition) WHERE role._stub IS NULL RETURN role._key AS key, role{{{IN_CYPHER}}} AS told"
)


class Roles:
    """Answers for each role that is given which hops it is."""

    def __init__(self, kinds: Iterable[HopKind], blocks: Mapping[str, tuple[Block, ...]]) -> None:
        self._by_capability: defaultdict[str, list[HopKind]] = defaultdict(list)
        self._by_name: defaultdict[str, list[HopKind]] = defaultdict(list)
        for kind in kinds:
            if kind.capability:
                self._by_capability[kind.capability].append(kind)
            for name in kind.roles:
                self._by_name[name.lower()].append(kind)
        self._blocks = blocks
        self._actions = {one.id: one.azure_actions for one in CAPABILITIES}
        self._known: dict[tuple[str, str], bool] = {}

    @classmethod
    def read(cls, database: Database, kinds: Iterable[HopKind]) -> Roles:
        """With the blocks of permissions of all roles of the graph."""
        return cls(kinds, {row["key"]: blocks_of(row["told"]) for row in database.read(_ROLES)})

    def hops_of(self, given: Mapping[str, Any]) -> list[HopKind]:
        """The hops that follow from what was given: capabilities, the role's key and name, and its kind."""
        azure = given["kind"] in AZURE
        found = [kind for one in given["capabilities"] or () for kind in self._by_capability.get(one, ())]
        if azure:
            return [one for one in found if one.plane == "azure" and self._holds(str(given["roleKey"]), one)]
        named = self._by_name.get(str(given["role"] or "").lower(), []) if given["kind"] != "owner" else []
        return list(dict.fromkeys([*(one for one in found if one.plane == "directory"), *named]))

    def _holds(self, role: str, kind: HopKind) -> bool:
        blocks = self._blocks.get(role)
        if not blocks or kind.whole or kind.capability is None:
            return True
        asked = (role, kind.id)
        if asked not in self._known:
            arm_type = str(entity_types()[kind.types[0]].arm_type or "").lower()
            wanted = about(self._actions.get(kind.capability, ()), arm_type)
            self._known[asked] = not wanted or bool(held({kind.capability: wanted}, blocks, []))
        return self._known[asked]
