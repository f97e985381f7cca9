"""How the members of groups are asked for, so that the list is as whole as Microsoft Graph can make it."""

from __future__ import annotations

import pytest

from loader.mapping import build_record
from loader.model import Graph, Outcome, Status
from loader.services.identity.entra_groups import GROUP, GROUP_MEMBER
from loader.shapes import Missing


def test_lists_below_groups_are_asked_as_advanced_queries() -> None:
    """https://learn.microsoft.com/graph/aad-advanced-queries: options and casts of these lists need it."""
    calls = {detail.name: detail.call for detail in GROUP.details if not detail.by}
    assert calls.keys() == {"members", "servicePrincipals", "owners"}
    assert all(isinstance(call, Graph) and call.advanced for call in calls.values())


@pytest.mark.parametrize(
    ("sort", "kind"),
    [
        ("user", "azure_user"),
        ("agentUser", "azure_user"),
        ("agentIdentity", "azure_service_principal"),
        ("agentIdentityBlueprintPrincipal", "azure_service_principal"),
        ("device", "azure_group_member"),
    ],
)
def test_agents_are_the_users_and_service_principals_that_they_are_listed_as(sort: str, kind: str) -> None:
    """https://learn.microsoft.com/graph/api/resources/agentidentity: it inherits from servicePrincipal."""
    member = {"@odata.type": f"#microsoft.graph.{sort}", "id": "m"}
    group = build_record(GROUP, {"id": "g", "members": [member]})
    assert group is not None
    assert [link.target.type for link in group.links if link.target.key == "m"] == [kind]
    assert GROUP_MEMBER.keep is not None
    assert GROUP_MEMBER.keep(member) == (kind == GROUP_MEMBER.type)


def test_that_service_principals_are_not_told_hides_no_user() -> None:
    users = {"value": [{"@odata.type": "#microsoft.graph.user", "id": "u"}]}
    refused = Missing(Outcome(Status.FAILED, "Refused."))
    group = build_record(GROUP, {"id": "g", "members": [], "$members": users, "$servicePrincipals": refused})
    assert group is not None
    assert [link.target.type for link in group.links if link.target.key == "u"] == ["azure_user"]
    assert "HAS" in group.unknown_verbs, "what is stored of service principals in it stays"
