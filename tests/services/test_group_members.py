"""How the members of groups are asked for, so that the list is as whole as Microsoft Graph can make it."""

from __future__ import annotations

from loader.model import Graph
from loader.services.identity.entra_groups import GROUP


def test_lists_below_groups_are_asked_as_advanced_queries() -> None:
    """https://learn.microsoft.com/graph/aad-advanced-queries: options and casts of these lists need it."""
    calls = {detail.name: detail.call for detail in GROUP.details if not detail.by}
    assert calls.keys() == {"members", "servicePrincipals", "owners"}
    assert all(isinstance(call, Graph) and call.advanced for call in calls.values())
