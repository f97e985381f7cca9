"""Entra's roles that somebody has for a time (Privileged Identity Management): until when, and whether taken up.

The assignment itself is in the list of role assignments too, without its end. Microsoft Graph tells an instance for
every assignment; those for ever that nobody took up say nothing more, and are left out. So where the list was read
whole, an assignment without one is held for good, also by somebody who may take the same role up.
Sources: https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignmentscheduleinstances and
https://learn.microsoft.com/graph/api/resources/unifiedroleassignmentscheduleinstance
"""

from __future__ import annotations

from loader.model import EntityType, Graph, Service, date, outgoing, text
from loader.services.shared.directory_links import for_a_time, id_under

SCHEDULE = EntityType(
    type="azure_ad_role_assignment_schedule",
    ids=("opaque",),
    resource="Directory Role Assignment Schedule",
    classes=("AccessPolicy",),
    documentation="https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignmentscheduleinstances",
    fetch=Graph(
        builder="role_management.directory.role_assignment_schedule_instances",
        # One of those that the page names, and the one that the assignments take anyway.
        permission="RoleManagement.Read.Directory",
    ),
    keep=for_a_time,
    # The id is the assignment's.
    key=id_under("role-assignment-schedule"),
    name="id",
    properties=(
        text("assignmentId", "roleAssignmentOriginId", "the assignment, in its own list"),
        text("principalId", "principalId", "object id of who has the role"),
        text("roleDefinitionId", "roleDefinitionId", "the role"),
        text("directoryScopeId", "directoryScopeId", '"/" is the whole tenant, "/administrativeUnits/…" a part'),
        text("assignmentType", "assignmentType", "Activated for one that was taken up, or Assigned"),
        text("memberType", "memberType", "Direct, Inherited, or through a Group"),
        date("startsOn", "startDateTime", "since when"),
        date("endsOn", "endDateTime", "until when"),
    ),
    relationships=(
        outgoing("IS", "azure_ad_role_assignment", "roleAssignmentOriginId", "the assignment, in its own list"),
    ),
)

SERVICE = Service(name="Directory role assignment schedules", entity_types=(SCHEDULE,))
