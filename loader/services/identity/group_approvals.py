"""Who has to agree before membership or ownership of a group is taken up (Privileged Identity Management for groups).

Each group has a policy for its members and one for its owners. Asked are the groups that somebody may join so; kept are
the policies that ask for an approval. Where one does and the graph has none, its step tells why.
Sources: https://learn.microsoft.com/graph/api/policyroot-list-rolemanagementpolicyassignments and
https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementpolicyassignment
"""

from __future__ import annotations

from loader.model import EntityType, Graph, Json, Service, outgoing, text
from loader.services.shared.approvals import approval_required, approvers


def _group(eligibility: Json) -> list[str]:
    """Which group an eligibility is about."""
    identity = eligibility.get("groupId")
    return [str(identity)] if identity else []


APPROVAL = EntityType(
    type="azure_group_approval",
    ids=("opaque",),
    resource="Group Approval",
    classes=("ControlPolicy",),
    documentation="https://learn.microsoft.com/graph/api/policyroot-list-rolemanagementpolicyassignments",
    fetch=Graph(
        builder="policies.role_management_policy_assignments",
        permission="RoleManagementPolicy.Read.AzureADGroup",
        filter="scopeId eq '{@each}' and scopeType eq 'Group'",
        expand=("policy($expand=rules)",),
        parent="azure_group_eligibility",
        each=_group,
    ),
    keep=lambda answer: approval_required(answer) is True,
    name="id",
    properties=(
        text("groupId", "scopeId", "the group"),
        text("accessId", "roleDefinitionId", "what is taken up: member or owner", values=("member", "owner")),
        text("policyId", "policyId", "the policy's own id"),
    ),
    relationships=(
        outgoing("APPLIES_TO", "azure_user_group", "scopeId", "the group"),
        approvers(),
    ),
)

SERVICE = Service(name="Group approvals", entity_types=(APPROVAL,))
