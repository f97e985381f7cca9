"""Locks against deleting or changing a subscription, a resource group or a resource."""

from __future__ import annotations

import re

from loader.model import ANY_SCOPE, Arm, EntityType, Json, Service, outgoing, text, texts

_LOCK = re.compile(r"/providers/Microsoft\.Authorization/locks/[^/]+$", re.IGNORECASE)


def locked_scope(answer: Json) -> str | None:
    """What the lock holds: its id without its own part."""
    identity = str(answer.get("id") or "")
    scope = _LOCK.sub("", identity)
    return scope if scope != identity else None


RESOURCE_LOCK = EntityType(
    type="azure_resource_lock",
    resource="Resource Lock",
    classes=("Rule",),
    arm_type="Microsoft.Authorization/locks",
    documentation="https://learn.microsoft.com/rest/api/resources/management-locks/list-at-subscription-level",
    # At subscription level the list has the locks of all groups and resources below as well: one call, not one a group.
    fetch=Arm(
        client="azure.mgmt.resource.locks.aio:ManagementLockClient",
        operation="management_locks.list_at_subscription_level",
        permission="Microsoft.Authorization/locks/read",
    ),
    properties=(
        text("level", "properties.level", "CanNotDelete or ReadOnly"),
        text("notes", "properties.notes", "why it was set"),
        text("scope", locked_scope, "what it holds"),
        texts("owners", "properties.owners[].applicationId", "the applications that own it"),
    ),
    relationships=(outgoing("HAS", ANY_SCOPE, locked_scope, "what it holds"),),
)

SERVICE = Service(name="Resource locks", entity_types=(RESOURCE_LOCK,))
