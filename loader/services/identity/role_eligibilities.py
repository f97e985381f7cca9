"""Roles of Azure that may be taken up for a time (Privileged Identity Management for Azure resources)."""

from __future__ import annotations

from loader.model import ANY_SCOPE, Arm, At, EntityType, Service, date, links, outgoing, text
from loader.services.identity.authorization import PRINCIPALS, UNKNOWN_KIND, assigned, assigned_scope, used_role

ELIGIBILITY = EntityType(
    type="azure_role_eligibility",
    resource="Role Eligibility",
    classes=("AccessPolicy",),
    arm_type="Microsoft.Authorization/roleEligibilityScheduleInstances",
    documentation="https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-instances/list-for-scope",
    fetch=Arm(
        client="azure.mgmt.authorization.aio:AuthorizationManagementClient",
        operation="role_eligibility_schedule_instances.list_for_scope",
        permission="Microsoft.Authorization/roleEligibilityScheduleInstances/read",
        args=(At("id"),),
        parent="azure_subscription",
    ),
    properties=(
        text("scope", "properties.scope", "where the role would hold"),
        text("roleDefinitionId", used_role, "the role, by its id in the tenant"),
        text("principalId", "properties.principalId", "object id of who may take it up"),
        text("principalType", "properties.principalType", "what that is"),
        text("memberType", "properties.memberType", "Direct, Inherited from above, or through a Group"),
        text("condition", "properties.condition", "what has to be true for it to hold"),
        date("startsOn", "properties.startDateTime", "from when on it may be taken up"),
        date("endsOn", "properties.endDateTime", "until when; nothing is for ever"),
    ),
    relationships=(
        outgoing("USES", "azure_role_definition", used_role, "the role"),
        outgoing("ALLOWS", ANY_SCOPE, assigned_scope, "where it would hold"),
        links("ASSIGNED", (*PRINCIPALS.values(), UNKNOWN_KIND), assigned, "who may take it up"),
    ),
)

SERVICE = Service(name="Role eligibilities", entity_types=(ELIGIBILITY,))
