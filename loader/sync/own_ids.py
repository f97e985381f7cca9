"""Which ids may be those of an entity type."""

from __future__ import annotations

import re

from loader.model import EntityType

# What the ids of resources stand below, and is none itself: the root, a subscription, a resource group.
# https://learn.microsoft.com/azure/role-based-access-control/scope-overview
_ABOVE = re.compile(r"(?i)/(?:subscriptions(?:/[^/]+(?:/resourcegroups(?P<group>/[^/]+)?)?)?)?")
_GROUPS = "Microsoft.Resources/resourceGroups"


def can_be(entity_type: EntityType, key: str) -> bool:
    """Whether a key may be one of this type: what Azure Resource Manager has goes by a path, and by its own.

    Any other id would make a stranger of a resource that is known, and take that for deleted.
    """
    if entity_type.arm_type is None or not isinstance(entity_type.key, str):
        return True
    above = _ABOVE.fullmatch(key)
    if above is not None:
        return entity_type.arm_type == _GROUPS and above["group"] is not None
    return key.startswith("/")
