"""Which sort of groups a role adds members to: security groups, or groups of Microsoft 365.

Teams, SharePoint and Exchange administrators change groups of Microsoft 365 alone, Intune's security groups alone
(https://learn.microsoft.com/graph/api/group-post-members#permissions). Of a group that takes mail and is none of
Microsoft 365 Exchange decides, so that it counts with those.
"""

from __future__ import annotations

from collections.abc import Collection

SECURITY, UNIFIED = "add-members-of-security-groups", "add-members-of-unified-groups"


def of_others_alone(capabilities: Collection[str], *, mail: bool) -> bool:
    """Whether these capabilities are about the other sort of groups alone. mail: the group takes mail."""
    own, other = (UNIFIED, SECURITY) if mail else (SECURITY, UNIFIED)
    return other in capabilities and own not in capabilities
