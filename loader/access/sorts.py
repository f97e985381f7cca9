"""To which sort of things a role is given what it lets its holder do: some are for one sort alone.

Teams and SharePoint administrators change groups of Microsoft 365 alone, Intune's security groups alone
(https://learn.microsoft.com/graph/api/group-post-members#permissions). A group that takes mail and is none of Microsoft
365 is changed in Exchange, and through Microsoft Graph by nobody
(https://learn.microsoft.com/entra/fundamentals/how-to-manage-groups). A custom role may be for applications alone that
only accounts of this directory sign in to (`applications.myOrganization`:
https://learn.microsoft.com/entra/identity/role-based-access-control/custom-available-permissions).

A capability that names no sort, as of an owner, is for each.
"""

from __future__ import annotations

from collections.abc import Collection

SECURITY, UNIFIED = "add-members-of-security-groups", "add-members-of-unified-groups"
EXCHANGE = "add-members-of-exchange-groups"
GROUPS = frozenset({SECURITY, UNIFIED, EXCHANGE})
# Cypher: the sort of a group, a node.
SORT_OF_GROUP = (
    f"CASE WHEN 'Unified' IN coalesce({{group}}.groupTypes, []) THEN '{UNIFIED}' "
    f"WHEN coalesce({{group}}.mailEnabled, false) THEN '{EXCHANGE}' ELSE '{SECURITY}' END"
)
# The `signInAudience` of an application that only accounts of its own directory sign in to.
OWN_DIRECTORY = "AzureADMyOrg"
CREDENTIALS, OWNERS = "add-credentials", "add-owners"
_SINGLE, _MULTI = "-of-single-tenant-applications", "-of-multitenant-applications"


def of_application(capability: str, *, single: bool) -> str:
    """The sort of a capability over applications. single: of those of one tenant."""
    return capability + (_SINGLE if single else _MULTI)


_ALL = (GROUPS, *(frozenset({f"{one}{_SINGLE}", f"{one}{_MULTI}"}) for one in (CREDENTIALS, OWNERS)))


def of_others_alone(capabilities: Collection[str], sort: str) -> bool:
    """Whether these capabilities are about the other sorts of the same things alone."""
    others = next(one for one in _ALL if sort in one) - {sort}
    return sort not in capabilities and any(one in capabilities for one in others)
