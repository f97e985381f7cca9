"""Who has to agree before a role of Azure is taken up (Privileged Identity Management for Azure resources).

Each scope has a policy for every role there is, and none is inherited. Asked are the scopes at which somebody may take
up a role; kept are the policies that ask for an approval. Where one does and the graph has none, its step tells why.
Source: https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-resource-roles-configure-role-settings
"""

from __future__ import annotations

from collections.abc import Iterable

from loader.model import ANY_SCOPE, Arm, At, EntityType, Json, Link, Service, Target, incoming, links, outgoing, text
from loader.services.identity.authorization import assigned_scope, used_role
from loader.services.shared.wire import first_with, is_on, part, parts

_APPROVERS = {"user": "azure_user", "group": "azure_user_group"}


def _setting(answer: Json) -> Json:
    return part(
        first_with("id", "Approval_EndUser_Assignment", parts(answer, "properties", "effectiveRules")), "setting"
    )


def asks_for_approval(answer: Json) -> bool:
    """Whether its rule for those who take the role up asks for an approval."""
    return is_on(_setting(answer), "isApprovalRequired")


def _approves(answer: Json) -> Iterable[Link]:
    """The users and groups that approve, in any stage."""
    for stage in parts(_setting(answer), "approvalStages"):
        for one in parts(stage, "primaryApprovers"):
            kind = _APPROVERS.get(str(one.get("userType")).lower())
            if one.get("id") and kind:
                yield Link("USES", Target(str(one["id"]).lower(), kind, {"id": str(one["id"])}))


def scopes(eligibility: Json) -> list[str]:
    """Where an eligibility would hold."""
    scope = part(eligibility, "properties").get("scope")
    return [str(scope)] if scope else []


APPROVAL = EntityType(
    type="azure_role_approval",
    resource="Role Approval",
    classes=("ControlPolicy",),
    arm_type="Microsoft.Authorization/roleManagementPolicyAssignment",
    documentation="https://learn.microsoft.com/rest/api/authorization/role-management-policy-assignments/list-for-scope",
    fetch=Arm(
        client="azure.mgmt.authorization.aio:AuthorizationManagementClient",
        operation="role_management_policy_assignments.list_for_scope",
        permission="Microsoft.Authorization/roleManagementPolicyAssignments/read",
        args=(At("@each"),),
        parent="azure_role_eligibility",
        each=scopes,
    ),
    keep=asks_for_approval,
    properties=(
        text("scope", "properties.scope", "where it counts; not below"),
        text("roleDefinitionId", used_role, "the role, by its id in the tenant"),
        text("policyId", "properties.policyId", "the policy's own id"),
    ),
    relationships=(
        incoming("HAS", "azure_role_definition", used_role, "the role that it is about"),
        outgoing("APPLIES_TO", ANY_SCOPE, assigned_scope, "where it counts"),
        links("USES", tuple(_APPROVERS.values()), _approves, "who has to agree"),
    ),
)

SERVICE = Service(name="Role approvals", entity_types=(APPROVAL,))
