"""What a role lets its holder do to one kind of resource, less what deny assignments take away.

A role's `capabilities` say what it gives somewhere; on a storage account nobody runs code on a machine, whatever his
role. So at a resource only those actions of a capability count that are about resources of its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from loader.access.capability import Action
from loader.access.matching import Block, allows

# Parts of resources on which roles are given, while the actions on their contents name the whole alone: entities of
# Service Bus and Event Hubs, namespaces of clusters, where who writes or enters a pod runs code. Jobs of Batch run
# in the account's pools.
# https://learn.microsoft.com/azure/service-bus-messaging/service-bus-managed-service-identity#resource-scope
# https://learn.microsoft.com/azure/event-hubs/authorize-access-azure-active-directory#resource-scope
# https://learn.microsoft.com/azure/batch/batch-role-based-access-control
# https://learn.microsoft.com/azure/aks/manage-azure-rbac#create-role-assignments-for-users-to-access-the-cluster
_NAMED_BY_THE_WHOLE = {
    "microsoft.servicebus/namespaces/queues": "microsoft.servicebus/namespaces/messages/",
    "microsoft.servicebus/namespaces/topics": "microsoft.servicebus/namespaces/messages/",
    "microsoft.servicebus/namespaces/topics/subscriptions": "microsoft.servicebus/namespaces/messages/",
    "microsoft.eventhub/namespaces/eventhubs": "microsoft.eventhub/namespaces/messages/",
    "microsoft.eventhub/namespaces/eventhubs/consumergroups": "microsoft.eventhub/namespaces/messages/",
    "microsoft.batch/batchaccounts/pools": "microsoft.batch/batchaccounts/jobs/",
    "microsoft.containerservice/managedclusters/namespaces": "microsoft.containerservice/managedclusters/pods/",
}
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
    within = _NAMED_BY_THE_WHOLE.get(arm_type)
    named = (f"{arm_type}/", *_ANY_TYPE, *((within,) if within else ()))
    return [(action, data) for action, data in actions if action.lower().startswith(named)]


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
