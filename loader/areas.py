"""Areas: what a step is taken in. A subscription's area is its id; those of a tenant carry the tenant.

`tenant:<id>` is what a directory has once; `shared:<id>` is what several subscriptions of it list and none owns. So
several tenants live in one graph, and nothing that is read of one is taken for the other's.
"""

from __future__ import annotations

TENANT, SHARED = "tenant", "shared"
# The step that says of a subscription whether the configuration leaves it out.
LEFT_OUT = "left-out"


# In Cypher, the tenant of a node that was read for a tenant, by the area in its scope; `node` is its variable.
TENANT_OF = "split(split({node}._scope, '|')[1], ':')[1]"


def stored_area(area: str, tenant: str | None) -> str:
    """The area as the graph stores it: `tenant` and `shared` with the tenant's id; without one (a file) as they are."""
    return f"{area}:{tenant}" if tenant and area in (TENANT, SHARED) else area


def is_subscription(area: str) -> bool:
    """Whether the area is a subscription's."""
    return area.partition(":")[0] not in (TENANT, SHARED)


def is_tenant(area: str) -> bool:
    """Whether the area is what a directory has once."""
    return area.partition(":")[0] == TENANT


def tenant_in(area: str) -> str:
    """The tenant that the area carries; empty for a subscription's, and for what is no tenant's (a file of people)."""
    return "" if is_subscription(area) else area.partition(":")[2]
