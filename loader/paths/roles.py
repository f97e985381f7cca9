"""Which hops a role is: by its capabilities, and for Azure by the actions that a resource of the hop's type knows.

Website Contributor and Virtual Machine Contributor both run code somewhere; neither does on the other's resources.

Whoever gives roles can give himself all of them, unless a condition says which: then he has what these let him do, and
the scope only where one of them gives roles without a condition (`loader/access/conditions.py`). Under Azure
Lighthouse roles are given to managed identities alone, and none that gives roles
(https://learn.microsoft.com/azure/lighthouse/concepts/tenants-users-roles#role-support-for-azure-lighthouse).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loader.access.blocks import IN_CYPHER, blocks_of
from loader.access.capabilities import CAPABILITIES
from loader.access.conditions import may_give
from loader.access.given_by import AZURE
from loader.access.holding import about, held
from loader.access.sorts import of_others_alone
from loader.paths.kinds import HopKind

if TYPE_CHECKING:
    from loader.access.matching import Block
    from loader.graph import Database

_TOLD = (
    f"RETURN role._key AS key, role{{{IN_CYPHER}}} AS told, coalesce(role.capabilities, []) AS capabilities, "
    "role.condition AS condition"
)
_ROLES = f"MATCH (role:azure_role_definition) WHERE role._stub IS NULL {_TOLD}"
_SOME_ROLES = f"""
UNWIND $keys AS key MATCH (role:Entity:azure_role_definition {{_key: key}}) WHERE role._stub IS NULL {_TOLD}
"""
GIVE_ROLES = "give-roles"
# Owner, User Access Administrator, Role Based Access Control Administrator: they are there, loaded or not.
# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged
_GIVING = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)


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
        self._whole = False
        self._given: dict[str, frozenset[str]] = {}
        self._conditions: dict[str, str | None] = {}
        self._gained: dict[str, tuple[str, ...] | None] = {}
        self._actions = {one.id: one.azure_actions for one in CAPABILITIES}
        self._known: dict[tuple[str, str, str | None], bool] = {}

    def read(self, database: Database) -> None:
        """Reads all roles of the graph."""
        if not self._whole:
            self._whole = True
            self._take(database.read(_ROLES))

    def read_some(self, database: Database, roles: Iterable[str]) -> None:
        """Reads those of these roles that were not read yet."""
        keys = set(roles) - self._asked
        self._asked |= keys
        if keys:
            self._take(database.read(_SOME_ROLES, {"keys": sorted(keys)}))

    def _take(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            key = row["key"]
            self._blocks[key] = blocks_of(row["told"])
            self._given[key], self._conditions[key] = frozenset(row["capabilities"]), row["condition"]

    def narrowed(self, given: Mapping[str, Any]) -> tuple[str, ...] | None:
        """The roles that its holder may give himself, where something narrows them so that none of them is for all;
        None for what gives no roles, or any.

        It takes all roles of the graph to have been read, and of a condition that is not understood the worst.
        """
        if given["kind"] not in AZURE or GIVE_ROLES not in (given["capabilities"] or ()):
            return None
        if given["kind"] == "lighthouse":
            return ()
        condition = given["condition"]
        if not condition:
            return None
        if condition not in self._gained:
            self._gained[condition] = self._may_give(condition)
        return self._gained[condition]

    def _may_give(self, condition: str) -> tuple[str, ...] | None:
        giving = {key for key, told in self._given.items() if GIVE_ROLES in told and not self._conditions[key]}
        if any(may_give(condition, _guid(one)) is not False for one in (*_GIVING, *giving)):
            return None
        return tuple(sorted(key for key in self._given if may_give(condition, _guid(key)) is not False))

    def hops_of(self, given: Mapping[str, Any], part: str | None = None) -> list[HopKind]:
        """The hops that follow from what was given: capabilities, the role's key and name, and its kind.

        part: Azure's type of a part of a resource, in lower case, where it is given on one.
        """
        if given["kind"] in AZURE:
            return self._hops_over_azure(given, part)
        found = [kind for one in given["capabilities"] or () for kind in self._by_capability.get(one, ())]
        named = self._by_name.get(str(given["role"] or "").lower(), []) if given["kind"] != "owner" else []
        told = given["capabilities"] or ()
        own = (one for one in found if one.plane == "directory" and (one.unless is None or one.unless not in told))
        own = (one for one in own if one.sort is None or not of_others_alone(told, one.sort))
        return list(dict.fromkeys([*own, *named]))

    def _hops_over_azure(self, given: Mapping[str, Any], part: str | None) -> list[HopKind]:
        gained = self.narrowed(given)
        told = set(given["capabilities"] or ()) - ({GIVE_ROLES} if gained is not None else set())
        hops = self._azure_hops(str(given["roleKey"]), told, part)
        for role in gained or ():
            hops += self._azure_hops(role, self._given[role] - {GIVE_ROLES}, part)
        return list(dict.fromkeys(hops))

    def _azure_hops(self, role: str, told: Collection[str], part: str | None) -> list[HopKind]:
        return [
            kind
            for one in sorted(told)
            for kind in self._by_capability.get(one, ())
            if kind.plane == "azure" and (kind.also is None or kind.also in told) and self._holds(role, kind, part)
        ]

    def _holds(self, role: str, kind: HopKind, part: str | None) -> bool:
        blocks = self._blocks.get(role)
        if kind.whole or kind.capability is None:
            return True
        asked = (role, kind.id, part)
        if asked not in self._known:
            arm_type = part or kind.arm_types[0]
            asked_for = [kind.capability, *([kind.also] if kind.also else [])]
            wanted = {one: about(self._actions.get(one, ()), arm_type) for one in asked_for}
            self._known[asked] = all(
                (not blocks or bool(held({one: actions}, blocks, []))) if actions else part is None
                for one, actions in wanted.items()
            )
        return self._known[asked]


def _guid(role: str) -> str:
    return role.rpartition("/")[2]
