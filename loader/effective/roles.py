"""What roles of Azure let their holders do at one resource, less what is denied there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from loader.access.blocks import blocks_of
from loader.access.capabilities import CAPABILITIES
from loader.access.conditions import leaves_free
from loader.access.evaluation import Deny, Grant, Remaining
from loader.access.holding import about, arm_type_of, held
from loader.access.matching import Block
from loader.effective.places import Target
from loader.effective.withheld import Withheld

if TYPE_CHECKING:
    from loader.graph import Database

# By what access is given that deny assignments are about.
_DENIABLE = ("azure", "classic", "lighthouse")
# What no action of a role gives, but a policy of the scope.
_OF_NO_ROLE = ("approve-roles",)
_ROLES = "UNWIND $roles AS key MATCH (role:azure_role_definition {_key: key}) RETURN key, properties(role) AS role"


def roles_of(database: Database, grants: Iterable[Grant]) -> dict[str, tuple[Block, ...]]:
    """The blocks of the roles that are given, by role."""
    roles = sorted({one.role for one in grants if one.kind in _DENIABLE and one.role})
    return {row["key"]: blocks_of(row["role"]) for row in database.read(_ROLES, {"roles": roles})}


def remaining_at(
    target: Target,
    roles: Mapping[str, tuple[Block, ...]],
    denied: Mapping[str, tuple[Block, ...]],
    withheld: Withheld,
) -> Remaining:
    """For the evaluation: what is left of a grant at the resource. withheld: what of it is not given there anyway."""
    arm_type = arm_type_of(target.places[0])
    wanted = {
        one.id: [
            (action, data) for action, data in about(one.azure_actions, arm_type) if not (data and target.own_policies)
        ]
        for one in CAPABILITIES
    }

    def remaining(grant: Grant, denies: tuple[Deny, ...]) -> frozenset[str]:
        capabilities = (grant.capabilities or frozenset()) - withheld(grant)
        if grant.kind not in _DENIABLE or grant.role not in roles:
            return capabilities
        asked = {name: wanted[name] for name in capabilities & wanted.keys()}
        return held(asked, roles[grant.role], [denied[one.key] for one in denies])

    return remaining


def unnarrowed_at(target: Target, capability: str, grants: Iterable[Grant]) -> list[Grant]:
    """The same grants, without the conditions that narrow nothing of a capability at the target."""
    known = next(one for one in CAPABILITIES if one.id == capability)
    actions = [action for action, _ in about(known.azure_actions, arm_type_of(target.places[0]))]

    def narrows(one: Grant) -> bool:
        return not actions or not all(leaves_free(one.condition, action) for action in actions)

    return [replace(one, condition="") if one.condition and not narrows(one) else one for one in grants]


def possible_at(target: Target) -> Callable[[str], bool]:
    """Whether a capability is one that anybody can have at the resource, whatever his role."""
    arm_type = arm_type_of(target.places[0])
    possible = {one.id for one in CAPABILITIES if not arm_type or about(one.azure_actions, arm_type)}
    return lambda name: name in _OF_NO_ROLE or name in possible
