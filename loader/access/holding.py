"""What a role lets its holder do to one kind of resource, less what deny assignments take away.

A role's `capabilities` say what it gives somewhere; on a storage account nobody runs code on a machine, whatever his
role. So at a resource only those actions of a capability count that are about resources of its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from loader.access.capability import Action
from loader.access.matching import Block, allows

# What can be done to a resource of any type.
_ANY_TYPE = ("microsoft.authorization/", "microsoft.insights/diagnosticsettings/", "microsoft.security/")


def arm_type_of(key: str) -> str:
    """The ARM type of a resource's key, in lower case; empty for groups, subscriptions and what is none of ARM's."""
    parts = key.strip("/").split("/")
    if "providers" not in parts or key.startswith("/providers/"):
        return ""
    last = len(parts) - 1 - parts[::-1].index("providers")
    return "/".join([*parts[last + 1 : last + 2], *parts[last + 2 :: 2]])


def about(actions: Iterable[Action], arm_type: str) -> list[Action]:
    """The actions that can be taken on a resource of the type, or on one below it; all where there is no type."""
    if not arm_type:
        return list(actions)
    return [(action, data) for action, data in actions if action.lower().startswith((f"{arm_type}/", *_ANY_TYPE))]


def held(
    wanted: Mapping[str, Sequence[Action]], role: Sequence[Block], denied: Sequence[Sequence[Block]]
) -> frozenset[str]:
    """The capabilities, of those wanted, of which the role allows an action that none of the denied ones takes away."""
    return frozenset(
        capability
        for capability, actions in wanted.items()
        if any(
            allows(role, action, data=data) and not any(allows(one, action, data=data) for one in denied)
            for action, data in actions
        )
    )
