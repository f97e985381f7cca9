"""Roles of Azure that somebody has for a time (Privileged Identity Management): until when, and whether taken up.

The assignment itself is in the list of role assignments too, without its end. An instance is told for every
assignment in a tenant that uses it; those for ever that nobody took up say nothing more, and are left out.
"""

from __future__ import annotations

from loader.model import Arm, At, EntityType, Json, Service, date, outgoing, text
from loader.services.identity.authorization import used_role
from loader.services.shared.directory_links import for_a_time
from loader.services.shared.wire import part


def _for_a_time(answer: Json) -> bool:
    """Azure Resource Manager tells in `properties` what Microsoft Graph tells of the directory's roles."""
    return for_a_time(part(answer, "properties"))


SCHEDULE = EntityType(
    type="azure_role_assignment_schedule",
    resource="Role Assignment Schedule",
    classes=("AccessPolicy",),
    arm_type="Microsoft.Authorization/roleAssignmentScheduleInstances",
    documentation="https://learn.microsoft.com/rest/api/authorization/role-assignment-schedule-instances/list-for-scope",
    fetch=Arm(
        client="azure.mgmt.authorization.aio:AuthorizationManagementClient",
        operation="role_assignment_schedule_instances.list_for_scope",
        permission="Microsoft.Authorization/roleAssignmentScheduleInstances/read",
        args=(At("id"),),
        parent="azure_subscription",
    ),
    keep=_for_a_time,
    properties=(
        text("scope", "properties.scope", "where the role holds"),
        text("roleDefinitionId", used_role, "the role, by its id in the tenant"),
        text("principalId", "properties.principalId", "object id of who has it"),
        text("principalType", "properties.principalType", "what that is"),
        text("assignmentType", "properties.assignmentType", "Activated for one that was taken up, or Assigned"),
        text("memberType", "properties.memberType", "Direct, Inherited from above, or through a Group"),
        text("eligibilityId", "properties.linkedRoleEligibilityScheduleInstanceId", "name of what was taken up"),
        date("startsOn", "properties.startDateTime", "since when"),
        date("endsOn", "properties.endDateTime", "until when"),
    ),
    relationships=(
        outgoing("IS", "azure_role_assignment", "properties.originRoleAssignmentId", "the assignment, in its own list"),
    ),
)

SERVICE = Service(name="Role assignment schedules", entity_types=(SCHEDULE,))
