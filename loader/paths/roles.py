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
from loader.access.sorts import of_others_alone
from loader.paths.kinds import HopKind
from loader.services import entity_types

if TYPE_CHECKING:
    from loader.access.matching import Block
    from loader.graph import Database

_TOLD = f"RETURN role._key AS key, role{{{IN_CYPHER}}} AS told"
_ROLES = f"MATCH (role:azure_role_definition) WHERE role._stub IS NULL {_TOLD}"
_SOME_ROLES = f"""
UNWIND $keys AS key MATCH (role:Entity:azure_role_definition {{_key: key}}) WHERE role._stub IS NULL {_TOLD}
"""


class Roles:
    """Answers for each role that is given which hops it is, once it has the role's blocks of permissions."""

    def __init__(self, kinds: Iterable[HopKind]) -> None:
        self._by_capability: defaultdict[str, list[HopKind]] = defaultdict(list)
        self._by_name: defaultdict[str, list[HopKind]] = defaultdict(list)
        for kind in kinds:
            if kind.capability:
                self._by_capability[kind.capability].append(kind)
            for name in kind.roles:
                self._by_name[name.lower()].append(kind)
        self._blocks: dict[str, tuple[Block, ...]] = {}
        self._asked: set[str] = set()
        self._actions = {one.id: one.azure_actions for one in CAPABILITIES}
        self._known: dict[tuple[str, str], bool] = {}

    def read(self, database: Database) -> None:
        """Reads the blocks of all roles of the graph."""
        self._take(database.read(_ROLES))

    def read_some(self, database: Database, roles: Iterable[str]) -> None:
        """Reads the blocks of these roles that were not read yet."""
        keys = set(roles) - self._asked
        self._asked |= keys
        if keys:
            self._take(database.read(_SOME_ROLES, {"keys": sorted(keys)}))

    def _take(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._blocks |= {row["key"]: blocks_of(row["told"]) for row in rows}

    def hops_of(self, given: Mapping[str, Any]) -> list[HopKind]:
        """The hops that follow from what was given: capabilities, the role's key and name, and its kind."""
        azure = given["kind"] in AZURE
        found = [kind for one in given["capabilities"] or () for kind in self._by_capability.get(one, ())]
        if azure:
            told = given["capabilities"] or ()
            return [
                one
                for one in found
                if one.plane == "azure"
                and (one.also is None or one.also in told)
                and self._holds(str(given["roleKey"]), one)
            ]
        named = self._by_name.get(str(given["role"] or "").lower(), []) if given["kind"] != "owner" else []
        told = given["capabilities"] or ()
        own = (one for one in found if one.plane == "directory")
        own = (one for one in own if one.sort is None or not of_others_alone(told, one.sort))
        return list(dict.fromkeys([*own, *named]))

    def _holds(self, role: str, kind: HopKind) -> bool:
        blocks = self._blocks.get(role)
        if not blocks or kind.whole or kind.capability is None:
            return True
        asked = (role, kind.id)
        if asked not in self._known:
            arm_type = (kind.arm_type or str(entity_types()[kind.types[0]].arm_type or "")).lower()
            asked_for = [kind.capability, *([kind.also] if kind.also else [])]
            wanted = {one: about(self._actions.get(one, ()), arm_type) for one in asked_for}
            self._known[asked] = all(
                not actions or bool(held({one: actions}, blocks, [])) for one, actions in wanted.items()
            )
        return self._known[asked]
